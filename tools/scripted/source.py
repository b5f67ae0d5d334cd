"""Source of the simulated sick service: a small real program with a real bug.

It is ordinary Python without dependencies, so that a real sandbox can run it and a real agent can mend it:
a customer without a membership has ``null`` there (the schema says so), and one line forgets that.
"""

from collections.abc import Mapping

SUTURE_TOML = """\
[services.orders]
path = "services/orders"
app = "services.orders.app:app"
tests = "services/orders/tests"
schemas = ["services/orders/schema.json"]
"""

PRICING = '''\
"""What an order costs."""

STANDARD_DISCOUNT = 0


def subtotal(lines):
    """Sum of the lines, in cents."""
    return sum(line["quantity"] * line["cents"] for line in lines)


def discount(customer):
    """Percent off for this customer; whoever has no membership gets STANDARD_DISCOUNT."""
    membership = customer["membership"]
    return membership.get("discount", STANDARD_DISCOUNT)


def total(customer, lines):
    """What the customer pays, in cents."""
    full = subtotal(lines)
    return full - full * discount(customer) // 100
'''

APP = '''\
"""Orders: takes an order, asks for the stock, and says what it costs."""

import asyncio
import json
import os
import urllib.request

from services.orders import pricing


def available(sku):
    """Pieces on stock."""
    with urllib.request.urlopen(f"{os.environ['STOCK_URL']}/stock/{sku}", timeout=2) as answer:
        return json.load(answer)["available"]


async def create(order):
    """Price an order whose lines are all on stock."""
    for line in order["lines"]:
        if await asyncio.to_thread(available, line["sku"]) < line["quantity"]:
            return 409, {"error": "out of stock", "sku": line["sku"]}
    return 201, {"customer": order["customer"]["id"], "total": pricing.total(order["customer"], order["lines"])}


async def app(scope, receive, send):
    """The ASGI application: ``POST /orders`` and ``GET /healthz``."""
    if scope["type"] == "lifespan":
        return await lifespan(receive, send)
    if (scope["method"], scope["path"]) == ("GET", "/healthz"):
        return await reply(send, 200, {"ok": True})
    if (scope["method"], scope["path"]) != ("POST", "/orders"):
        return await reply(send, 404, {"error": "not found"})
    status, answer = await create(json.loads(await body(receive)))
    await reply(send, status, answer)


async def lifespan(receive, send):
    """Nothing to start and nothing to stop."""
    while (await receive())["type"] == "lifespan.startup":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})


async def body(receive):
    """The whole request body."""
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def reply(send, status, answer):
    """Send one JSON answer."""
    content = json.dumps(answer).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
'''

SCHEMA = """\
{
  "customer": {
    "id": {"type": "string"},
    "membership": {
      "type": ["object", "null"],
      "description": "null for customers without a membership; they pay the standard price",
      "properties": {"tier": {"type": "string"}, "discount": {"type": "integer"}}
    }
  },
  "lines": {"type": "array", "items": {"sku": "string", "quantity": "integer", "cents": "integer"}}
}
"""

TESTS = '''\
"""Prices of members."""

from services.orders import pricing

LINES = [{"sku": "a-1", "quantity": 2, "cents": 500}]


def test_lines_add_up():
    assert pricing.subtotal(LINES) == 1000


def test_a_member_pays_less():
    assert pricing.total({"id": "c-1", "membership": {"tier": "gold", "discount": 10}}, LINES) == 900


def test_a_membership_without_a_discount_pays_the_standard_price():
    assert pricing.total({"id": "c-1", "membership": {"tier": "basic"}}, LINES) == 1000
'''

BUGGY_LINE = 'return membership.get("discount", STANDARD_DISCOUNT)'
MENDED_LINE = 'return (membership or {}).get("discount", STANDARD_DISCOUNT)'

FILES: Mapping[str, str] = {
    "suture.toml": SUTURE_TOML,
    "services/__init__.py": "",
    "services/orders/__init__.py": "",
    "services/orders/app.py": APP,
    "services/orders/pricing.py": PRICING,
    "services/orders/schema.json": SCHEMA,
    "services/orders/tests/__init__.py": "",
    "services/orders/tests/test_pricing.py": TESTS,
}
"""The whole repository at its newest commit."""


def line_of(path: str, fragment: str) -> int:
    """Number of the first line of a file that holds a fragment.  Raises ValueError when none does."""
    for number, line in enumerate(FILES[path].split("\n"), start=1):
        if fragment in line:
            return number
    raise ValueError(f"{path} has no line with {fragment!r}")
