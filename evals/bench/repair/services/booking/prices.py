"""Prices in cents."""

from typing import Any

LOYALTY_PERCENT = {"silver": 5, "gold": 10}
NO_LOYALTY = 0
"""For guests without a loyalty card."""

LENGTH_PERCENT = (100, 95, 90, 85)
"""By nights, from one; the last one counts for every longer stay."""

FEE_PERCENT = (100, 80, 50, 20)
"""By full days between cancellation and arrival, from none."""
NO_FEE = 0
"""For whoever cancels earlier than FEE_PERCENT lists."""


def loyalty_percent(guest: dict[str, Any]) -> int:
    """Percent off by the level of the guest's loyalty card; NO_LOYALTY without a card."""
    card = guest.get("loyalty") or {}
    return LOYALTY_PERCENT.get(card.get("level"), NO_LOYALTY)


def length_percent(nights: int) -> int:
    """What a night of so long a stay costs, in percent."""
    return LENGTH_PERCENT[min(nights, len(LENGTH_PERCENT)) - 1]


def fee_percent(days_before: int) -> int:
    """What a cancellation costs, in percent."""
    if days_before < len(FEE_PERCENT):
        return FEE_PERCENT[days_before]
    return NO_FEE


def per_child(cents: int, children: list[int]) -> int:
    """The share of each child; 0 without children."""
    if not children:
        return 0
    return cents // len(children)


def total(night_cents: int, nights: int, guest: dict[str, Any]) -> int:
    """What a stay costs, rounded down."""
    full = night_cents * nights * length_percent(nights) // 100
    return full * (100 - loyalty_percent(guest)) // 100


def deposit(cents: int, agency: dict[str, Any] | None) -> int:
    """A fifth of the price; an agency pays its own share in percent, when it has agreed on one."""
    percent = 20
    if agency is not None and agency.get("deposit") is not None:
        percent = agency["deposit"]
    return cents * percent // 100
