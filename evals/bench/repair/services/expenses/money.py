"""Amounts of money, as people type them and as the ledger keeps them."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
KM_RATE = Decimal("0.30")
"""For a kilometre in one's own car."""

AMOUNT = re.compile(r"(?P<figures>-?[\d.,']+)\s*(?P<currency>[A-Z]{3})?")


@dataclass(frozen=True)
class Money:
    value: Decimal
    currency: str


def rounded(value: Decimal) -> Decimal:
    """To the cent, halves upwards."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def parse(text: str, currency: str) -> Money:
    """Read an amount like ``12.50``, ``1,234.50 USD`` or ``1.234,50 EUR``.

    The last separator is the decimal one, any other groups thousands.  `currency` counts where none is given.
    """
    found = AMOUNT.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"not an amount: {text!r}")
    figures = found["figures"].replace("'", "")
    if figures.rfind(",") > figures.rfind("."):
        figures = figures.replace(".", "").replace(",", ".")
    else:
        figures = figures.replace(",", "")
    return Money(Decimal(figures), found["currency"] or currency)


def rate(source: str, target: str, rates: dict[str, str]) -> Decimal:
    """What one unit of `source` is worth in `target`.

    The bank lists a pair once: ``EURUSD`` is what a euro costs in dollars.
    """
    if source == target:
        return Decimal(1)
    if source + target in rates:
        return Decimal(rates[source + target])
    return 1 / Decimal(rates[target + source])


def converted(money: Money, target: str, rates: dict[str, str]) -> Decimal:
    return rounded(money.value * rate(money.currency, target, rates))


def mileage(km: float) -> Decimal:
    """What a drive in one's own car is worth."""
    return rounded(Decimal(str(km)) * KM_RATE)
