"""The outermost layer of a service: a span, a count and, when it goes wrong, a log line for every request."""

import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from shopkit import flight_recorder, metrics, settings, tracing

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

QUIET = frozenset({"/healthz", "/metrics"})
log = logging.getLogger("shopkit.telemetry")


class Telemetry:
    """Wraps an application and serves its metrics, to everybody or to whoever knows METRICS_TOKEN."""

    def __init__(self, app: App, measured: metrics.Metrics) -> None:
        self._app, self._metrics = app, measured

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] in QUIET:
            await self._quiet(scope, receive, send)
        else:
            await self._observed(scope, receive, send)

    async def _observed(self, scope: Scope, receive: Receive, send: Send) -> None:
        answered: list[int] = []

        async def noting(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                answered.append(message["status"])
            await send(message)

        began = time.perf_counter()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        with tracing.server_span(headers, f"{scope['method']} {scope['path']}") as span:
            try:
                await self._app(scope, receive, noting)
            except Exception as error:
                route = flight_recorder.route_of(scope)
                log.exception("%s failed: %s", route, error, extra={"route": route, "status": 500})
                if not answered:
                    raise
            finally:
                route, status = flight_recorder.route_of(scope), answered[0] if answered else 500
                span.update_name(route)
                tracing.ended(span, status)
                self._metrics.answered(route, status, time.perf_counter() - began)

    async def _quiet(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/healthz":
            await self._app(scope, receive, send)
            return
        token = settings.text("METRICS_TOKEN", "")
        told = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        refused = token != "" and told != f"Bearer {token}"
        body = b"a token is required\n" if refused else self._metrics.text()
        headers = [(b"content-type", b"text/plain; version=0.0.4; charset=utf-8")]
        await send({"type": "http.response.start", "status": 401 if refused else 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
