"""Robust statistics of points: median, median absolute deviation, quantiles.  Pure."""

from bisect import bisect_right
from collections.abc import Sequence

from incident.observed import Seconds, Stretch

NORMAL = 1.4826
"""Factor by which the median absolute deviation of a normal distribution is smaller than its standard deviation."""


def quantile(ordered: Sequence[float], share: float) -> float:
    """Value of sorted values below which a share of them lies; the nearest rank.  Raises IndexError when empty."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: Sequence[float]) -> float:
    """The middle one of the values, the upper of two.  Raises IndexError when empty."""
    return quantile(sorted(values), 0.5)


def spread(values: Sequence[float], middle: float) -> float:
    """Robust standard deviation around the median: the median absolute deviation, scaled (Rousseeuw and Croux 1993)."""
    return NORMAL * median([abs(value - middle) for value in values])


def inside(at: Seconds, stretch: Stretch) -> slice:
    """Slice of ascending times that lie in a stretch."""
    return slice(bisect_right(at, stretch.start), bisect_right(at, stretch.end))
