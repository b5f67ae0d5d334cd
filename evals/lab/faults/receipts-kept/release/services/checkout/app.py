"""Checkout's HTTP interface: ``POST /quotes`` and ``POST /orders``.

It owns nothing: it asks pricing, inventory, payment and notify in the right order and puts their answers together.
"""

from services.checkout import baskets, orders, quotes, receipts
from shopkit import metrics, peers, web
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

RECORDED = frozenset(
    {"amount_cents", "code", "country", "currency", "discount_cents", "fee_cents", "kind", "language", "length", "method"}
    | {"minimum_cents", "missing_cents", "number", "percent", "quantity", "sku", "status", "subtotal_cents", "template"}
    | {"tier", "total", "total_cents", "warehouses"}
)


def build(pricing: peers.Peer, payment: peers.Peer, inventory: peers.Peer, notify: peers.Peer) -> Starlette:
    """The application on these peers."""

    async def quote(request: Request) -> Response:
        basket = baskets.read(await web.body_of(request))
        quoted = await quotes.quote(basket, pricing, payment)
        receipts.remember(basket, quoted)
        return JSONResponse(quoted)

    async def order(request: Request) -> Response:
        body = await web.body_of(request)
        basket, reference = baskets.read(body), baskets.reference(body)
        status, answer = await orders.place(basket, reference, pricing, payment, inventory, notify)
        if status == 201:
            metrics.count("orders_placed")
            metrics.count("order_revenue_cents", answer["total_cents"])
        return JSONResponse(answer, status_code=status)

    return web.application([Route("/quotes", quote, methods=["POST"]), Route("/orders", order, methods=["POST"])])


app = build(
    peers.HttpPeer("pricing"), peers.HttpPeer("payment"), peers.HttpPeer("inventory"), peers.HttpPeer("notify")
)
