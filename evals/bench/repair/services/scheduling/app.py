"""Scheduling's HTTP interface."""

from datetime import date

from services.scheduling import people, times
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


async def slots(request: Request) -> Response:
    """Free slots of a day."""
    body = await request.json()
    offered = times.slots(body["opens"], body["closes"], body.get("step"))
    left = times.free(offered, body["taken"])
    return JSONResponse({"free": left, "percent": times.share(left, offered)})


async def periods(request: Request) -> Response:
    """When things end and begin again."""
    body = await request.json()
    again = times.next_month(date.fromisoformat(body["start"][:10]))
    return JSONResponse({"ends": times.ends(body["start"], body["length"]), "again": again.isoformat()})


async def roster(request: Request) -> Response:
    """Who works when."""
    body = await request.json()
    return JSONResponse(
        {
            "hours": list(people.hours(body["shifts"]).values()),
            "teams": [people.team(shift["person"]) for shift in body["shifts"]],
            "order": people.rotation(body["on_call"], body["week"]),
        }
    )


async def handovers(request: Request) -> Response:
    """Who takes over, and who leads them."""
    body = await request.json()
    taker = people.handover(body["queue"], body["leaving"])
    skilled = people.first_with(body["skill"], body["queue"])
    lead = taker if taker == people.NOBODY else people.lead_of(taker)
    return JSONResponse({"taker": taker, "skilled": skilled, "lead": lead})


app = Starlette(
    routes=[
        Route("/slots", slots, methods=["POST"]),
        Route("/periods", periods, methods=["POST"]),
        Route("/rosters", roster, methods=["POST"]),
        Route("/handovers", handovers, methods=["POST"]),
    ]
)
