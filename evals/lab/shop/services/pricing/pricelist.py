"""Unit prices, in cents of each currency."""

from shopkit import errors

RATES = {"EUR": 100, "GBP": 86, "USD": 108}
"""What 100 euro cents are in each currency."""

BULK_FROM = 10
BULK_PERCENT = 5
"""From so many of one article on, each costs so much less."""

_EURO_CENTS = {
    **{f"TEA-{number:03}": 450 + 75 * number for number in range(1, 10)},
    **{f"COF-{number:03}": 690 + 110 * number for number in range(1, 10)},
    **{f"MUG-{number:03}": 995 + 200 * number for number in range(1, 7)},
}


def unit_cents(sku: str, currency: str) -> int:
    """The price of one, rounded half up.  Raises NotFound."""
    if sku not in _EURO_CENTS:
        raise errors.NotFound(f"no price for {sku}")
    return (_EURO_CENTS[sku] * RATES[currency] + 50) // 100


def line_cents(sku: str, quantity: int, currency: str) -> int:
    """The price of several, with the bulk discount."""
    full = unit_cents(sku, currency) * quantity
    return full - full * BULK_PERCENT // 100 if quantity >= BULK_FROM else full
