"""The lines of a claim."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from services.expenses import money

MEAL_LIMIT = Decimal(40)
"""A head."""


@dataclass
class Line:
    category: str
    amount: Decimal
    date: str | None = None
    guests: list[str] = field(default_factory=list)


def line(raw: dict[str, Any], currency: str, rates: dict[str, str]) -> Line:
    """One line of a claim in the currency of the claim."""
    if raw["category"] == "car":
        return Line("car", money.mileage(raw["km"]), raw.get("date"))
    amount = money.converted(money.parse(raw["amount"], currency), currency, rates)
    return Line(raw["category"], amount, raw.get("date"), raw.get("guests") or [])


def chronological(lines: list[Line]) -> list[Line]:
    """Oldest first.  Lines without a date come last; somebody asks for the date later."""
    return sorted(lines, key=lambda item: (item.date is None, item.date or ""))


def totals(lines: list[Line]) -> dict[str, Decimal]:
    """The sum of each category.  What was refunded in full is not worth mentioning."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for item in lines:
        sums[item.category] += item.amount
    for category in list(sums):
        if not sums[category]:
            del sums[category]
    return dict(sums)


def excess(item: Line) -> Decimal:
    """By how much a meal went beyond the limit for everyone at the table."""
    heads = 1
    if item.category == "entertainment":
        heads += len(item.guests)
    elif item.category != "meal":
        return Decimal(0)
    return max(Decimal(0), item.amount - heads * MEAL_LIMIT)
