"""Vehicles, limits and units."""

from typing import Any

LIMITS = {"temperature": 90.0, "speed": 130.0}
NO_LIMIT = float(10**6)
"""For kinds of readings that have no limit."""

UNITS = {"kmh": 1.0, "mph": 1.609344, "ms": 3.6}
"""What one unit is in km/h."""


def over(kind: str, value: float) -> bool:
    """Whether a reading is above its limit, which a kind without one never is."""
    return value > LIMITS.get(kind, NO_LIMIT)


def in_kmh(value: float, unit: str) -> float:
    """A speed in km/h, rounded to one digit; units may be written like ``km/h`` or ``KMH``."""
    return round(value * UNITS[unit.lower().replace("/", "")], 1)


def position(text: str) -> tuple[float, float]:
    """Latitude and longitude of ``48.1,11.5``; a height behind them does not matter."""
    latitude, longitude = text.split(",")[:2]
    return float(latitude), float(longitude)


def driver(trip: dict[str, Any]) -> str:
    """The driver's name in capitals; UNASSIGNED when a trip has none."""
    person = trip.get("driver")
    return person["name"].upper() if person else "UNASSIGNED"


def fuel(trip: dict[str, Any], tank: float) -> float:
    """Litres that are left; a trip that was not measured used nothing."""
    used = trip.get("litres") or 0.0
    return round(tank - used, 1)


def label(vehicle: dict[str, Any]) -> str:
    """The plate, with the trailer's plate behind a plus sign when there is a trailer."""
    trailer = vehicle.get("trailer")
    if trailer:
        return vehicle["plate"] + "+" + trailer["plate"]
    return vehicle["plate"]
