"""Inventory's HTTP interface: ``GET /stock/{sku}`` and ``POST /reservations``."""

import time

from services.inventory import holds, reservations, shelves, stock
from shopkit import flight_recorder, web
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

RECORDED = frozenset({"available", "held", "now", "quantity", "sku", "warehouse"})


def build() -> Starlette:
    """The application, with nothing held."""
    kept = holds.Holds(seconds=30.0)
    articles = stock.load()
    open_shelves = shelves.Shelves()

    def held(sku: str) -> int:
        now = flight_recorder.read("now", time.monotonic)
        return flight_recorder.read("held", lambda: kept.held(sku, now))

    async def level(request: Request) -> Response:
        article = stock.find(articles, request.path_params["sku"])
        available = stock.available(article, held(article.sku))
        return JSONResponse({"sku": article.sku, "available": available, "warehouse": article.warehouse})

    async def reserve(request: Request) -> Response:
        asked = reservations.read(await web.body_of(request))
        found = [(stock.find(articles, sku), quantity) for sku, quantity in asked.lines]
        async with open_shelves.all_of([article.warehouse for article, _ in found]):
            for article, quantity in found:
                reservations.check(article, quantity, stock.available(article, held(article.sku)))
            now = flight_recorder.read("now", time.monotonic)
            for article, quantity in found:
                kept.hold(article.sku, quantity, now)
        return JSONResponse(reservations.answer(asked, [article for article, _ in found]), status_code=201)

    return web.application([Route("/stock/{sku}", level), Route("/reservations", reserve, methods=["POST"])])


app = build()
