"""Scores that mechanisms give to suspects, and the reading that one mechanism returns."""

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from incident.decision import SCALE, Reason
from incident.value import Value

Kind = Literal["service", "change", "place", "outside"]
"""Place: a function, a machine, or the link between two services.  Outside: load, a peer, a name server, a record."""

Mechanism = Literal[
    "novelty",
    "mentions",
    "own_time",
    "own_share_of_time",
    "own_share_of_failures",
    "symptoms",
    "resources",
    "silence",
    "change_time",
    "change_words",
    "change_traffic",
    "change_link",
    "load",
    "machines",
    "outside_words",
    "apart",
    "answers",
    "person",
]
"""Mechanisms by name, in the order in which tables show them."""

MOST = 30
"""Scores of one mechanism that are kept, the strongest: forty services and their changes need no more."""


class Suspect(Value):
    """Something that may be the cause."""

    kind: Kind
    name: str
    """Service; function; machine; host; or what was changed (``deploy v2``)."""
    service: str = ""
    """Service that it belongs to; empty where it belongs to none."""
    at: float | None = Field(default=None, exclude_if=lambda at: at is None)
    """Of a change: its time in seconds, since one key may be changed twice."""


class Score(Value):
    """Verdict of one mechanism on one suspect."""

    suspect: Suspect
    strength: int = Field(ge=-SCALE, le=SCALE)
    """In ten-thousandths: 10,000 is all that this mechanism can say; below zero it speaks for innocence."""
    why: Reason
    explains: tuple[str, ...] = Field(default=(), exclude_if=lambda explains: not explains)
    """Services whose trouble it would explain; of a name that others complain of: those who complain."""


class Reading(Value):
    """Everything that one mechanism says; silent, with the reason, where its input is missing."""

    mechanism: Mechanism
    silent: Reason = Reason()
    scores: tuple[Score, ...] = ()


def service(name: str) -> Suspect:
    """A service as a suspect."""
    return Suspect(kind="service", name=name, service=name)


def node(name: str, services: Iterable[str]) -> Suspect:
    """A callee as a suspect: a service of the platform, or somebody outside."""
    return service(name) if name in services else Suspect(kind="outside", name=name)


def silence(mechanism: Mechanism, why: Reason) -> Reading:
    """The reading of a mechanism whose input is missing."""
    return Reading(mechanism=mechanism, silent=why)


def reading(mechanism: Mechanism, scores: Iterable[Score]) -> Reading:
    """The reading of a mechanism that had its input: its scores but those of zero, the strongest first."""
    told = [score for score in scores if score.strength]
    ordered = sorted(told, key=lambda score: (-abs(score.strength), _key(score.suspect)))
    return Reading(mechanism=mechanism, scores=tuple(ordered[:MOST]))


def strength(share: float) -> int:
    """A share between -1 and 1 as a strength."""
    return round(SCALE * min(1.0, max(-1.0, share)))


def _key(suspect: Suspect) -> tuple[str, str, str, float]:
    return suspect.kind, suspect.service, suspect.name, suspect.at or 0.0
