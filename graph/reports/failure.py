"""The failure for the report: the traceback with its chained exceptions, one failing request, recorded changes.  Pure."""

from collections.abc import Iterator

from graph.reports import found, recorded_changes, searched
from graph.reports import journal_reader as journal
from graph.reports.document import Block, Code, Heading, Items, Table
from graph.reports.prose import capitalised, shown
from incident.diagnosis import CodeCause, Hypothesis
from incident.evidence import Dossier, ErrorGroup, Traits
from incident.record import Gathered, Record
from incident.stacks import Frame
from incident.unplaced import UnplacedErrors
from policies.diagnosis import support

FRAMES = 16
"""Innermost frames that are shown of one traceback."""

BETWEEN = {
    "cause": "The above exception was the direct cause of the following exception:",
    "context": "During handling of the above exception, another exception occurred:",
    "suppressed": "The above exception was suppressed by the following exception:",
    "member": "The above exception is one of the following group:",
}
"""Words between two tracebacks; the first two are Python's own."""

UNPLACED = "errors without a place in the service's source"


def blocks(records: tuple[Record, ...]) -> Iterator[Block]:
    """Yield what failed, and what was changed."""
    gathered = journal.last(records, Gathered)
    if gathered is None:
        return
    leading = searched.leading(records)
    # Where a cause leads, its own service's failure is shown, whatever was looked at later.
    dossier = leading[1] if leading else gathered.dossier
    yield from _traceback(leading[0] if leading else None, dossier)
    yield from _request(dossier)
    yield from _changes(records)


def _traceback(leading: Hypothesis | None, dossier: Dossier) -> Iterator[Block]:
    groups = [item.fact for item in dossier.evidence if isinstance(item.fact, ErrorGroup)]
    if leading is not None and isinstance(cause := leading.cause, CodeCause):
        groups = [group for group in groups if support.blames(group, cause.path, cause.function)] or groups
    worst = max(groups, key=lambda group: group.count, default=None)
    others = tuple(unplaced(item.fact) for item in dossier.evidence if isinstance(item.fact, UnplacedErrors))
    if worst is None and not others:
        return
    yield Heading(2, "Error")
    if worst is not None:
        at = worst.signature
        yield (
            f"{at.exception} raised in {at.function} ({at.path}:{at.line}) on {at.route}: {worst.count} times, "
            f"by {recorded_changes.listed(worst.versions)}"
        )
        # Code is not stripped of markup by the document, and a workload wrote this.
        yield Code("text", "\n".join(_stacks(worst)))
    yield Items(UNPLACED, others)


def unplaced(group: UnplacedErrors) -> str:
    """Return a group of errors that no frame of the service's source tells of, with where a library raised them."""
    at = group.unplaced
    where = f"in {at.function} ({at.file})" if at.file else "without a stack"
    return (
        f"{at.exception} {where} on {at.route}: {group.count} times, by {recorded_changes.listed(group.versions)}: "
        f"{group.message}"
    )


def _stacks(group: ErrorGroup) -> Iterator[str]:
    for item in reversed(group.chain):
        yield from _stack(item.frames, item.exception, item.message)
        yield from ("", BETWEEN[item.relation], "")
    yield from _stack(group.frames, group.signature.exception, group.message)


def _stack(frames: tuple[Frame, ...], exception: str, message: str) -> Iterator[str]:
    yield "Traceback (most recent call last):"
    for frame in frames[-FRAMES:]:
        yield f'  File "{shown(frame.path, 200)}", line {frame.line}, in {shown(frame.function, 100)}'
        if frame.code:
            yield f"    {shown(frame.code, 200)}"
    yield shown(f"{exception}: {message}", 400)


def _request(dossier: Dossier) -> Iterator[Block]:
    kinds = [item.fact for item in dossier.evidence if isinstance(item.fact, Traits)]
    worst = max(kinds, key=lambda kind: kind.failing, default=None)
    if worst is None:
        return
    yield Heading(2, "Failing request")
    apart = ", ".join(worst.traits) or "nothing that was compared"
    yield f"{worst.route}: {apart} sets {worst.failing} failing apart from {worst.healthy} healthy requests"
    yield Items("shape of one failing request", worst.shape)


def _changes(records: tuple[Record, ...]) -> Iterator[Block]:
    asked = recorded_changes.searches(records)
    if not asked:
        return
    leading = found.leading(records)
    yield Heading(2, "Changes")
    rows = tuple(
        (
            recorded_changes.moment(change.at),
            recorded_changes.changed(change),
            "blamed" if leading is not None and support.supports(leading, change) else "not blamed",
            change.actor,
        )
        for change in recorded_changes.changes(records)
    )
    yield Table(("at (UTC)", "change", "by the leading hypothesis", "made by"), rows)
    for change in recorded_changes.changes(records):
        # Their patches are in the record, for whoever wants to read them.
        yield Items(f"commits of {change.service} {change.version}", change.commits)
    yield Items("asked", tuple(map(capitalised, recorded_changes.sentences(records))))
