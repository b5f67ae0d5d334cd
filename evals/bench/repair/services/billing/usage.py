"""What was used."""

from collections.abc import Iterable
from typing import Any

UNIT_CENTS = {"api": 2, "eu:api": 3, "storage": 10}
FREE_UNITS = {"api": 100}
NO_FREE_UNITS = 0


def metered(lines: Iterable[str]) -> dict[str, int]:
    """Units by metric, from lines like ``api:120``; a metric may hold colons itself (``eu:api:7``)."""
    found: dict[str, int] = {}
    for line in lines:
        metric, units = line.rsplit(":", 1)
        found[metric] = found.get(metric, 0) + int(units)
    return found


def counted(readings: list[dict[str, Any]]) -> int:
    """Units of all readings.  Old meters report them as text."""
    return sum(int(reading["units"]) for reading in readings)


def cents(units: dict[str, int]) -> int:
    """What units cost beyond those that are free (NO_FREE_UNITS where FREE_UNITS says nothing)."""
    total = 0
    for metric, count in units.items():
        free = FREE_UNITS.get(metric, NO_FREE_UNITS)
        total += max(0, count - free) * UNIT_CENTS[metric]
    return total


def top(units: dict[str, int], most: int) -> list[str]:
    """The most used metrics, at most so many."""
    ranked = sorted(units, key=lambda metric: (-units[metric], metric))
    return ranked[:most]
