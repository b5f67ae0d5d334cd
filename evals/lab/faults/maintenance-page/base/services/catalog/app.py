"""Catalog's HTTP interface: ``GET /products/{sku}`` and ``GET /products?category=&search=&page=``.

A product is shown as its row says; searching and relatives go by the list that was released.
"""

from services.catalog import products, rows, search
from shopkit import errors, flags, settings, web
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

RECORDED = frozenset({"category", "name", "page", "related", "sku", "tags"})


def build() -> Starlette:
    """The application."""
    shelf = products.load()
    kept = rows.Rows()
    flags.start()

    async def product(request: Request) -> Response:
        sku = request.path_params["sku"]
        found = await kept.find(sku)
        if found is None:
            raise errors.NotFound(f"no product {sku}")
        if found.category in settings.text("CLOSED_CATEGORIES", "").split(","):
            return HTMLResponse("<html><body><h1>We will be back soon</h1></body></html>")
        chosen = search.alike(shelf, found) if flags.enabled("related-by-category") else search.related(shelf, found)
        return JSONResponse({**products.described(found), "related": chosen})

    async def listing(request: Request) -> Response:
        query = request.query_params
        page = search.page_number(query.get("page", "1"))
        found = search.select(shelf, query.get("category"), query.get("search"))
        return JSONResponse(search.page_of(found, page))

    return web.application([Route("/products", listing), Route("/products/{sku}", product)])


app = build()
