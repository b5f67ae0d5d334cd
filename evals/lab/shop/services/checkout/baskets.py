"""Reading baskets.  What is in them is checked by the services that know: prices by pricing, customers by payment."""

from dataclasses import dataclass
from typing import Any

from shopkit import errors, web

MOST_LINES = 50


@dataclass(frozen=True)
class Basket:
    """What somebody wants to buy, who it is (None for a guest), and how it will be paid."""

    items: list[dict[str, Any]]
    customer: dict[str, Any] | None
    country: str
    currency: str
    method: str
    voucher: dict[str, Any] | None


def read(body: dict[str, Any]) -> Basket:
    """The basket in a body."""
    web.required(body, "items", "customer", "country", "currency", "method")
    items = body["items"]
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_LINES:
        raise errors.BadRequest(f"a basket has from 1 to {MOST_LINES} lines")
    return Basket(items, body["customer"], body["country"], body["currency"], body["method"], body.get("voucher"))


def reference(body: dict[str, Any]) -> str:
    """The customer's own reference of an order, which makes it safe to send it again."""
    web.required(body, "reference")
    if not isinstance(body["reference"], str) or not body["reference"].isalnum():
        raise errors.BadRequest("reference must be letters and digits")
    return body["reference"]
