"""Raw series of a recording: their samples as exported, by name and labels."""

import bisect
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Literal, NamedTuple

Kind = Literal["counter", "gauge", "ratio", "percentile"]


class Sample(NamedTuple):
    """One sample of an export."""

    name: str
    labels: tuple[tuple[str, str], ...]
    at: datetime
    value: float
    kind: Kind
    unit: str = ""
    """UCUM; empty where the export does not say."""
    delta: bool = False
    """True for a counter whose samples are increments already."""


@dataclass
class Raw:
    """One series with the service and the version that its labels name."""

    name: str
    labels: Mapping[str, str]
    service: str
    version: str
    kind: Kind
    unit: str
    delta: bool
    points: list[tuple[datetime, float]] = field(default_factory=list)
    """Oldest first, one for each time."""

    def settle(self) -> None:
        """Bring the points into order; of a time that is told twice the last telling counts."""
        self.points = sorted(dict(self.points).items())

    def increments(self, family: datetime) -> Iterator[tuple[datetime, float]]:
        """Increments since the sample before; a fall is a reset.

        `family` is when the first series of this name began: one that appears later began at zero.
        """
        before: float | None = 0.0 if self.points and self.points[0][0] > family else None
        for at, value in self.points:
            if self.delta:
                yield at, value
            elif before is not None:
                yield at, value - before if value >= before else value
            before = value


def step(raws: Iterable[Raw]) -> float | None:
    """Seconds between two samples of most of these series; None where no series has two."""
    gaps = []
    for raw in raws:
        times = [at for at, _ in raw.points[-200:]]
        if len(times) > 1:
            gaps.append(median((late - early).total_seconds() for early, late in itertools.pairwise(times)))
    return median(gaps) if gaps else None


def first(raws: Iterable[Raw]) -> datetime | None:
    """Time of the first sample of these series; None where they have none."""
    return min((raw.points[0][0] for raw in raws if raw.points), default=None)


def anchored(parts: Iterable[Iterable[tuple[datetime, float]]]) -> dict[datetime, list[float]]:
    """Values of several series at the times of the longest one; a value goes to the first of these times at or after it.

    Instances are sampled at times of their own, and none of their samples may be counted twice or lost.
    """
    held = [list(part) for part in parts]
    times = [at for at, _ in max(held, key=len, default=[])]
    found: dict[datetime, list[float]] = {}
    for part in held:
        for at, value in part:
            index = bisect.bisect_left(times, at)
            found.setdefault(times[index] if index < len(times) else at, []).append(value)
    return dict(sorted(found.items()))


def added(held: Sequence[Raw], family: datetime | None = None) -> dict[datetime, float]:
    """Increments of several counters together up to each sample; `family` as in `Raw.increments`, else their own first."""
    began = family or first(held)
    if began is None:
        return {}
    return {at: sum(values) for at, values in anchored(raw.increments(began) for raw in held).items()}


STALE = 5
"""Missed samples after which those before say nothing about now."""


def stale(seconds: float) -> timedelta:
    """Age from which a sample of such a step says nothing about now."""
    return timedelta(seconds=STALE * seconds)
