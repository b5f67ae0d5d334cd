"""Reading what callers send; the schema is in schema.json."""

from dataclasses import dataclass
from typing import Any

from services.payment import fees
from shopkit import errors, web

CURRENCIES = ("EUR", "GBP", "USD")
MAX_CENTS = 5_000_000


@dataclass(frozen=True)
class Asked:
    """What somebody wants to pay, and how.  `customer` is None for a guest."""

    customer: dict[str, Any] | None
    amount_cents: int
    currency: str
    method: str


def quote(body: dict[str, Any]) -> Asked:
    """The body of ``POST /quotes``."""
    web.required(body, "customer", "amount_cents", "currency", "method")
    amount = body["amount_cents"]
    if not isinstance(amount, int) or not 0 <= amount <= MAX_CENTS:
        raise errors.BadRequest(f"amount_cents must be a whole number up to {MAX_CENTS}")
    if body["currency"] not in CURRENCIES:
        raise errors.BadRequest("currency must be one of " + ", ".join(CURRENCIES))
    if body["method"] not in fees.SURCHARGE_CENTS:
        raise errors.BadRequest("method must be one of " + ", ".join(fees.SURCHARGE_CENTS))
    return Asked(_customer(body["customer"]), amount, body["currency"], body["method"])


def charge(body: dict[str, Any]) -> tuple[Asked, str]:
    """The body of ``POST /charges``: a quote's and the order it pays for."""
    web.required(body, "order_id")
    if not isinstance(body["order_id"], str) or not body["order_id"]:
        raise errors.BadRequest("order_id must be a string")
    return quote(body), body["order_id"]


def _customer(customer: Any) -> dict[str, Any] | None:
    if customer is None:
        return None
    if not isinstance(customer, dict):
        raise errors.BadRequest("customer must be an object, or null for a guest")
    web.required(customer, "id", "country", "membership")
    return customer
