"""Paying in parts."""

from collections.abc import Mapping
from typing import Any

SMALLEST_CENTS = 1_000
"""No instalment may be smaller."""


def allowed(terms: Mapping[str, int], band: str, total_cents: int) -> int:
    """In how many parts a total may be paid: as the terms say, but at once when the risk is high."""
    if band in ("high", "blocked"):
        return 1
    return max(1, min(terms["instalments"], total_cents // SMALLEST_CENTS))


def plan(total_cents: int, count: int) -> list[dict[str, Any]]:
    """Equal parts; the first one takes what does not divide."""
    part, rest = divmod(total_cents, count)
    return [{"number": number + 1, "amount_cents": part + (rest if number == 0 else 0)} for number in range(count)]
