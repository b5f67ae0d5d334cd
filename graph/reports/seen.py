"""Past incidents that the evidence tells of, with what helped then.  Pure."""

from collections.abc import Iterator, Mapping

from graph.reports import journal_reader as journal
from graph.reports.document import Block, Heading, Items
from incident.past import Past, Tried
from incident.record import Gathered, Record

NEAR: Mapping[str, str] = {
    "same_place": "the same error at the same place",
    "same_cause_here": "the same service and kind of cause",
    "same_cause_elsewhere": "the same kind of cause elsewhere",
}
RESULTS: Mapping[str, str] = {
    "healed": "healed",
    "taken_back": "was taken back",
    "refused": "was refused",
    "left": "was left",
}


def blocks(records: tuple[Record, ...]) -> Iterator[Block]:
    """Yield the past as a part of a document; nothing where none resembles the incident."""
    gathered = journal.last(records, Gathered)
    found = gathered.dossier.of("past") if gathered else ()
    if found:
        yield Heading(2, "Seen before")
        yield Items("", tuple(f"{item.id} {told(item.fact)}" for item in found if isinstance(item.fact, Past)))


def told(past: Past) -> str:
    """Return a past incident in words."""
    memory, at = past.memory, past.memory.place
    where = f": {at.exception} in {at.function} ({at.path})" if at.function else ""
    tried = ", ".join(map(_tried, memory.tried)) or "nothing was tried"
    ending = f"{tried}; it ended as {memory.outcome.value}"
    near = f"{NEAR[past.similarity]}, {memory.ended_at:%Y-%m-%d}, {memory.incident}, {memory.service}{where}: {ending}"
    if past.word is None:
        return near
    why = f" ({past.word.because})" if past.word.because else ""
    return f"{near}; {past.word.by} called it {past.word.verdict}{why}"


def _tried(one: Tried) -> str:
    return f"{one.kind} of {one.target} {RESULTS[one.result]}"
