"""What is checked at the door: the form of a request, never its meaning."""

import re
from typing import Any

from shopkit import errors, web

_SKU = re.compile(r"[A-Z]{3}-\d{3}\Z")
_CODE = re.compile(r"[A-Z]{2,3}\Z")
PASSED = ("customer", "country", "currency", "method", "items", "voucher")
"""The keys of a basket that are passed on; others are dropped."""


def sku(text: str) -> str:
    """An article's number."""
    if not _SKU.match(text):
        raise errors.BadRequest("a SKU looks like ABC-123")
    return text


def basket(body: dict[str, Any]) -> dict[str, Any]:
    """The basket in a body."""
    web.required(body, "items", "customer", "country", "currency", "method")
    if not isinstance(body["items"], list):
        raise errors.BadRequest("items must be a list")
    for item in body["items"]:
        if not isinstance(item, dict) or not isinstance(item.get("sku"), str):
            raise errors.BadRequest("an item has a sku and a quantity")
        sku(item["sku"])
    for key in ("country", "currency"):
        if not isinstance(body[key], str) or not _CODE.match(body[key]):
            raise errors.BadRequest(f"{key} must be a code of capital letters")
    return {key: body.get(key) for key in PASSED}


def reference(body: dict[str, Any]) -> str:
    """The customer's own reference of an order."""
    web.required(body, "reference")
    text = body["reference"]
    if not isinstance(text, str) or not text.isalnum() or len(text) > 40:
        raise errors.BadRequest("reference must be at most 40 letters and digits")
    return text
