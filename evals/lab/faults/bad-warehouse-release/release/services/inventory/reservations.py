"""Reservations: an order's articles, kept or refused together."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.inventory import dispatch, stock
from shopkit import errors, web


@dataclass(frozen=True)
class Asked:
    """What an order needs."""

    order_id: str
    lines: tuple[tuple[str, int], ...]


def read(body: dict[str, Any]) -> Asked:
    """The body of ``POST /reservations``."""
    web.required(body, "order_id", "items")
    lines = []
    for item in body["items"]:
        web.required(item, "sku", "quantity")
        if not isinstance(item["quantity"], int) or item["quantity"] < 1:
            raise errors.BadRequest("quantity must be at least 1")
        lines.append((str(item["sku"]), item["quantity"]))
    if not lines:
        raise errors.BadRequest("items must not be empty")
    return Asked(str(body["order_id"]), tuple(lines))


def check(article: stock.Article, quantity: int, available: int) -> None:
    """Refuse a line that cannot be delivered."""
    if quantity > available:
        raise errors.BadRequest(f"only {available} of {article.sku} left")


def answer(asked: Asked, articles: Sequence[stock.Article]) -> dict[str, Any]:
    """The reservation: the same one when the order is sent again."""
    return {
        "reservation_id": "rs-" + hashlib.sha256(asked.order_id.encode()).hexdigest()[:12],
        "warehouses": sorted({article.warehouse for article in articles}),
        "dispatch_days": dispatch.slowest(list(articles)),
    }
