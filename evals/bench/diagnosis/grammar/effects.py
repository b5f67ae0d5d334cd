"""Effects: the ways in which a cause changes what nodes and links do.  A kind of cause is a few of these.

They say how a part behaves, never what telemetry shows: that follows from the simulation.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effect:
    """One change of behaviour of a node, or of its calls of one callee, over a stretch of time in seconds."""

    node: str
    start: float
    end: float = math.inf
    callee: str = ""
    """Not empty: of the node's calls of this one."""
    operation: int | None = None
    """Of the node, or of the callee; None: of all."""
    share: float = 1.0
    """Part of the requests that it hits."""
    ramp: float = 0.0
    """Seconds over which the share grows to its full size."""
    fades: float = 0.0
    """Seconds over which the share shrinks to nothing by itself; 0.0 when it does not."""
    trait: str = ""
    """Hits requests of this kind only."""
    factor: float = 1.0
    """On the node's own time."""
    adds_ms: float = 0.0
    fails: str = ""
    """Node: it raises this error by itself.  Link: the call fails so, and reaches nobody."""
    rejects: str = ""
    """Link: the callee refuses what it is given, and says so with a status below 500."""
    hangs: bool = False
    """The node never answers."""
    nonsense: bool = False
    """Node: it answers with success what its callers cannot use.  Link: this caller alone cannot use it."""
    passes: bool = False
    """Link: the caller does not notice that it cannot use an answer, and passes it on with success."""
    times: int = 1
    """Link: the caller makes the call so many times, one after the other."""
    retries: int | None = None
    """Link: the caller asks again so many times."""
    servers: float = 1.0
    """Factor on the requests that the node works on at once, reached over `ramp`."""
    drops_ms: float | None = None
    """Node: who has waited so long for a free server fails, with an error of its pool."""
    says: str = ""
    """Node: message that it logs for each request that is hit, by its key."""
    timeout_ms: float | None = None
    """Link: patience of the caller."""
    mute: bool = False
    """The node tells no metrics, lines or spans."""
    deploy: bool = False
    """Hits requests that the newest version answers only."""

    def grown(self, at: float) -> float:
        """Part of its full size that it has at a time; 0.0 outside of its stretch."""
        if not self.start < at <= self.end:
            return 0.0
        grown = 1.0 if self.ramp <= 0 else min(1.0, (at - self.start) / self.ramp)
        return grown if self.fades <= 0 else grown * max(0.0, 1.0 - (at - self.start) / self.fades)


@dataclass(frozen=True, slots=True)
class Drift:
    """A resource of a node that is used up by itself, and not by requests: memory, disk, days, descriptors."""

    node: str
    series: str
    start: float
    per_second: float = 0.0
    """Growth per second, as a share of its level."""
    factor: float = 1.0
    """Step, as a factor on its level."""
    every: float = math.inf
    """Seconds after which it falls back to its level: a restart."""
    end: float = math.inf
    to: float | None = None
    """Value that it goes to, in the unit of the series, whatever its level: a disk that is full."""
    over: float = 0.0
    """Seconds in which it gets there."""

    def level(self, at: float) -> float:
        """Factor on the healthy level at a time."""
        if not self.start < at <= self.end:
            return 1.0
        return self.factor + self.per_second * ((at - self.start) % self.every)

    def drawn(self, at: float, value: float) -> float:
        """A value at a time, drawn towards the one that it goes to."""
        if self.to is None or not self.start < at <= self.end:
            return value
        way = 1.0 if self.over <= 0 else min(1.0, (at - self.start) / self.over)
        return value + way * (self.to - value)


@dataclass(frozen=True, slots=True)
class Surge:
    """More requests from outside."""

    start: float
    factor: float
    end: float = math.inf
    ramp: float = 0.0

    def grown(self, at: float) -> float:
        """Factor on the requests per second at a time."""
        if not self.start < at <= self.end:
            return 1.0
        return 1.0 + (self.factor - 1.0) * (1.0 if self.ramp <= 0 else min(1.0, (at - self.start) / self.ramp))


@dataclass(frozen=True, slots=True)
class Visitors:
    """Requests of one kind: the part of all requests that has the trait, and from when on."""

    trait: str
    share: float
    start: float = -math.inf
    end: float = math.inf


@dataclass(frozen=True, slots=True)
class Job:
    """Calls that a node makes by itself, besides those of its requests: a batch, a report, a backup."""

    node: str
    callee: str
    operation: int
    """Of the callee."""
    start: float
    per_second: float
    end: float = math.inf
    timeout_ms: float = 30_000.0
