"""Value added tax."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

RATES = {"DE": Decimal(19), "FR": Decimal(20), "NL": Decimal(21)}
EXPORT_RATE = Decimal(0)
"""For countries that RATES does not list."""

REVERSE_CHARGE = Decimal(0)
"""A company with a VAT id pays the tax itself."""


def rate(customer: dict[str, Any]) -> Decimal:
    """The rate in percent."""
    if customer.get("vat_id"):
        return REVERSE_CHARGE
    return RATES.get(customer["country"], EXPORT_RATE)


def tax_cents(cents: int, percent: Decimal) -> int:
    """The tax on an amount, rounded half up."""
    return int((cents * percent / 100).quantize(Decimal(1), ROUND_HALF_UP))


def discounted(cents: int, coupon: dict[str, Any] | None) -> int:
    """An amount less a coupon's percentage, which may have a fraction; rounded half up."""
    if coupon is None:
        return cents
    left = Decimal(100) - Decimal(str(coupon["percent"]))
    return int((cents * left / 100).quantize(Decimal(1), ROUND_HALF_UP))
