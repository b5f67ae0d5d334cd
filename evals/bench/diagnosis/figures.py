"""Figures of many cases: shares with exact bounds, and the calibration of stated confidence.  Pure."""

import math
from collections.abc import Sequence
from random import Random

BINS = 5
RESAMPLES = 400


def share(hits: int, count: int) -> float | None:
    """Part of the cases; None without any."""
    return hits / count if count else None


def upper(hits: int, count: int, level: float = 0.95) -> float | None:
    """Upper bound of a share, one-sided and exact (Clopper and Pearson 1934); None without any case."""
    if not count:
        return None
    low, high = hits / count, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(hits, count, middle) > 1 - level else (low, middle)
    return high


def _at_most(hits: int, count: int, chance: float) -> float:
    """Probability of so many hits at most."""
    if chance >= 1:
        return 1.0 if hits >= count else 0.0
    if chance <= 0:
        return 1.0
    return math.fsum(
        math.exp(
            math.lgamma(count + 1)
            - math.lgamma(one + 1)
            - math.lgamma(count - one + 1)
            + one * math.log(chance)
            + (count - one) * math.log1p(-chance)
        )
        for one in range(hits + 1)
    )


def calibration(stated: Sequence[tuple[float, bool]]) -> float | None:
    """Calibration error of stated confidences: five bins of as many cases each, corrected for bias.

    The square of each bin's gap between confidence and truth is lessened by the variance that chance gives it
    (Kumar, Liang and Ma 2019); the error is the square root of their mean.  None with fewer than two cases a bin.
    """
    if len(stated) < 2 * BINS:
        return None
    # Equal confidences stay in the order of the cases: sorted by truth they would fall into bins of their own.
    ordered = sorted(stated, key=lambda one: one[0])
    whole = 0.0
    for number in range(BINS):
        part = ordered[len(ordered) * number // BINS : len(ordered) * (number + 1) // BINS]
        said = math.fsum(confidence for confidence, _ in part) / len(part)
        true = sum(right for _, right in part) / len(part)
        whole += len(part) / len(ordered) * ((said - true) ** 2 - true * (1 - true) / (len(part) - 1))
    return math.sqrt(max(0.0, whole))


def interval(stated: Sequence[tuple[float, bool]], seed: int) -> tuple[float, float] | None:
    """Interval of 90 % of the calibration error, by drawing the cases anew (Efron 1979)."""
    dice = Random(seed)
    found = (
        sorted(
            error for _ in range(RESAMPLES) if (error := calibration(dice.choices(stated, k=len(stated)))) is not None
        )
        if stated
        else []
    )
    if not found:
        return None
    return found[int(0.05 * len(found))], found[int(0.95 * len(found)) - 1]


def lost(usual: Sequence[bool], other: Sequence[bool]) -> float | None:
    """Points of right answers that are lost, of a hundred; below zero when some are gained."""
    if not usual or len(usual) != len(other):
        return None
    return 100 * (sum(usual) - sum(other)) / len(usual)
