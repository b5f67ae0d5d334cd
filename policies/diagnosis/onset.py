"""Onset of an incident, estimated from error counts over time."""

import math
from datetime import datetime, timedelta

Points = tuple[tuple[datetime, float], ...]


def estimate(points: Points, alert_started: datetime, window_seconds: float) -> datetime:
    """Return the estimated time of the first bad request, never later than the alert's start.

    `points` are error counts per sampling interval, each stamped with the end of its interval.  The
    onset is the split into a calm and a bad part that leaves the least squared error (a single change
    point, as in Killick et al. 2012); the first bad interval began at the point before it.  Without a
    visible step it is the alert's start less the window that the rule looks at.
    """
    seen = step(points, alert_started)
    return alert_started - timedelta(seconds=window_seconds) if seen is None else seen


def step(points: Points, alert_started: datetime) -> datetime | None:
    """Return the time of the step that is visible in the counts, or None where nothing rises."""
    usable = sorted((at, value) for at, value in points if math.isfinite(value) and at <= alert_started)
    split = _step(tuple(value for _, value in usable))
    return min(usable[split - 1][0], alert_started) if split else None


def _step(values: tuple[float, ...]) -> int:
    """Return the index of the first value of the higher part, or 0 when nothing rises."""
    best, found = 0.0, 0
    total, before = sum(values), 0.0
    count = len(values)
    for index in range(1, count):
        before += values[index - 1]
        low, high = before / index, (total - before) / (count - index)
        explained = (high - low) ** 2 * index * (count - index) / count
        # Twice the calm level and one error more: less is what a calm service does by itself.
        if high > 2.0 * low + 0.5 and explained > best:
            best, found = explained, index
    return found
