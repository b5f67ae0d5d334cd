"""The HTTP interface; schema.json describes a claim."""

from services.expenses import claims, policy
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


async def claim(request: Request) -> Response:
    body = await request.json()
    rates = body.get("rates", {})
    lines = [claims.line(raw, body["currency"], rates) for raw in body["lines"]]
    sums = claims.totals(lines)
    return JSONResponse(
        {
            "lines": [[item.date, item.category, str(item.amount)] for item in claims.chronological(lines)],
            "totals": {category: str(amount) for category, amount in sums.items()},
            "excess": str(sum(map(claims.excess, lines))),
            "total": str(sum(sums.values())),
        }
    )


async def trip(request: Request) -> Response:
    """Meal allowance and accepted nights of a trip."""
    body = await request.json()
    away = policy.hours(body["start"], body["end"])
    ceiling = policy.night_ceiling(body["country"], body["grade"])
    return JSONResponse(
        {
            "hours": round(away, 2),
            "allowance": str(policy.allowance(away)),
            "nights": [min(night, ceiling) for night in body["nights"]],
        }
    )


app = Starlette(routes=[Route("/claims", claim, methods=["POST"]), Route("/trips", trip, methods=["POST"])])
