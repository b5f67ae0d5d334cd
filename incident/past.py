"""Memory of ended incidents: what each was about, what was tried and how it ended, and how near it is to another one.

Its texts come from logs and traces, so a workload wrote them: they are shown, and compared as a whole, and choose nothing.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime

from incident.ending import Outcome
from incident.remedy import FileEdit, RemedyKind
from incident.value import Value

Similarity = Literal["same_place", "same_cause_here", "same_cause_elsewhere"]
"""Nearness of a past incident, the nearest first.

``same_place``: the same service, exception and function; ``same_cause_here``: the same service, and a kind of cause
that the evidence may show; ``same_cause_elsewhere``: that kind of cause in another service.
"""

NEARNESS: tuple[Similarity, ...] = ("same_place", "same_cause_here", "same_cause_elsewhere")

MOST = 5
"""Past incidents that are told of one."""


class Place(Value):
    """Place where an error is raised, as a template: without lines and numbers.  Empty where no frame told it."""

    exception: str = ""
    path: str = ""
    function: str = ""
    route: str = ""

    def same(self, other: "Place") -> bool:
        """True when both are known and the same error; the route may differ."""
        ours = (self.exception, self.path, self.function)
        return all(ours) and ours == (other.exception, other.path, other.function)


class Tried(Value):
    """One remedy of a past incident, and what became of it."""

    kind: RemedyKind
    target: str = ""
    """Function of a patch as ``path::function``, a setting as ``service: setting``, or the service."""
    result: Literal["healed", "taken_back", "refused", "left"]
    """`left`: it was planned, and the incident ended before it was known to help."""


class Memory(Value):
    """Memory of one ended incident."""

    incident: str
    world: str
    service: str
    place: Place = Place()
    """Of its most frequent error."""
    cause: str = ""
    """Kind of the cause that was believed at last; empty without one."""
    change: str = ""
    """Kind of the change that was blamed; empty where none was."""
    tried: tuple[Tried, ...] = ()
    """The last one is the one that the ending is about."""
    outcome: Outcome
    opened_at: AwareDatetime
    ended_at: AwareDatetime


class Fix(Value):
    """Patch that healed an incident, as it was proved then."""

    function: str
    edit: FileEdit
    summary: str = ""
    """Its reason, in the words of whoever wrote it."""
    template: str = ""
    """Name of the repair template that made it; empty where none did."""


class Word(Value):
    """A person's word about how an incident ended; a later one replaces it."""

    incident: str
    verdict: Literal["right", "wrong"]
    because: str = ""
    by: str
    os_user: str
    at: AwareDatetime


class Question(Value):
    """Incident for which the past is asked."""

    incident: str
    world: str
    service: str
    place: Place = Place()
    causes: tuple[str, ...] = ()
    """Kinds of cause that its evidence may show."""


class Past(Value):
    """One past incident that resembles the one at hand: evidence that supports no cause and opens no gate."""

    kind: Literal["past"] = "past"
    similarity: Similarity
    memory: Memory
    word: Word | None = None


def similarity(memory: Memory, question: Question) -> Similarity | None:
    """Return how near a memory is; None for one of another world, of this very incident, or with nothing in common."""
    if memory.world != question.world or memory.incident == question.incident:
        return None
    here = memory.service == question.service
    if here and memory.place.same(question.place):
        return "same_place"
    if memory.cause not in question.causes:
        return None
    return "same_cause_here" if here else "same_cause_elsewhere"


def nearest(found: Iterable[Past], most: int = MOST) -> tuple[Past, ...]:
    """Return the nearest first, at most so many; of equally near ones the latest, then by id."""
    return tuple(sorted(found, key=_order)[:most])


def _order(past: Past) -> tuple[int, float, str]:
    age = -(past.memory.ended_at - _EPOCH).total_seconds()
    return NEARNESS.index(past.similarity), age, past.memory.incident


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
