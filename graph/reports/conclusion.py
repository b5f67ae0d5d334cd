"""Conclusion of an incident: what was found, why it ended so, and the next step; a function of its record.  Pure."""

from collections.abc import Iterator

from graph.reports import found as findings
from graph.reports import journal_reader as journal
from graph.reports import recorded_changes
from graph.reports.narrative import remedied
from graph.reports.prose import answering, restarting, sentence_of
from graph.reports.vocabulary import sentence
from incident.decision import Decision
from incident.diagnosis import Hypothesis
from incident.ending import Ending, Outcome
from incident.record import Acted, Decided, Intended, Proposed, Received, Record
from incident.remedy import Patch, RollBack
from policies.gates import permission as gates
from policies.remedy import ranking
from tools import program

NEXT = "Next: "
"""Begin of the last line."""

LONGEST = 1_600
"""Most characters of one of the lines."""


def conclude(
    records: tuple[Record, ...], incident: str, service: str, ending: Ending, *, whole: bool = True, unread: str = ""
) -> Ending:
    """Return the ending with its three lines, computed from the record.

    `whole` is False where the record may lack effects, as after a rescue: then the reason itself says what became
    of them.  `unread` is the error with which the record could not be read.
    """
    why = ending.stopped
    told = _effects(records) if whole else ()
    found = (f"the record could not be read just now: {unread}",) if unread else _found(records, ending.outcome)
    lines = (
        _line((*found, *recorded_changes.sentences(records))),
        _line((_because(records, ending.outcome, why), *_no_remedy(records, ending.outcome), *told)),
        _line((f"{NEXT}{step(records, incident, service, ending.outcome)}",)),
    )
    return Ending(outcome=ending.outcome, reason=" ".join(lines), lines=lines, stop=why)


def _line(sentences: tuple[str, ...]) -> str:
    said = " ".join(map(sentence_of, filter(None, sentences)))
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"


def _found(records: tuple[Record, ...], outcome: Outcome) -> Iterator[str]:
    if journal.last(records, Received) is None:
        yield "of what was found nothing is recorded"
        return
    yield findings.cause(records, outcome)
    if findings.leading(records) is None:
        yield from findings.unchecked(records)
        yield from findings.struck(records)
        yield from findings.unknown(records)
        yield from findings.looked_at(records)
    else:
        yield from findings.unread(records)


def _because(records: tuple[Record, ...], outcome: Outcome, why: str) -> str:
    proposed = journal.last(records, Proposed)
    if outcome is Outcome.HEALED and proposed is not None:
        return f"healed by {remedied(proposed.remedy)}: {why}"
    return f"why: {why}"


def _no_remedy(records: tuple[Record, ...], outcome: Outcome) -> Iterator[str]:
    """Reason that each kind of remedy did not fit, where none was found."""
    leading = findings.leading(records)
    ranked = leading and _ranked(records, leading)
    if outcome is Outcome.ESCALATED and ranked and ranked.choice == "ask_human":
        tried = {"roll_back", "revert_config", "patch"}
        said = [f"{item.name}: {sentence(item.why_not)}" for item in ranked.alternatives if item.name in tried]
        yield f"no remedy fits: {'; '.join(said)}"


def _ranked(records: tuple[Record, ...], hypothesis: Hypothesis) -> Decision | None:
    """Return the last ranking of remedies for this hypothesis."""
    facts = hypothesis.model_dump(mode="json")
    found = [event.decision for _, event in journal.events(records, Decided) if event.facts.get("hypothesis") == facts]
    return next((decision for decision in reversed(found) if decision.policy == ranking.NAME), None)


def _effects(records: tuple[Record, ...]) -> Iterator[str]:
    """Changes of services by this incident, as its effects were recorded."""
    became = {event.key: event for _, event in journal.events(records, Acted)}
    # An undo that came to its end looked at the service itself, whatever became of what went before.
    ends = [record.sequence for record, event in journal.events(records, Acted) if _ends_undo(event)]
    since = max(ends, default=-1)
    targets = {
        event.key: event.target
        for record, event in journal.events(records, Intended)
        if record.sequence > since or event.key in became
    }
    services = {key: name for key, name in targets.items() if not name.startswith("suture/")}
    unknown = sorted({name for key, name in services.items() if key not in became or became[key].result == "unknown"})
    made = [key for key in services if key in became and became[key].result in ("done", "found")]
    if unknown:
        yield f"what became of this incident's last change of {recorded_changes.listed(unknown)} is not known"
    elif not made:
        yield "this incident changed no service"


def _ends_undo(event: Acted) -> bool:
    return event.result in ("done", "found") and event.detail.startswith(("undo-remove", "undo-done"))


def step(records: tuple[Record, ...], incident: str, service: str, outcome: Outcome) -> str:
    """Return the one next step, with its command."""
    explain = f"{program.called('explain')} {incident}"
    proposed = journal.last(records, Proposed)
    remedy = proposed.remedy if proposed else None
    match outcome:
        case Outcome.HEALED if isinstance(remedy, Patch):
            branch = _branch(records) or f"suture/{incident}"
            return f"main still has the bug: git merge {branch} in the repository of {remedy.service}"
        case Outcome.HEALED if isinstance(remedy, RollBack):
            return f"main still holds what {remedy.from_version} brought: mend it before the next release ({explain})"
        case Outcome.HEALED | Outcome.NO_ACTION:
            return f"nothing is asked of you; every decision: {explain}"
        case Outcome.WAITING:
            return _answer(incident, journal.asked(records))
        case Outcome.ESCALATED | Outcome.REJECTED if _switched_off(records):
            return f"take the kill switch back when it is time: {restarting()} ({explain})"
        case Outcome.ESCALATED | Outcome.REJECTED | Outcome.ROLLED_BACK:
            return f"{findings.to_look_at(records, service)} ({explain})"


def _switched_off(records: tuple[Record, ...]) -> bool:
    """True when the kill switch refused the plan."""
    opened = journal.decision(records, gates.NAME)
    return opened is not None and opened.verdict.reason.code == "kill_switch"


def _branch(records: tuple[Record, ...]) -> str:
    """Return the branch that the last patch was committed to; empty without one."""
    named = [str(event.change.get("branch", "")) for _, event in journal.events(records, Intended)]
    return next((name for name in reversed(named) if name), "")


def _answer(incident: str, plan: str) -> str:
    if plan:
        return f"decide: {answering(incident, plan)} [--reject] [--reason TEXT]"
    explain, approve = f"{program.called('explain')} {incident}", f"{program.called('approve')} {incident}"
    return f"no answer opens this gate: the proposal is yours ({explain}); close it: {approve} --as NAME --reject"
