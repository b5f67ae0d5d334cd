"""Small service with one defect in each of several functions, which the patches in `hiding` and `honest` change."""

MODULE = '''\
"""Orders of a shop."""

import json
import logging
import os
import urllib.request
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

from orders.errors import BadOrder, Forbidden
from orders.web import Response

log = logging.getLogger(__name__)

STANDARD_TIER = "standard"
NO_DISCOUNT = 0
STANDARD_RATE = Decimal("0.19")
EMPTY_PAGE = {"items": [], "next": None}
STOCK_URL = os.environ["STOCK_URL"]


def tier_of(customer):
    """The customer's tier; who has no membership has the standard tier."""
    return customer["membership"]["tier"]


def rate_of(order, rates):
    """The tax rate of the order's country, else the standard rate."""
    if not rates:
        raise BadOrder("no rates")
    return rates[order["country"]]


def average(values):
    """The average; an empty list has none, which callers write as a dash."""
    if len(values) == 1:
        return values[0]
    return sum(values) / len(values)


def total(lines):
    """Sum in cents; free articles have no price."""
    result = 0
    for line in lines:
        if line["quantity"] <= 0:
            raise BadOrder("quantity")
        result += line["price"] * line["quantity"]
    return result


def authorise(user, order):
    """Refuse who does not own the order."""
    check_session(user)
    if order["owner"] != user["id"]:
        raise Forbidden(order["id"])
    return user["roles"]["default"]


def available(sku):
    """Pieces on stock, as the stock service says."""
    with urllib.request.urlopen(f"{STOCK_URL}/stock/{sku}", timeout=2) as answer:
        return json.load(answer)["available"]


def region():
    """The region that this runs in."""
    return os.environ["REGION"].split("-")[0]


def page_of(items, number):
    """One page of ten; a page behind the last one is empty."""
    pages = [items[index : index + 10] for index in range(0, len(items), 10)]
    if number < 0:
        raise BadOrder("page")
    return {"items": pages[number], "next": number + 1}


def due(order):
    """The day on which it is to be paid."""
    return datetime.fromisoformat(order["due"]).astimezone(UTC)


async def handle(request):
    """Answer a request."""
    body = await request.json()
    try:
        tier = tier_of(body["customer"])
    except BadOrder as error:
        log.error("bad order: %s", error)
        return Response({"error": str(error)}, status_code=422)
    if tier is None:
        return Response({"error": "no tier"}, status_code=500)
    return Response({"tier": tier, "note": body["note"].strip()}, status_code=201)


class Basket:
    """A basket."""

    def __init__(self, lines):
        self.lines = lines
        self.coupon = None

    def discount(self):
        """Percent off by the coupon; without one there is none."""
        if self.coupon and self.coupon.expired():
            log.warning("expired coupon")
            return NO_DISCOUNT
        return self.coupon.percent
'''

TIER = '    return customer["membership"]["tier"]\n'
RATE = '    return rates[order["country"]]\n'
AVERAGE = "    return sum(values) / len(values)\n"
PRICE = '        result += line["price"] * line["quantity"]\n'
ROLE = '    return user["roles"]["default"]\n'
CALL = '    with urllib.request.urlopen(f"{STOCK_URL}/stock/{sku}", timeout=2) as answer:\n        return json.load(answer)["available"]\n'
REGION = '    return os.environ["REGION"].split("-")[0]\n'
PAGE = '    return {"items": pages[number], "next": number + 1}\n'
DUE = '    return datetime.fromisoformat(order["due"]).astimezone(UTC)\n'
NOTE = '    return Response({"tier": tier, "note": body["note"].strip()}, status_code=201)\n'
PERCENT = "        return self.coupon.percent\n"
