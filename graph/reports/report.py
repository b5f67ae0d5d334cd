"""Report of an incident, which an on-call engineer reads first: a function of the journal alone."""

from collections.abc import Iterator

from graph.reports import (
    account,
    document,
    durations,
    failure,
    narrative,
    prose,
    rounds,
    seen,
    spending,
    steering,
    summary,
    suspects,
)
from graph.reports import journal_reader as journal
from graph.reports.document import Code, Heading, Items, Table
from graph.reports.vocabulary import sentence
from incident.decision import Alternative
from incident.ending import Outcome
from incident.record import Closed, Gathered, Proposed, Received, Record
from incident.remedy import Patch
from tools import ports, program

SECTIONS = {
    "Proof": ("patch", "remedy", "proof", "review"),
    "Gates": ("gate",),
    "Canary": ("canary", "verify"),
    "Effects": ("effect",),
    "People": ("person", "told"),
}
"""Headings, with the labels of the lines under each."""


def write(folder: ports.RecordFolder) -> None:
    """Write ``report.md`` and, when a patch was proposed, ``patch.diff``."""
    records = journal.load(folder.lines())
    patch = _patch(records)
    if patch is not None:
        folder.write("patch.diff", patch.diff.encode())
    folder.write("report.md", render(records).encode())


def render(records: tuple[Record, ...]) -> str:
    """Return the report as Markdown."""
    return document.markdown(_blocks(records))


def headline(records: tuple[Record, ...]) -> str:
    """Return one sentence: the ending, the world, the running versions, and what main still lacks."""
    received, closed = journal.last(records, Received), journal.last(records, Closed)
    world = received.world if received else "an unknown world"
    if closed is None:
        return f"In progress in {world}"
    text = f"{closed.ending.outcome.value.capitalize()} in {world}: {_service(records)}"
    if closed.running:
        text += f" runs {closed.running}"
    return "; ".join((text, *summary.left(records))) if closed.ending.outcome is Outcome.HEALED else text


def _blocks(records: tuple[Record, ...]) -> Iterator[document.Block]:
    yield Heading(1, headline(records))
    yield Table(("", ""), tuple(_facts(records)))
    yield durations.table(records)
    yield from _ending(records)
    yield from seen.blocks(records)
    yield from rounds.blocks(records)
    yield from suspects.blocks(records)
    yield from steering.blocks(records)
    yield from failure.blocks(records)
    if (patch := _patch(records)) is not None:
        yield Heading(2, "Remedy")
        yield Code("diff", patch.diff.rstrip())
    for title, labels in SECTIONS.items():
        if lines := tuple(_lines(records, labels)):
            yield Heading(2, title)
            yield Items("", lines)
            if title == "Gates" and (risk := journal.decision(records, "risk.assess")) is not None:
                yield account.factors(risk.factors, "risk")
    yield from _alternatives(records)
    yield from spending.blocks(records)
    if journal.last(records, Closed) is not None:
        yield Heading(2, "Next")
        explain = f"why each decision: {program.called('explain')} {records[0].incident}"
        yield Items("", (*summary.left(records), explain))


def _ending(records: tuple[Record, ...]) -> Iterator[document.Block]:
    closed = journal.last(records, Closed)
    if closed is not None:
        yield Heading(2, "Ending")
        yield from closed.ending.lines or (closed.ending.reason,)


def _alternatives(records: tuple[Record, ...]) -> Iterator[document.Block]:
    """The remedies that were not chosen, each time that they were ranked, and what was true then."""
    ranked = [(record, one) for record, one in journal.decisions(records, "remedies.rank") if one.alternatives]
    if ranked:
        yield Heading(2, "Considered and not done")
    for record, decision in ranked:
        yield Items(
            f"at {record.at:%H:%M:%S}, when {decision.choice} was chosen",
            # A person is asked in the end whenever nothing else is left, so that is no alternative.
            tuple(_why_not(item) for item in decision.alternatives if item.name != "ask_human"),
        )


def _why_not(item: Alternative) -> str:
    # What was chosen may have failed since, so why it came first is not told again.
    late = item.why_not.code == "another_comes_first"
    return f"{item.name}: {'another one came first' if late else sentence(item.why_not)}"


def _facts(records: tuple[Record, ...]) -> Iterator[tuple[str, str]]:
    received, closed = journal.last(records, Received), journal.last(records, Closed)
    if received is None:
        return
    alert = received.payload.alerts[0]
    yield "incident", records[0].incident
    yield "alert", prose.shown(f"{alert.name} since {alert.starts_at.isoformat()}: {narrative.labelled(alert)}")
    yield "world", received.world
    yield "ending", f"**{closed.ending.outcome.value}**: {closed.ending.stopped}" if closed else "in progress"
    yield "autonomy", received.autonomy
    yield "model", received.model


def _lines(records: tuple[Record, ...], labels: tuple[str, ...]) -> Iterator[str]:
    """Yield the narrative's lines of these labels; a look that holds like the one before is left out."""
    before = ""
    for record in records:
        for line in narrative.lines(record):
            # A canary holds for hundreds of looks; the first of a row says what the others repeat.
            repeated = line.tone == "quiet" and f"{line.label} {line.head}" == before
            before = f"{line.label} {line.head}" if line.label in labels else before
            if line.label in labels and not repeated:
                yield f"{record.at:%H:%M:%S} {line.label} {line.said}"


def _service(records: tuple[Record, ...]) -> str:
    gathered, received = journal.last(records, Gathered), journal.last(records, Received)
    if gathered is not None:
        return gathered.dossier.service
    labels = received.payload.alerts[0].labels if received else {}
    return labels.get("service") or labels.get("job") or "a service"


def _patch(records: tuple[Record, ...]) -> Patch | None:
    proposed = journal.last(records, Proposed)
    return proposed.remedy if proposed is not None and isinstance(proposed.remedy, Patch) else None
