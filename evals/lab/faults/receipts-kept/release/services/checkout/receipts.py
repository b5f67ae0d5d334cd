"""Printable receipts of what was quoted, for the service desk."""

from typing import Any

from services.checkout.baskets import Basket

COLUMNS, LINES = 132, 66
"""Of the desk's printer."""

_shown: dict[tuple[str, int], str] = {}


def remember(basket: Basket, quoted: dict[str, Any]) -> None:
    """Keep the receipt of a quote, so that the desk can print it."""
    who = basket.customer["id"] if basket.customer else "guest"
    _shown[who, len(_shown)] = page(basket, quoted)


def page(basket: Basket, quoted: dict[str, Any]) -> str:
    """One page, filled up for the printer."""
    lines = [f"{item['quantity']:>3} x {item['sku']}" for item in basket.items]
    lines += [f"fee {quoted['fee_cents']}", f"total {quoted['total_cents']} {quoted['currency']}"]
    return "\n".join(line.ljust(COLUMNS) for line in [*lines, *[""] * (LINES - len(lines))])
