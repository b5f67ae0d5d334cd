"""Trends of memory and CPU: growth of the canary where stable does not grow.

Both use one mechanism: bytes of memory, and milliseconds of CPU per request (a share of the traffic costs
its share of the CPU, so only the cost of one request can be compared between the versions).
"""

import math
from typing import Literal

from policies import limits

Points = tuple[tuple[float, float, float], ...]
"""(seconds, canary's value, stable's value), oldest first."""

MAX_POINTS = 120

Growth = Literal["growing", "steady", "unknown"]


def verdict(points: Points, bounds: limits.Trend) -> Growth:
    """Judge the canary's growth over stable's.

    A leak has grown by a real amount, would double stable's value within the horizon, follows a
    line, and does not level off as the warm-up of a fresh process does.
    """
    if len(points) < bounds.min_points or points[-1][0] <= points[0][0]:
        return "unknown"
    slope, fit = _line(points)
    growth = slope * (points[-1][0] - points[0][0])
    stable = sum(point[2] for point in points) / len(points)
    late, _ = _line(points[len(points) // 2 :])
    growing = (
        growth >= bounds.min_growth and slope * bounds.horizon_seconds >= stable and fit >= 0.8 and late >= slope / 2.0
    )
    return "growing" if growing else "steady"


def untold(points: Points, bounds: limits.Trend) -> bool:
    """True when a trend must still be waited for."""
    match bounds.required:
        case "always":
            return verdict(points, bounds) == "unknown"
        case "when known":
            return bool(points) and verdict(points, bounds) == "unknown"
        case "never":
            return False


def _line(points: Points) -> tuple[float, float]:
    """Least squares of canary minus stable over time: slope a second, and r squared."""
    count = len(points)
    times = [point[0] for point in points]
    values = [point[1] - point[2] for point in points]
    time, value = sum(times) / count, sum(values) / count
    spread = sum((t - time) ** 2 for t in times)
    varied = sum((v - value) ** 2 for v in values)
    # A flat line has no direction and explains nothing; it must not divide by zero.
    if spread == 0.0 or varied == 0.0:
        return 0.0, 0.0
    together = sum((t - time) * (v - value) for t, v in zip(times, values, strict=True))
    return together / spread, together**2 / (spread * varied)


def add(points: Points, seconds: float, canary: float | None, stable: float | None) -> Points:
    """Return the points with one more; every second one is dropped when there are too many."""
    # The same look twice is one point, however often it is taken.
    if canary is None or stable is None or (points and seconds <= points[-1][0]):
        return points
    # What is no number would compare as "no growth", which is a pass.
    if not (math.isfinite(canary) and math.isfinite(stable)):
        return points
    longer = (*points, (round(seconds, 3), float(canary), float(stable)))
    return longer if len(longer) <= MAX_POINTS else longer[::-2][::-1]


def shift(points: Points, seconds: float) -> Points:
    """Return the points with times counted from a start that is `seconds` later."""
    return tuple((round(at - seconds, 3), canary, stable) for at, canary, stable in points)
