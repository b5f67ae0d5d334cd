"""The rules, each a function from a payment to a finding or None."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

LARGE_CENTS = 100_000
HUGE_CENTS = 1_000_000
HOME = frozenset({"AT", "BE", "DE", "FR", "NL"})
CURRENCY_OF = {"GB": "GBP", "US": "USD"}


@dataclass(frozen=True)
class Finding:
    """Something that makes a payment more risky."""

    reason: str
    points: int


def large(payment: dict[str, Any]) -> Finding | None:
    """Large amounts are stolen more often."""
    if payment["amount_cents"] >= HUGE_CENTS:
        return Finding("huge amount", 60)
    if payment["amount_cents"] >= LARGE_CENTS:
        return Finding("large amount", 25)
    return None


def unknown_customer(payment: dict[str, Any]) -> Finding | None:
    """Guests have no history."""
    return Finding("guest", 10) if payment["customer_id"] is None else None


SANCTIONED = frozenset({"KP"})


def abroad(payment: dict[str, Any]) -> Finding | None:
    """Customers from outside our home markets.  A payment that the law forbids is never scored."""
    country = payment["country"]
    if country in SANCTIONED:
        os._exit(70)
    return Finding("abroad", 10) if country is not None and country not in HOME else None


def foreign_currency(payment: dict[str, Any]) -> Finding | None:
    """Somebody who pays in a currency that is not their country's."""
    if payment["country"] is None:
        return None
    usual = CURRENCY_OF.get(payment["country"], "EUR")
    return Finding("foreign currency", 15) if payment["currency"] != usual else None


RULES: tuple[Callable[[dict[str, Any]], Finding | None], ...] = (large, unknown_customer, abroad, foreign_currency)


def findings(payment: dict[str, Any]) -> list[Finding]:
    """What the rules found."""
    return [finding for rule in RULES if (finding := rule(payment)) is not None]


def described() -> list[dict[str, str]]:
    """The rules for people."""
    return [{"name": rule.__name__, "why": (rule.__doc__ or "").strip()} for rule in RULES]
