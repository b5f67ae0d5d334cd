"""Summary of an incident: the first paragraph of its account, and the tasks that are left.  Pure."""

from collections.abc import Iterator
from datetime import UTC

from graph.reports import journal_reader as journal
from graph.reports.narrative import hypotheses, place, remedied
from graph.reports.prose import answering, capitalised, total
from graph.reports.vocabulary import sentence
from incident.ending import Outcome
from incident.evidence import Dossier, ErrorGroup, Signals
from incident.record import Acted, Closed, Controlled, Gathered, Intended, Proposed, Proved, Received, Record
from incident.remedy import Patch, RollBack
from tools import program

ENDINGS = {
    Outcome.HEALED: "It is healed",
    Outcome.NO_ACTION: "Nothing was done",
    Outcome.ROLLED_BACK: "The change was taken back",
    Outcome.REJECTED: "The change was refused, and nothing was touched",
    Outcome.ESCALATED: "A person is needed",
    Outcome.WAITING: "It waits for a person, and nothing is in flight",
}


def paragraph(records: tuple[Record, ...]) -> str:
    """Return a few sentences for a reader who knows nothing yet: events, decisions, running versions, ending."""
    said = (*_happened(records), *_decided(records), *_tried(records), *_people(records), *_ended(records))
    return " ".join(map(capitalised, said))


def _happened(records: tuple[Record, ...]) -> Iterator[str]:
    received, gathered = journal.last(records, Received), journal.last(records, Gathered)
    if received is None:
        return
    alert = received.payload.alerts[0]
    service = gathered.dossier.service if gathered else alert.labels.get("service", "a service")
    at = alert.starts_at.astimezone(UTC)
    yield f"on {at:%A %d %B %Y at %H:%M:%S} UTC the alert {alert.name} fired about {service}"
    if gathered is not None:
        yield from _symptoms(gathered.dossier)


def _symptoms(dossier: Dossier) -> Iterator[str]:
    after = [
        fact
        for fact in (item.fact for item in dossier.evidence)
        if isinstance(fact, Signals) and fact.start >= dossier.onset and fact.requests
    ]
    if after:
        yield f"since {dossier.onset:%H:%M:%S} {after[-1].error_rate:.1%} of its {after[-1].requests} requests failed"
    groups = [fact for fact in (item.fact for item in dossier.evidence) if isinstance(fact, ErrorGroup)]
    worst = max(groups, key=lambda group: group.count, default=None)
    if worst is not None:
        at = worst.signature
        yield f"most often with {at.exception} at {at.path}:{at.line} in {at.function} on {at.route} ({worst.count} times)"


def _decided(records: tuple[Record, ...]) -> Iterator[str]:
    order = hypotheses(records)
    if order:
        believed = journal.decision(records, "evidence_gate.judge")
        sure = f", with a computed confidence of {total(believed.factors)}" if believed else ""
        yield f"the cause that was believed is {place(order[0])}{sure}"
    proposed = journal.last(records, Proposed)
    if proposed is not None:
        yield f"the remedy was to {remedied(proposed.remedy)}"
    proof, risk, opened = (
        journal.last(records, Proved),
        journal.decision(records, "risk.assess"),
        journal.decision(records, "gates.open"),
    )
    if proof is not None:
        passed = sum(check.outcome == "passed" for check in proof.proof.checks)
        yield f"{passed} of {len(proof.proof.checks)} checks of its proof passed"
    if risk is not None and opened is not None:
        verdict = {"allow": "let it through", "hold": "held it for a person", "deny": "refused it"}[opened.verdict.kind]
        why = "" if opened.verdict.kind == "allow" else f": {sentence(opened.verdict.reason)}"
        yield f"its risk was {total(risk.factors)} of 1, and the gates {verdict}{why}"


def _tried(records: tuple[Record, ...]) -> Iterator[str]:
    looks = journal.decisions(records, "canary.judge")
    if looks:
        seconds = (looks[-1][0].at - looks[0][0].at).total_seconds()
        yield f"the canary was looked at {len(looks)} times in {seconds:.0f} s; at last: {sentence(looks[-1][1].verdict.reason)}"
    readings = journal.decisions(records, "verify.judge")
    if readings:
        yield f"the alert's own condition was then read {len(readings)} times; at last: {sentence(readings[-1][1].verdict.reason)}"


def _people(records: tuple[Record, ...]) -> Iterator[str]:
    for record, event in journal.events(records, Controlled):
        why = f" ({event.reason})" if event.reason else ""
        yield f"at {record.at:%H:%M:%S} {event.by} said {event.action}{why}"


def _ended(records: tuple[Record, ...]) -> Iterator[str]:
    closed = journal.last(records, Closed)
    if closed is None:
        yield "it is not over yet"
        return
    yield f"{ENDINGS[closed.ending.outcome]}: {closed.ending.reason}"
    if closed.running:
        yield f"now runs: {closed.running}"


def _branch(records: tuple[Record, ...]) -> str:
    """Return the branch that the last patch was committed to; empty without one."""
    named = [str(event.change.get("branch", "")) for _, event in journal.events(records, Intended)]
    return next((name for name in reversed(named) if name), "")


def left(records: tuple[Record, ...]) -> tuple[str, ...]:
    """Return the tasks that are left for people, with the command where there is one."""
    closed, proposed = journal.last(records, Closed), journal.last(records, Proposed)
    if closed is None or not records:
        return ()
    incident, remedy = records[0].incident, proposed.remedy if proposed else None
    match closed.ending.outcome:
        case Outcome.HEALED if isinstance(remedy, Patch):
            branch = _branch(records) or f"suture/{incident}"
            return (f"main still has the bug: git merge {branch} in the repository of {remedy.service}",)
        case Outcome.HEALED if isinstance(remedy, RollBack):
            return (f"main still holds what {remedy.from_version} brought: mend it before the next release",)
        case Outcome.WAITING:
            return (_answer(incident, journal.asked(records)),)
        case Outcome.ESCALATED | Outcome.REJECTED | Outcome.ROLLED_BACK:
            became = {event.result for _, event in journal.events(records, Acted)}
            undone = "what was changed was taken back" if became & {"done", "found"} else "nothing was changed"
            if "unknown" in became:
                undone = "nobody knows what became of the last change"
            return (f"the cause is still there, and {undone}: mend it by hand",)
        case _:
            return ()


def _answer(incident: str, plan: str) -> str:
    if plan:
        return f"decide: {answering(incident, plan)} [--reject] [--reason TEXT]"
    return f"no approval opens this gate; {program.called('approve')} {incident} --as NAME --reject closes the incident"
