"""Times as exports write them: seconds, milliseconds or nanoseconds since 1970, or ISO 8601; without a zone they are UTC."""

import math
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = 4102444800.0
"""2100: a larger number of seconds is one of a smaller unit."""


def nanos(value: JsonValue) -> datetime | None:
    """A time in nanoseconds, as a number or as text; None for anything else."""
    try:
        whole = int(value) if isinstance(value, str | int) and not isinstance(value, bool) else 0
        return _EPOCH + timedelta(microseconds=whole // 1000) if whole > 0 else None
    except (ValueError, OverflowError):
        return None


def seconds(value: float) -> datetime | None:
    """A time in seconds, or in a smaller unit where it would lie behind the year 2100; None where it is no time."""
    if not math.isfinite(value) or value <= 0:
        return None
    while value > _LATEST:
        value /= 1000.0
    return _EPOCH + timedelta(microseconds=round(value * 1e6))


def read(value: JsonValue) -> datetime | None:
    """A time of any of these forms; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return seconds(float(value))
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        return seconds(float(value))
    except ValueError:
        pass
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
