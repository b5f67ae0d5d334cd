"""Answers to users."""

from typing import Any

from starlette.responses import JSONResponse, Response

FEW = 20
"""Below this many we say how many are left."""


def cached(body: Any, seconds: int) -> Response:
    """An answer that browsers may keep for a while."""
    return JSONResponse(body, headers={"cache-control": f"public, max-age={seconds}"})


def fresh(body: Any, status: int = 200) -> Response:
    """An answer that nobody may keep."""
    return JSONResponse(body, status_code=status, headers={"cache-control": "no-store"})


def stock(found: dict[str, Any]) -> dict[str, Any]:
    """What users may know of a stock level: not the number, unless there are few."""
    available = found["available"]
    level = "none" if available == 0 else "few" if available < FEW else "many"
    return {"sku": found["sku"], "level": level, "left": available if available < FEW else None}
