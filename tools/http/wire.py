"""Bounds of one HTTP exchange, held while its answer is read: its whole time, its bytes, and its shape.

A client's time-out starts again with every byte, a packed answer is unpacked before anybody can count it, and
one of empty lists takes thirty times its length once it is parsed.  So the time that is left is looked up at each
read from the connection, answers are asked for and taken unpacked only, and what they hold is counted on the way.
It serves both HTTP libraries in use, which differ in name only.
"""

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextvars import ContextVar
from typing import Any

from pydantic import JsonValue

from tools import ports

MAX_HEADERS = 100
MAX_VALUES = 1 << 20
"""Values in one JSON answer, by the marks between them; they take up to a hundred bytes each."""
MAX_DEPTH = 64
"""Lists and objects in one another."""

_WRITE = 1 << 16
_RUNNING: ContextVar["Meter"] = ContextVar("exchange")


class Unbounded(ValueError):
    """An answer has gone beyond its bounds."""


class TooLarge(Unbounded):
    """It has too many bytes, or headers, or values in it, or came packed."""


class TooSlow(Unbounded):
    """It did not end in time."""


class Meter:
    """Time, bytes and values that one exchange may still take."""

    def __init__(self, clock: ports.Clock, seconds: float | None, most: int) -> None:
        self._clock = clock
        self._end = None if seconds is None else clock.monotonic() + seconds
        self._bytes, self.values = most, MAX_VALUES
        """Bytes and values that are left."""

    def left(self) -> float | None:
        """Seconds, if they are bounded.  Raises TooSlow when none are left."""
        if self._end is None:
            return None
        left = self._end - self._clock.monotonic()
        if left <= 0:
            raise TooSlow("the answer did not end in time")
        return left

    def read(self, chunk: bytes) -> bytes:
        """The chunk of a body, counted.  Raises Unbounded."""
        self.left()
        self._bytes -= len(chunk)
        # Marks inside of strings count as well: the count is too high at worst, never too low.
        self.values -= chunk.count(b",") + chunk.count(b"[") + chunk.count(b"{")
        if self._bytes < 0 or self.values < 0:
            raise TooLarge("an answer of too many bytes" if self._bytes < 0 else "an answer of too many values")
        return chunk

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Let the connections that this thread reads from end with this exchange's time."""
        before = _RUNNING.set(self)
        try:
            yield
        finally:
            _RUNNING.reset(before)

    def body(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The chunks of a body, each counted.  Raises Unbounded."""
        source = iter(chunks)
        while True:
            with self.running():
                chunk = next(source, None)
            if chunk is None:
                return
            yield self.read(chunk)


def asked(headers: MutableMapping[str, str]) -> None:
    """Ask for an answer that is not packed."""
    headers["accept-encoding"] = "identity"


def answered(headers: MutableMapping[str, str], count: int) -> None:
    """Raise TooLarge for an answer that is packed all the same, or has too many headers; let no cookie be kept."""
    if count > MAX_HEADERS:
        raise TooLarge(f"an answer with {count} headers")
    if headers.get("content-encoding", "identity").strip().casefold() not in ("", "identity"):
        raise TooLarge("an answer that is packed, which was not asked for")
    # The client would send it along with later requests, so one answer could shape the next.
    headers.pop("set-cookie", None)


def parsed(content: bytes) -> JsonValue:
    """A JSON document.  Raises ValueError, Unbounded among them."""
    try:
        body: JsonValue = json.loads(content)
    except RecursionError:
        raise TooLarge("an answer nested too deeply") from None
    # Level by level: a function that calls itself would run into the same limit as the parser.
    level: list[JsonValue] = [body]
    for _ in range(MAX_DEPTH):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return body
    raise TooLarge("an answer nested too deeply")


def _inside(value: JsonValue) -> Iterable[JsonValue]:
    match value:
        case dict():
            return value.values()
        case list():
            return value
        case _:
            return ()


def around(client: Any, bound: Callable[[Any], Any]) -> None:
    """Put a bound around each transport of a client of ``httpx`` or ``httpx2``.

    Afterwards, because what the client makes by itself knows of the proxies in the environment.
    """
    client._transport = bound(client._transport)
    # None stands for a host that is asked without a proxy, which `_transport` does (httpx's mounts).
    client._mounts = {
        pattern: None if mounted is None else bound(mounted) for pattern, mounted in client._mounts.items()
    }


def timed(pool: Any) -> None:
    """Bound every read and write of a connection pool of ``httpcore`` or ``httpcore2`` by its exchange's time."""
    pool._network_backend = _Network(pool._network_backend)


def _seconds(timeout: float | None) -> float | None:
    # A connection of the pool serves many exchanges, so it looks up whose time is running.
    left = _RUNNING.get().left()
    return timeout if left is None else left if timeout is None else min(left, timeout)


class _Network:
    """A network backend whose connections are timed."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, **more: Any) -> "_Stream":
        return _Stream(self._inner.connect_tcp(host, port, timeout=_seconds(timeout), **more))

    def connect_unix_socket(self, path: str, timeout: float | None = None, **more: Any) -> "_Stream":
        return _Stream(self._inner.connect_unix_socket(path, timeout=_seconds(timeout), **more))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Stream:
    """A connection whose every step ends with the exchange's time."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        found: bytes = self._inner.read(max_bytes, timeout=_seconds(timeout))
        return found

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # httpcore starts its time-out anew with each send of a buffer: in pieces, what is left is looked up between.
        for start in range(0, len(buffer), _WRITE):
            self._inner.write(buffer[start : start + _WRITE], timeout=_seconds(timeout))

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> "_Stream":
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout=_seconds(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

    def close(self) -> None:
        self._inner.close()
