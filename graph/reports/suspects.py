"""Suspects of an incident as a table: a row for each, a column for each mechanism that says something.  Pure."""

from collections.abc import Iterator
from typing import get_args

from graph.reports import journal_reader as journal
from graph.reports.document import Block, Heading, Table
from graph.reports.vocabulary import share
from incident.record import Record
from policies.suspects import ranking
from policies.suspects.ranking import Ranked, Result
from policies.suspects.scores import Mechanism, Suspect

SHOWN = 5
"""Suspects that are shown, the first."""


def blocks(records: tuple[Record, ...]) -> Iterator[Block]:
    """Yield the last ranking of the incident; nothing where there was none."""
    decided = journal.decision(records, ranking.NAME)
    result = ranking.POLICY.read(decided) if decided is not None else None
    if result is None:
        return
    yield Heading(2, "Suspects")
    yield summary(result)
    yield table(result)


def summary(result: Result) -> str:
    """Return how many suspects there are, and how likely it is none of them."""
    count = len(result.ranked) + result.left_out
    return (
        f"{count} {'suspect' if count == 1 else 'suspects'}; weight below which healthy time accuses somebody by itself: "
        f"{share(result.bound)} nats; confidence that it is none of them: {share(result.nobody)}"
    )


def table(result: Result) -> Table:
    """Return the first suspects, with the strength of each mechanism between -1 and 1."""
    first = result.ranked[:SHOWN]
    told = [name for name in get_args(Mechanism) if any(name in one.strengths for one in first)]
    columns = ("suspect", "standing", "confidence", "weight", *(name.replace("_", " ") for name in told))
    return Table(columns, tuple(_row(one, told) for one in first))


def named(suspect: Suspect) -> str:
    """Return a suspect by its kind, its name and its service."""
    of = f" of {suspect.service}" if suspect.service and suspect.service != suspect.name else ""
    return f"{suspect.kind} {suspect.name}{of}"


def _row(one: Ranked, told: list[Mechanism]) -> tuple[str, ...]:
    strengths = (_written(one.strengths.get(name)) for name in told)
    return (named(one.suspect), one.standing, _written(one.confidence), _written(one.weight), *strengths)


def _written(ten_thousandths: int | None) -> str:
    return "" if ten_thousandths is None else f"{ten_thousandths / 10_000:.2f}"
