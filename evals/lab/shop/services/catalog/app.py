"""Catalog's HTTP interface: ``GET /products/{sku}`` and ``GET /products?category=&search=&page=``."""

from services.catalog import products, search
from shopkit import errors, web
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

RECORDED = frozenset({"category", "name", "page", "related", "sku", "tags"})


def build() -> Starlette:
    """The application."""
    shelf = products.load()

    async def product(request: Request) -> Response:
        sku = request.path_params["sku"]
        if sku not in shelf:
            raise errors.NotFound(f"no product {sku}")
        found = shelf[sku]
        return JSONResponse({**products.described(found), "related": search.related(shelf, found)})

    async def listing(request: Request) -> Response:
        query = request.query_params
        page = search.page_number(query.get("page", "1"))
        found = search.select(shelf, query.get("category"), query.get("search"))
        return JSONResponse(search.page_of(found, page))

    return web.application([Route("/products", listing), Route("/products/{sku}", product)])


app = build()
