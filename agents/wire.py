"""Bounds an answer on the wire: its whole time and its bytes.

A client's read timeout starts again with every byte, so an endpoint that drips would be waited for
without end, and one that never stops would fill the memory.
"""

from collections.abc import Iterator

import httpx2

from tools import ports

MAX_BYTES = 8 * 1024 * 1024
"""Of one answer; the largest that a model of today gives is a tenth of it."""

CONNECT_SECONDS = 10.0

_STARTED = "suture_started"


class TooLarge(httpx2.ReadError):
    """The answer does not end within MAX_BYTES."""


def client(clock: ports.Clock, transport: httpx2.BaseTransport | None = None) -> httpx2.Client:
    """A client whose answers are bounded by their request's read timeout as a whole."""

    def asked(request: httpx2.Request) -> None:
        request.extensions = {**request.extensions, _STARTED: clock.monotonic()}

    def answering(response: httpx2.Response) -> None:
        extensions = response.request.extensions
        seconds = extensions.get("timeout", {}).get("read")
        end = None if seconds is None else extensions[_STARTED] + seconds
        if isinstance(response.stream, httpx2.SyncByteStream):
            response.stream = _Bounded(response.stream, clock, end)

    # Without a transport the client makes its own, which knows of the proxies in the environment.
    return httpx2.Client(transport=transport, event_hooks={"request": [asked], "response": [answering]})


class _Bounded(httpx2.SyncByteStream):
    def __init__(self, inner: httpx2.SyncByteStream, clock: ports.Clock, end: float | None) -> None:
        self._inner, self._clock, self._end = inner, clock, end

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._inner:
            size += len(chunk)
            if size > MAX_BYTES:
                raise TooLarge(f"more than {MAX_BYTES} bytes")
            if self._end is not None and self._clock.monotonic() > self._end:
                raise httpx2.ReadTimeout("the answer did not end in time")
            yield chunk

    def close(self) -> None:
        self._inner.close()
