"""HTTP client of a model endpoint, with bounds on time, bytes and shape of an answer; see :mod:`tools.http.wire`."""

import contextlib
from collections.abc import Iterator

import httpx2

from tools import ports
from tools.http import wire

MAX_BYTES = 8 * 1024 * 1024
"""Of one answer; the largest that a model of today gives is a tenth of it."""

MAX_VALUES = 1 << 18
"""Values in one that comes whole: each becomes an object of the client's, after the time was measured."""


class TooLarge(httpx2.ReadError):
    """The answer does not end within its bounds."""


def client(clock: ports.Clock, transport: httpx2.BaseTransport | None = None) -> httpx2.Client:
    """A client whose answers are bounded, in time by their request's read time-out as a whole."""
    made = httpx2.Client(transport=transport)
    wire.around(made, lambda inner: _Transport(inner, clock))
    return made


class _Transport(httpx2.BaseTransport):
    def __init__(self, inner: httpx2.BaseTransport, clock: ports.Clock) -> None:
        self._inner, self._clock = inner, clock
        if isinstance(inner, httpx2.HTTPTransport):
            wire.timed(inner._pool)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        meter = wire.Meter(self._clock, request.extensions.get("timeout", {}).get("read"), MAX_BYTES)
        wire.asked(request.headers)
        with _translated(), meter.running():
            response = self._inner.handle_request(request)
        if not isinstance(response.stream, httpx2.SyncByteStream):
            raise TypeError("an answer that cannot be bounded")
        if "event-stream" not in response.headers.get("content-type", ""):
            meter.values = MAX_VALUES
        response.stream = _Body(response.stream, meter)
        try:
            with _translated():
                wire.answered(response.headers, len(response.headers.raw))
        except TooLarge:
            response.close()
            raise
        return response

    def close(self) -> None:
        self._inner.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, inner: httpx2.SyncByteStream, meter: wire.Meter) -> None:
        self._inner, self._meter = inner, meter

    def __iter__(self) -> Iterator[bytes]:
        with _translated():
            yield from self._meter.body(self._inner)

    def close(self) -> None:
        self._inner.close()


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except wire.TooSlow as error:
        # As the library's own errors, which the openai client takes for a time-out and a broken connection.
        raise httpx2.ReadTimeout(str(error)) from error
    except wire.TooLarge as error:
        raise TooLarge(str(error)) from error
