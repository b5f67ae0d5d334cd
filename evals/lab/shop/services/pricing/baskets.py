"""Reading baskets; the schema is in schema.json."""

from dataclasses import dataclass
from typing import Any

from services.pricing import pricelist
from shopkit import errors, web

MOST = 99
"""Of one article."""


@dataclass(frozen=True)
class Basket:
    """Articles with their quantities, a currency, and a voucher or None."""

    lines: tuple[tuple[str, int], ...]
    currency: str
    voucher: dict[str, Any] | None


def read(body: dict[str, Any]) -> Basket:
    """The body of ``POST /prices``."""
    web.required(body, "items", "currency")
    if body["currency"] not in pricelist.RATES:
        raise errors.BadRequest("currency must be one of " + ", ".join(pricelist.RATES))
    voucher = body.get("voucher")
    if voucher is not None:
        if not isinstance(voucher, dict):
            raise errors.BadRequest("voucher must be an object or null")
        web.required(voucher, "code", "kind")
    return Basket(tuple(_line(item) for item in body["items"]), body["currency"], voucher)


def _line(item: dict[str, Any]) -> tuple[str, int]:
    web.required(item, "sku", "quantity")
    quantity = item["quantity"]
    if not isinstance(quantity, int) or not 1 <= quantity <= MOST:
        raise errors.BadRequest(f"quantity must be from 1 to {MOST}")
    return str(item["sku"]), quantity
