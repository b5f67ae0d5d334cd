"""Booking's HTTP interface; schema.json says what a quote needs."""

from typing import Any

from services.booking import prices, rooms, stays
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CHILD_CENTS = 1500
"""Of one child and night."""


async def quote(request: Request) -> Response:
    """What a stay costs."""
    return JSONResponse(quoted(await request.json()))


def quoted(body: dict[str, Any]) -> dict[str, Any]:
    """The answer to a quote."""
    nights = stays.nights(stays.day(body["arrival"]), stays.day(body["departure"]))
    room = rooms.cheapest(body["guests"])
    children = body.get("children", [])
    extra = CHILD_CENTS * nights * len(children)
    cents = prices.total(rooms.night_cents(room), nights, body["guest"]) + extra
    return {
        "room": room,
        "nights": nights,
        "total_cents": cents,
        "child_cents": prices.per_child(extra, children),
        "deposit_cents": prices.deposit(cents, body.get("agency")),
    }


async def cancel(request: Request) -> Response:
    """What a cancellation costs."""
    body = await request.json()
    percent = prices.fee_percent(stays.nights(stays.day(body["cancelled"]), stays.day(body["arrival"])))
    return JSONResponse({"percent": percent, "fee_cents": body["cents"] * percent // 100})


async def calendar(request: Request) -> Response:
    """How a room is taken."""
    body = await request.json()
    taken = sorted(body["stays"], key=lambda stay: stays.day(stay["arrival"]))
    return JSONResponse({"longest": stays.longest(taken), "first_free": stays.first_free(taken, body["wanted"])})


app = Starlette(
    routes=[
        Route("/quotes", quote, methods=["POST"]),
        Route("/cancellations", cancel, methods=["POST"]),
        Route("/calendar", calendar, methods=["POST"]),
    ]
)
