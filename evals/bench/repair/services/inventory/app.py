"""Inventory over HTTP."""

from datetime import date, timedelta

from services.inventory import labels, picking, stock
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


async def allocation(request: Request) -> Response:
    body = await request.json()
    batches = [picking.Batch(**raw) for raw in body["batches"]]
    made = picking.allocate(picking.pieces(body["wanted"]), batches)
    return JSONResponse({"picks": made.picks, "backorder": made.backorder})


async def ledger(request: Request) -> Response:
    """Level and value of an article at the end of a day."""
    body = await request.json()
    left = stock.level(body["opening"], body["moves"])
    cents = stock.average_cents(body["receipts"], body["last_cents"])
    return JSONResponse({"level": left, "piece_cents": cents, "value_cents": left * cents})


async def label(request: Request) -> Response:
    body = await request.json()
    return JSONResponse(
        {
            "ean": labels.ean(body["digits"]),
            "serial": labels.serial(body["tag"]),
            "sign": labels.sign(body["zone"]),
        }
    )


async def replenishment(request: Request) -> Response:
    """When an article has to be ordered to be there in time."""
    body = await request.json()
    days = picking.lead_days(body["supplier"])
    order_on = date.fromisoformat(body["needed_on"]) - timedelta(days=days)
    return JSONResponse({"days": days, "order_on": order_on.isoformat()})


app = Starlette(
    routes=[
        Route("/allocations", allocation, methods=["POST"]),
        Route("/ledgers", ledger, methods=["POST"]),
        Route("/labels", label, methods=["POST"]),
        Route("/replenishments", replenishment, methods=["POST"]),
    ]
)
