"""Days and times of day."""

from datetime import date, datetime, timedelta
from typing import Any

STANDARD_STEP = 30
"""Minutes of a slot when none are asked for."""


def minutes(text: str) -> int:
    """Minutes since midnight of a time of day like 09:30, or 9 for a full hour."""
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute or 0)


def clock(total: int) -> str:
    """Minutes since midnight as a time of day."""
    return f"{total // 60:02}:{total % 60:02}"


def next_month(day: date) -> date:
    """The first day of the month after a day."""
    if day.month == 12:
        return date(day.year + 1, 1, 1)
    return date(day.year, day.month + 1, 1)


def ends(start: str, length: dict[str, int]) -> str:
    """When something ends that begins at a time (ISO) and takes so many hours, minutes, or both."""
    began = datetime.fromisoformat(start)
    if "minutes" in length:
        began += timedelta(minutes=length["minutes"])
    if "hours" in length:
        began += timedelta(hours=length["hours"])
    return began.isoformat()


def slots(opens: str, closes: str, step: int | None) -> list[str]:
    """The times at which a slot begins; STANDARD_STEP minutes each when no step is asked for."""
    size = step or STANDARD_STEP
    return [clock(at) for at in range(minutes(opens), minutes(closes) - size + 1, size)]


def free(offered: list[str], taken: list[str]) -> list[str]:
    """The offered slots less those that are taken; what was taken and is not offered does not matter."""
    left = list(offered)
    for slot in taken:
        if slot in left:
            left.remove(slot)
    return left


def share(part: list[Any], whole: list[Any]) -> int:
    """Percent, rounded down; 0 of nothing."""
    return len(part) * 100 // len(whole) if whole else 0
