"""Vouchers: a percentage or an amount off, from a smallest subtotal on."""

from typing import Any

NO_MINIMUM = 0
"""The smallest subtotal of an open voucher, which names none."""

MOST_PERCENT = 50
"""No voucher takes more than this off a subtotal."""


def discount_cents(voucher: dict[str, Any] | None, subtotal_cents: int) -> int:
    """What a voucher takes off, rounded down; nothing below its smallest subtotal."""
    if voucher is None:
        return 0
    if subtotal_cents < voucher["minimum_cents"]:
        return 0
    if voucher["kind"] == "percent":
        off = subtotal_cents * voucher["percent"] // 100
    else:
        off = voucher["amount_cents"]
    return min(off, subtotal_cents * MOST_PERCENT // 100)


def missing_cents(voucher: dict[str, Any] | None, subtotal_cents: int) -> int:
    """How much more must be in the basket before the voucher counts."""
    if voucher is None:
        return 0
    return max(0, voucher.get("minimum_cents", NO_MINIMUM) - subtotal_cents)
