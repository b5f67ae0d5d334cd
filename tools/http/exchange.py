"""HTTP clients whose answers are bounded while they are read; see :mod:`tools.http.wire`."""

from collections.abc import Iterator

import httpx

from tools import ports
from tools.http import wire

MAX_BYTES = 16 * 1024 * 1024
"""Bytes of one answer."""


def client(clock: ports.Clock, seconds: float, transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """A client that lets an exchange take so many seconds as a whole, by way of the environment's proxies."""
    made = httpx.Client(timeout=seconds, transport=transport)
    wire.around(made, lambda inner: Bounded(inner, clock))
    return made


class Bounded(httpx.BaseTransport):
    """A transport that ends an exchange with its request's read time-out, or when the answer goes beyond its bounds."""

    def __init__(self, inner: httpx.BaseTransport, clock: ports.Clock, most: int = MAX_BYTES) -> None:
        self._inner, self._clock, self._most = inner, clock, most
        if isinstance(inner, httpx.HTTPTransport):
            # httpx offers no way to its pool; a test pins the versions in which this one was seen
            # (test_private_names).
            wire.timed(inner._pool)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises wire.Unbounded, which is a ValueError, now or while the body is read."""
        meter = wire.Meter(self._clock, request.extensions.get("timeout", {}).get("read"), self._most)
        wire.asked(request.headers)
        with meter.running():
            response = self._inner.handle_request(request)
        if not isinstance(response.stream, httpx.SyncByteStream):
            raise TypeError("an answer that cannot be bounded")
        response.stream = _Body(response.stream, meter)
        try:
            wire.answered(response.headers, len(response.headers.raw))
        except wire.Unbounded:
            response.close()
            raise
        return response

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, inner: httpx.SyncByteStream, meter: wire.Meter) -> None:
        self._inner, self._meter = inner, meter

    def __iter__(self) -> Iterator[bytes]:
        return self._meter.body(self._inner)

    def close(self) -> None:
        self._inner.close()
