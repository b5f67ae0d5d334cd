"""Deviation of a series since the onset from its healthy level, in robust standard deviations.  Pure.

The level is the median, the deviation the median absolute deviation with a floor, since many series never move
(Rousseeuw and Croux 1993).  What is compared is the quartile that moved most, and it must be away for a while: one
point is no trouble.
"""

from typing import NamedTuple

from incident.observed import Observed, Track
from policies.suspects import robust

LEAST = 5
"""Points, before the onset and since, below which a series says nothing; fewer since where its step is long."""

FLOOR = 0.05
"""Smallest deviation, as a share of the level."""

STANDING = 0.3
"""Share of the points since the onset that must be beyond `AWAY` deviations."""

AWAY = 3.0
"""Deviations from which a point is away from its level."""


class Deviation(NamedTuple):
    """A series that left its level."""

    track: Track
    deviations: float
    """Robust standard deviations, above zero for a rise."""
    before: float
    since: float


def of(track: Track, observed: Observed, load: float = 1.0) -> Deviation | None:
    """The deviation of a series; None for one that stayed, or of which too little is known.

    `load` is the factor by which the service's requests per second grew, which a counter may grow by, too.
    """
    before = track.values[robust.inside(track.at, observed.healthy)]
    since = track.values[robust.inside(track.at, observed.since)]
    if len(before) < LEAST or len(since) < 2:
        return None
    level = robust.median(before)
    floor = max(FLOOR * abs(level), _grain(track, level))
    scale = max(robust.spread(before, level), floor)
    if track.kind == "counter":
        level, scale = level * load, scale * max(1.0, load)
    away = [(value - level) / scale for value in since]
    ordered = sorted(away)
    high, low = robust.quantile(ordered, 0.75), robust.quantile(ordered, 0.25)
    farthest = high if abs(high) >= abs(low) else low
    standing = sum((one > AWAY) if farthest > 0 else (one < -AWAY) for one in away)
    if standing < max(2, STANDING * len(away)):
        return None
    middle = robust.median(since)
    return Deviation(track, farthest, level, middle if abs(middle - level) > scale else level + farthest * scale)


def _grain(track: Track, level: float) -> float:
    """Smallest deviation of a series, whatever its level: one event, a hundredth of a share, or of a level of zero a part of its largest value."""
    if track.kind == "ratio":
        return 0.01
    if track.kind == "counter" and track.unit == "1":
        return 1.0
    # Of a level of zero nobody knows what is much: the largest value is away, and not endlessly so.
    return 0.0 if level else FLOOR * max(map(abs, track.values), default=0.0) or 1.0


def load(observed: Observed) -> dict[str, float]:
    """Factor by which each service's requests per second grew since the onset; 1.0 is left out."""
    found: dict[str, float] = {}
    for track in observed.tracks:
        if track.name == "requests" and not track.version:
            before = track.values[robust.inside(track.at, observed.healthy)]
            since = track.values[robust.inside(track.at, observed.since)]
            if len(before) >= LEAST and len(since) >= 2 and sum(before) > 0:
                found[track.service] = (sum(since) / len(since)) / (sum(before) / len(before))
    return found
