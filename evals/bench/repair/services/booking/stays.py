"""Days and nights."""

from datetime import date, datetime
from typing import Any


def day(text: str) -> date:
    """A date as ISO (2025-06-01) or as people write it (1.6.2025)."""
    if "." in text:
        return datetime.strptime(text, "%d.%m.%Y").date()
    return date.fromisoformat(text)


def nights(arrival: date, departure: date) -> int:
    """Nights between two days."""
    return (departure - arrival).days


def longest(stays: list[dict[str, Any]]) -> int:
    """Nights of the longest stay; 0 without stays."""
    return max((nights(day(stay["arrival"]), day(stay["departure"])) for stay in stays), default=0)


def first_free(stays: list[dict[str, Any]], wanted: str) -> str:
    """The first day from `wanted` on that no stay covers; stays are sorted and do not overlap."""
    free = day(wanted)
    for stay in stays:
        if day(stay["arrival"]) <= free < day(stay["departure"]):
            free = day(stay["departure"])
    return free.isoformat()
