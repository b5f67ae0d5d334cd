"""Records of a simulation: what is put in, and everything that happened."""

from dataclasses import dataclass, field
from typing import NamedTuple

from evals.bench.diagnosis.grammar.effects import Effect, Job, Surge, Visitors
from incident.call_times import Row


class Request(NamedTuple):
    """One request from outside, which all calls that it causes carry along."""

    traits: frozenset[str]
    traced: bool


class Visit(NamedTuple):
    """One request that a service answered."""

    at: float
    inside_ms: float
    own_ms: float
    waited_ms: float
    failed: bool
    version: str


class Kept(NamedTuple):
    """One request that a recorder kept."""

    at: float
    failed: bool
    version: str
    traits: frozenset[str]
    calls: tuple[tuple[str, int, str], ...]
    """Callee, its operation, and the reason that the caller could not go on; empty where it could."""


class Line(NamedTuple):
    """A kind of log line: what it says, by a key of the grammar's messages, and about whom."""

    service: str
    version: str
    key: str
    about: str = ""


class Answer(NamedTuple):
    """Outcome of one visit of a node."""

    inside_ms: float | None
    """None: it never answers."""
    failed: bool
    below_ms: float = 0.0
    failed_below: bool = False
    nonsense: bool = False


class Below(NamedTuple):
    """Outcome of the calls that one visit made."""

    took_ms: float = 0.0
    why: str = ""
    """Reason that it cannot go on; empty where it can."""
    failed: bool = False
    """One of the calls failed."""
    used: tuple[tuple[str, int, str], ...] = ()
    nonsense: bool = False
    """An answer that cannot be used was taken for a good one."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Traffic from outside, and what of it is told."""

    seconds: float
    per_second: float
    swing: float
    """Part by which the rate goes up and down over a day."""
    phase: float
    traced: float
    """Part of the requests that are traced."""
    step: float
    """Seconds of a bucket of log lines."""


@dataclass(frozen=True, slots=True)
class Causes:
    """Everything that changes behaviour, of the cause and of nobody."""

    effects: tuple[Effect, ...] = ()
    surges: tuple[Surge, ...] = ()
    visitors: tuple[Visitors, ...] = ()
    rollouts: tuple[tuple[str, float, float], ...] = ()
    """Node, time and part of the requests that its new version answers from then on; the last one counts."""
    jobs: tuple[Job, ...] = ()


@dataclass(slots=True)
class Told:
    """Everything that happened, as far as anybody could have seen it."""

    calls: dict[tuple[str, str, str, int], list[Row]] = field(default_factory=dict)
    """By caller, callee, version and operation."""
    visits: dict[str, list[Visit]] = field(default_factory=dict)
    lines: dict[Line, dict[int, int]] = field(default_factory=dict)
    kept: dict[tuple[str, int], list[Kept]] = field(default_factory=dict)
