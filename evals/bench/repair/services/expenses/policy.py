"""What the travel policy grants."""

from datetime import UTC, datetime
from decimal import Decimal

ELSEWHERE = "other"

NIGHT_CEILING = {
    "DE": {"staff": 110, "lead": 140},
    "CH": {"staff": 180, "lead": 220},
    "US": {"staff": 190, "lead": 240},
    ELSEWHERE: {"staff": 120, "lead": 150},
}
"""Euros that a night may cost."""

FULL_DAY = Decimal(28)
HALF_DAY = Decimal(14)


def moment(text: str) -> datetime:
    """A moment as the booking portal writes it; where it leaves out the offset, it means UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def hours(start: str, end: str) -> float:
    return (moment(end) - moment(start)).total_seconds() / 3600


def allowance(away: float) -> Decimal:
    """For meals: by full days away, and half a day for a rest of more than eight hours."""
    days, rest = divmod(away, 24)
    return int(days) * FULL_DAY + (HALF_DAY if rest > 8 else 0)


def night_ceiling(country: str, grade: str) -> int:
    """What a night may cost in a country."""
    ceilings = NIGHT_CEILING.get(country, NIGHT_CEILING[ELSEWHERE])
    return ceilings[grade]
