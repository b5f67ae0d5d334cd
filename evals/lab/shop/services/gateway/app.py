"""Gateway's HTTP interface: the only one that is reachable from outside.

The edge has checked the session before us and put the customer into the body: null for a guest.
"""

from services.gateway import answers, checks, opinions
from shopkit import errors, peers, settings, web
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

RECORDED = frozenset(
    {"amount_cents", "available", "category", "code", "country", "currency", "kind", "method", "minimum_cents", "percent"}
    | {"quantity", "reviews", "sku", "stars", "tier", "warehouse"}
)


def build(
    catalog: peers.Peer, inventory: peers.Peer, checkout: peers.Peer, ratings: peers.Peer | None = None
) -> Starlette:
    """The application on these peers; without ratings no product has one."""

    async def product(request: Request) -> Response:
        sku = checks.sku(request.path_params["sku"])
        found = await catalog.get(f"/products/{sku}")
        if ratings is not None:
            found = {**found, "rating": await opinions.of(ratings, sku)}
        return answers.cached(found, seconds=60)

    async def reviews(request: Request) -> Response:
        if ratings is None:
            raise errors.NotFound("there are no reviews")
        return answers.cached(await ratings.get(f"/reviews/{checks.sku(request.path_params['sku'])}"), seconds=60)

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
            Route("/products/{sku}/reviews", reviews),
            Route("/stock/{sku}", stock),
            Route("/quotes", quote, methods=["POST"]),
            Route("/orders", order, methods=["POST"]),
        ]
    )


app = build(
    peers.HttpPeer("catalog"),
    peers.HttpPeer("inventory"),
    peers.HttpPeer("checkout", timeout_ms=4_000),
    peers.HttpPeer("ratings", timeout_ms=500) if settings.text("RATINGS_URL", "") else None,
)
