"""Payments and reminders."""

from datetime import date, timedelta
from typing import Any

PAYMENT_DAYS = {"net14": 14, "net30": 30}
STANDARD_DAYS = 14
"""For customers without terms."""


def due(issued: str, terms: str | None) -> str:
    """The day on which an invoice must be paid."""
    days = STANDARD_DAYS if terms is None else PAYMENT_DAYS[terms.lower()]
    return (date.fromisoformat(issued) + timedelta(days=days)).isoformat()


def settle(invoices: list[dict[str, Any]], paid_cents: int) -> dict[str, Any]:
    """Settle invoices in order; what is left when all are settled is credit."""
    left = paid_cents
    settled = []
    for invoice in invoices:
        if invoice["cents"] > left:
            break
        left -= invoice["cents"]
        settled.append(invoice["id"])
    return {"settled": settled, "credit_cents": left}


def label(invoice: dict[str, Any]) -> str:
    """What a reminder calls an invoice: its number, and the customer's own reference when there is one."""
    if invoice.get("reference"):
        return f"{invoice['number']} ({invoice['reference'].strip()})"
    return str(invoice["number"])
