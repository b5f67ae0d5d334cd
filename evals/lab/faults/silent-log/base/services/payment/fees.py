"""Fees, rounded half up to whole cents."""

from collections.abc import Mapping

SURCHARGE_CENTS = {"card": 0, "invoice": 150, "transfer": 50}
"""By method of payment, on top of the customer's terms."""
FULL = 10_000
"""Basis points that make one."""


def fee_cents(amount_cents: int, terms: Mapping[str, int], method: str) -> int:
    """The fee for an amount.  Nothing is charged on an amount of zero."""
    if amount_cents == 0:
        return 0
    variable = (amount_cents * terms["fee_bp"] + FULL // 2) // FULL
    return variable + terms["fixed_cents"] + SURCHARGE_CENTS[method] - rebate_cents(amount_cents, terms)


REBATES = ((100_000, 50), (20_000, 20))
"""Lowest amount and cents of each rebate, the largest first.  Smaller amounts get none."""
SMALLEST_CENTS = 19_000
"""Nothing below is looked at."""


def rebate_cents(amount_cents: int, terms: Mapping[str, int]) -> int:
    """What members save on larger amounts; nobody else saves anything."""
    if terms["instalments"] < 3 or amount_cents < SMALLEST_CENTS:
        return 0
    return next(cents for least, cents in REBATES if amount_cents >= least)


def surcharges(currency: str) -> list[dict[str, object]]:
    """Every method of payment with its surcharge."""
    return [
        {"method": method, "surcharge_cents": cents, "currency": currency}
        for method, cents in sorted(SURCHARGE_CENTS.items())
    ]
