"""Gateway's HTTP interface: the only one that is reachable from outside.

The edge has checked the session before us and put the customer into the body: null for a guest.
"""

from services.gateway import answers, checks
from shopkit import peers, web
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

RECORDED = frozenset(
    {"amount_cents", "available", "category", "code", "country", "currency", "kind", "method", "minimum_cents", "percent"}
    | {"quantity", "sku", "tier", "warehouse"}
)


def build(catalog: peers.Peer, inventory: peers.Peer, checkout: peers.Peer) -> Starlette:
    """The application on these peers."""

    async def product(request: Request) -> Response:
        found = await catalog.get(f"/products/{checks.sku(request.path_params['sku'])}")
        return answers.cached(found, seconds=60)

    async def stock(request: Request) -> Response:
        found = await inventory.get(f"/stock/{checks.sku(request.path_params['sku'])}")
        return answers.cached(answers.stock(found), seconds=5)

    async def quote(request: Request) -> Response:
        basket = checks.basket(await web.body_of(request))
        return answers.fresh(await checkout.post("/quotes", basket))

    async def order(request: Request) -> Response:
        body = await web.body_of(request)
        basket = {**checks.basket(body), "reference": checks.reference(body)}
        return answers.fresh(await checkout.post("/orders", basket), status=201)

    return web.application(
        [
            Route("/products/{sku}", product),
            Route("/stock/{sku}", stock),
            Route("/quotes", quote, methods=["POST"]),
            Route("/orders", order, methods=["POST"]),
        ]
    )


app = build(peers.HttpPeer("catalog"), peers.HttpPeer("inventory"), peers.HttpPeer("checkout", timeout_ms=4_000))
