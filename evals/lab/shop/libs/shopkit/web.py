"""The pieces every service's application is made of."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

from shopkit import errors, peers
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

log = logging.getLogger("shopkit.web")


Worker = Callable[[], Coroutine[Any, Any, None]]


def application(routes: Sequence[BaseRoute], background: Sequence[Worker] = ()) -> Starlette:
    """An application with the shop's error answers and its health check, and with workers as long as it is served."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with peers.lifespan(app):
            tasks = [asyncio.create_task(worker()) for worker in background]
            yield
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    return Starlette(
        routes=[*routes, Route("/healthz", _healthz)],
        exception_handlers={
            errors.BadRequest: _bad_request,
            errors.NotFound: _not_found,
            errors.UpstreamFailed: _upstream_failed,
            errors.UpstreamRefused: _upstream_refused,
        },
        lifespan=lifespan,
    )


async def body_of(request: Request) -> dict[str, Any]:
    """The request's JSON object."""
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise errors.BadRequest("send JSON") from error
    if not isinstance(body, dict):
        raise errors.BadRequest("send a JSON object")
    return body


def required(body: dict[str, Any], *keys: str) -> None:
    """Refuse a body in which one of the keys is absent."""
    for key in keys:
        if key not in body:
            raise errors.BadRequest(f"{key} is required")


async def _healthz(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _bad_request(_request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=422)


async def _not_found(_request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=404)


async def _upstream_failed(request: Request, error: Exception) -> Response:
    log.warning("%s %s gave up: %s", request.method, request.url.path, error)
    return JSONResponse({"error": "a service behind this one failed"}, status_code=502)


async def _upstream_refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.UpstreamRefused)
    return JSONResponse(error.body, status_code=error.status)
