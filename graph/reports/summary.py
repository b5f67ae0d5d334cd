"""Summary of an incident: the first paragraph of its account, and the tasks that are left.  Pure."""

from collections.abc import Iterator
from datetime import UTC

from graph.reports import conclusion, found, recorded_changes
from graph.reports import journal_reader as journal
from graph.reports.narrative import labelled, remedied
from graph.reports.prose import capitalised, shown, total
from graph.reports.vocabulary import sentence
from incident.ending import Outcome
from incident.evidence import Dossier, ErrorGroup, Signals
from incident.record import Closed, Controlled, Gathered, Proposed, Proved, Received, Record

ENDINGS = {
    Outcome.HEALED: "It is healed",
    Outcome.NO_ACTION: "It ended without an action",
    Outcome.ROLLED_BACK: "The change was taken back",
    Outcome.REJECTED: "The change was refused",
    Outcome.ESCALATED: "A person is needed",
    Outcome.WAITING: "It waits for a person",
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
    at = alert.starts_at.astimezone(UTC)
    yield shown(f"on {at:%A %d %B %Y at %H:%M:%S} UTC the alert {alert.name} fired ({labelled(alert)})")
    if gathered is not None:
        yield from _symptoms(gathered.dossier)


def _symptoms(dossier: Dossier) -> Iterator[str]:
    after = [
        fact
        for fact in (item.fact for item in dossier.evidence)
        if isinstance(fact, Signals) and fact.start >= dossier.onset and fact.requests
    ]
    if after:
        last = after[-1]
        yield f"since {dossier.onset:%H:%M:%S} {last.error_rate:.1%} of {last.requests} requests of {last.service} failed"
    groups = [fact for fact in (item.fact for item in dossier.evidence) if isinstance(fact, ErrorGroup)]
    worst = max(groups, key=lambda group: group.count, default=None)
    if worst is not None:
        at = worst.signature
        yield f"most often with {at.exception} at {at.path}:{at.line} in {at.function} on {at.route} ({worst.count} times)"


def _decided(records: tuple[Record, ...]) -> Iterator[str]:
    closed = journal.last(records, Closed)
    if journal.last(records, Gathered) is not None:
        believed = journal.decision(records, "evidence_gate.judge")
        sure = f", with a computed confidence of {total(believed.factors)}" if believed else ""
        yield f"{found.cause(records, closed.ending.outcome if closed else Outcome.ESCALATED)}{sure}"
    yield from recorded_changes.sentences(records)
    proposed = journal.last(records, Proposed)
    if proposed is not None:
        yield f"the proposal was to {remedied(proposed.remedy)}"
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
    yield f"{ENDINGS[closed.ending.outcome]}: {closed.ending.stopped}"
    if closed.running:
        yield f"now runs: {closed.running}"


def left(records: tuple[Record, ...]) -> tuple[str, ...]:
    """Return the next step for people, with its command, as the ending has it; nothing where none is asked of them."""
    closed, gathered = journal.last(records, Closed), journal.last(records, Gathered)
    if closed is None or not records or closed.ending.outcome is Outcome.NO_ACTION:
        return ()
    if closed.ending.lines:
        return (closed.ending.lines[-1].removeprefix(conclusion.NEXT).removesuffix("."),)
    # An older record's ending has none.
    service = gathered.dossier.service if gathered else "the service"
    return (conclusion.step(records, records[0].incident, service, closed.ending.outcome),)
