"""Pricing's HTTP interface: ``POST /prices`` prices a basket, as ``schema.json`` says."""

from typing import Any

from services.pricing import baskets, pricelist, vouchers
from shopkit import web
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

RECORDED = frozenset(
    {"amount_cents", "code", "currency", "discount_cents", "kind", "minimum_cents", "missing_cents", "percent"}
    | {"quantity", "sku", "subtotal_cents", "total_cents"}
)


def build() -> Starlette:
    """The application."""

    async def prices(request: Request) -> Response:
        basket = baskets.read(await web.body_of(request))
        return JSONResponse(priced(basket))

    async def price(request: Request) -> Response:
        sku, currency = request.path_params["sku"], request.query_params.get("currency", "EUR")
        return JSONResponse({"sku": sku, "currency": currency, "unit_cents": pricelist.unit_cents(sku, currency)})

    return web.application([Route("/prices", prices, methods=["POST"]), Route("/prices/{sku}", price)])


def priced(basket: baskets.Basket) -> dict[str, Any]:
    """Subtotal, discount and total of a basket, and how much is missing until its voucher counts."""
    subtotal = sum(pricelist.line_cents(sku, quantity, basket.currency) for sku, quantity in basket.lines)
    discount = vouchers.discount_cents(basket.voucher, subtotal)
    return {
        "currency": basket.currency,
        "subtotal_cents": subtotal,
        "discount_cents": discount,
        "total_cents": subtotal - discount,
        "missing_cents": vouchers.missing_cents(basket.voucher, subtotal),
    }


app = build()
