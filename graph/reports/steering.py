"""Words that people said while an incident ran, with what became of each word, and the names that a record knows.  Pure."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from graph.reports import journal_reader as journal
from graph.reports.document import Block, Heading, Items
from incident.evidence import Change, Evidence, Neighbours, Signals
from incident.record import Decided, Gathered, Record, Steered
from incident.steering import Steering
from policies.diagnosis import search
from policies.suspects import changes, ranking
from policies.suspects.scores import Suspect

SAID = {"look": "points at", "doubt": "doubts"}


class Seen(NamedTuple):
    """Names of which a record tells."""

    services: frozenset[str]
    hosts: frozenset[str]
    changes: frozenset[tuple[str, str]]
    """Each with its service."""
    complete: bool
    """True once all services of the world are recorded."""

    def knows(self, word: Steering) -> bool:
        """True when something by the name of a word's target was seen."""
        if word.what == "change":
            return any(word.names_change(*change) for change in self.changes)
        return any(map(word.names_node, self.services | self.hosts))


def blocks(records: tuple[Record, ...]) -> Iterator[Block]:
    """Yield the words as a part of a document; nothing where nobody said anything."""
    heard = [(record, event.word) for record, event in journal.events(records, Steered)]
    if heard:
        known, looked = seen(records), {one.dossier.service for _, one in journal.events(records, Gathered)}
        yield Heading(2, "Steering")
        lines = (f"{record.at:%H:%M:%S} {said(word)}; {_fate(word, known, looked)}" for record, word in heard)
        yield Items("", tuple(dict.fromkeys(lines)))


def said(word: Steering) -> str:
    """Return a word in words: who said it, of what, and why."""
    why = f": {word.because}" if word.because else ""
    return f"{word.by} (as {word.os_user}) {SAID[word.said]} {word.target}{why}"


def _fate(word: Steering, known: Seen, looked: set[str]) -> str:
    if not known.knows(word):
        return "nothing by that name was seen"
    if word.said == "doubt":
        return "weighed"
    return "looked at" if word.root in looked else "not looked at"


def seen(records: tuple[Record, ...]) -> Seen:
    """Return the names that the record knows."""
    evidence = [item for _, event in journal.events(records, Gathered) for item in event.dossier.evidence]
    suspects = {*_suspects(records), *_changed(evidence)}
    around = [item.fact for item in evidence if isinstance(item.fact, Neighbours)]
    searched = [event.facts for _, event in journal.events(records, Decided) if event.decision.policy == search.NAME]
    known = [name for facts in searched[-1:] for name in _names(facts.get("known"))]
    return Seen(
        services=frozenset(
            (
                *known,
                *(event.dossier.service for _, event in journal.events(records, Gathered)),
                *(item.fact.service for item in evidence if isinstance(item.fact, Signals)),
                *(name for one in around for name in (*one.callers, *one.callees, *one.dependents)),
                *(one.name for one in suspects if one.kind == "service"),
            )
        ),
        hosts=frozenset(
            (
                *(name for one in around for name in one.external),
                *(one.name for one in suspects if one.kind == "outside"),
            )
        ),
        changes=frozenset((one.name, one.service) for one in suspects if one.kind == "change"),
        complete=bool(known),
    )


def _names(value: object) -> Iterator[str]:
    yield from map(str, value) if isinstance(value, list) else ()


def _suspects(records: tuple[Record, ...]) -> Iterator[Suspect]:
    decided = journal.decision(records, ranking.NAME)
    result = ranking.POLICY.read(decided) if decided is not None else None
    yield from (one.suspect for one in result.ranked) if result else ()


def _changed(evidence: Iterable[Evidence]) -> Iterator[Suspect]:
    yield from (changes.suspect(item.fact) for item in evidence if isinstance(item.fact, Change))
