"""Billing's HTTP interface."""

from typing import Any

from services.billing import payments, plans, tax, usage
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


async def invoice(request: Request) -> Response:
    """Write an invoice."""
    return JSONResponse(invoiced(await request.json()))


def invoiced(body: dict[str, Any]) -> dict[str, Any]:
    """The amounts of an invoice."""
    units = usage.metered(body["usage"])
    net = plans.seats_cents(body["plan"], body["seats"]) + usage.cents(units)
    net = tax.discounted(net, body.get("coupon"))
    percent = tax.rate(body["customer"])
    return {
        "net_cents": net,
        "tax_cents": tax.tax_cents(net, percent),
        "top": usage.top(units, 2),
        "due": payments.due(body["issued"], body.get("terms")),
    }


async def prorate(request: Request) -> Response:
    """What is left of a period that ends early."""
    body = await request.json()
    cents = plans.seats_cents(body["plan"], body["seats"])
    return JSONResponse({"cents": plans.day_cents(cents, body["days"]) * body["left"]})


async def settle(request: Request) -> Response:
    """Settle invoices with a payment."""
    body = await request.json()
    return JSONResponse(payments.settle(body["invoices"], body["paid_cents"]))


async def meters(request: Request) -> Response:
    """Add up readings."""
    body = await request.json()
    return JSONResponse({"units": usage.counted(body["readings"])})


async def remind(request: Request) -> Response:
    """The lines of a reminder."""
    body = await request.json()
    return JSONResponse({"lines": [payments.label(item) for item in body["invoices"]]})


app = Starlette(
    routes=[
        Route("/invoices", invoice, methods=["POST"]),
        Route("/prorations", prorate, methods=["POST"]),
        Route("/payments", settle, methods=["POST"]),
        Route("/meters", meters, methods=["POST"]),
        Route("/reminders", remind, methods=["POST"]),
    ]
)
