"""Readings of a sensor."""

import math
import statistics
from typing import Any

NO_SPREAD = 0.0
"""For fewer than two values, which have no spread."""

NO_VALUE = 0.0
"""For a series without any value."""


def values(readings: list[dict[str, Any]]) -> list[float]:
    """The values of readings; a reading without a value is left out."""
    return [float(reading["value"]) for reading in readings if reading.get("value") is not None]


def mean(found: list[float]) -> float:
    """The mean, rounded to two digits; NO_VALUE without values."""
    return round(sum(found) / len(found), 2) if found else NO_VALUE


def spread(found: list[float]) -> float:
    """The standard deviation, rounded to two digits; NO_SPREAD for fewer than two values."""
    if len(found) < 2:
        return NO_SPREAD
    return round(statistics.stdev(found), 2)


def height(distance: float, along: float) -> float:
    """How far a vehicle climbed, from the way it drove and the way on the map; 0 when the map says more."""
    return round(math.sqrt(max(0.0, distance**2 - along**2)), 2)


def last(found: list[float]) -> float:
    """The latest value; NO_VALUE without values."""
    return found[-1] if found else NO_VALUE


def kinds(readings: list[dict[str, Any]]) -> dict[str, int]:
    """How many readings of each kind."""
    found = {"temperature": 0, "speed": 0}
    for reading in readings:
        found[reading["kind"]] = found.get(reading["kind"], 0) + 1
    return found


def smoothed(found: list[float], window: int) -> list[float]:
    """The mean of each value and those before it, at most `window` of them."""
    return [mean(found[max(0, at - window + 1) : at + 1]) for at in range(len(found))]
