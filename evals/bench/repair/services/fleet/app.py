"""Fleet's HTTP interface."""

from services.fleet import readings, vehicles
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


async def series(request: Request) -> Response:
    """Figures of a series of readings."""
    body = await request.json()
    found = readings.values(body["readings"])
    return JSONResponse(
        {
            "mean": readings.mean(found),
            "spread": readings.spread(found),
            "last": readings.last(found),
            "smoothed": readings.smoothed(found, 2),
            "count": sum(readings.kinds(body["readings"]).values()),
            "over": sum(vehicles.over(item["kind"], item.get("value") or 0.0) for item in body["readings"]),
        }
    )


async def trip(request: Request) -> Response:
    """What is known of a trip."""
    body = await request.json()
    latitude, longitude = vehicles.position(body["start"])
    return JSONResponse(
        {
            "driver": vehicles.driver(body),
            "vehicle": vehicles.label(body["vehicle"]),
            "fuel": vehicles.fuel(body, body["tank"]),
            "speed": vehicles.in_kmh(body["speed"], body["unit"]),
            "climbed": readings.height(body["distance"], body["along"]),
            "start": {"lat": latitude, "lon": longitude},
        }
    )


app = Starlette(routes=[Route("/series", series, methods=["POST"]), Route("/trips", trip, methods=["POST"])])
