"""What the ledger is told about a charge."""

import hashlib
from typing import Any


def charge_id(order_id: str) -> str:
    """The id of an order's charge: the same one when the order is sent again."""
    return "ch-" + hashlib.sha256(order_id.encode()).hexdigest()[:16]


def entry(order_id: str, price: dict[str, Any]) -> dict[str, Any]:
    """A balanced entry: the customer owes the total, the merchant and the fee account get their parts."""
    return {
        "charge_id": charge_id(order_id),
        "currency": price["currency"],
        "lines": [
            {"account": "receivable", "side": "debit", "cents": price["total_cents"]},
            {"account": "merchant", "side": "credit", "cents": price["amount_cents"]},
            {"account": "fees", "side": "credit", "cents": price["fee_cents"]},
        ],
    }
