"""Connections of a passed-on request: the caller's, and the one to a version's process."""

import asyncio
import json
import socket
import struct
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import cast

from evals.lab.traffic.http_message import Malformed, Message
from evals.lab.traffic.split import Split
from evals.lab.traffic.wire import Wire

TIMEOUT = 10.0
"""Seconds after which a version owes no answer any more; the request then counts as an error."""
_IDLE = 2.0  # seconds; below the servers' keep-alive, so that no connection is reused while it closes
_NO_LINGER = struct.pack("ii", 1, 0)  # closing sends a reset, see socket(7)

Answered = Callable[[Message | None], None]


class Pool:
    """Idle connections and requests in flight, per port."""

    def __init__(self) -> None:
        self.in_flight: Counter[int] = Counter()
        self._idle: dict[int, deque[Upstream]] = {}
        self._connecting: set[asyncio.Task[None]] = set()

    def send(self, port: int, request: bytes, answered: Answered) -> None:
        """Send a request; `answered` gets the response, or None when none comes."""
        self.in_flight[port] += 1
        idle = self._idle.setdefault(port, deque())
        while idle:
            upstream = idle.pop()
            if time.monotonic() - upstream.idle_since < _IDLE:
                upstream.send(request, answered)
                return
            upstream.abort()
        task = asyncio.create_task(self._connect(port, request, answered))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _connect(self, port: int, request: bytes, answered: Answered) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, upstream = await loop.create_connection(lambda: Upstream(self, port), "127.0.0.1", port)
        except OSError:  # nobody listens: the process is down
            self.in_flight[port] -= 1
            answered(None)
            return
        upstream.send(request, answered)

    def finished(self, upstream: "Upstream", *, reusable: bool) -> None:
        """A connection's request has its outcome."""
        self.in_flight[upstream.port] -= 1
        if reusable:
            upstream.idle_since = time.monotonic()
            self._idle.setdefault(upstream.port, deque()).append(upstream)

    def lost(self, upstream: "Upstream") -> None:
        """A connection is gone."""
        idle = self._idle.get(upstream.port, deque())
        if upstream in idle:
            idle.remove(upstream)

    def close(self, port: int) -> None:
        """Close the idle connections to a process that is about to end."""
        for upstream in list(self._idle.pop(port, ())):
            upstream.abort()


class Upstream(asyncio.Protocol):
    """A connection to a process of a service."""

    def __init__(self, pool: Pool, port: int) -> None:
        self._pool, self.port = pool, port
        self._transport: asyncio.Transport | None = None
        self._answered: Answered | None = None
        self._message = Message(response=True)
        self._timer: asyncio.TimerHandle | None = None
        self.idle_since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        self._transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes, answered: Answered) -> None:
        """Send one request over this connection, which must be idle."""
        assert self._transport is not None
        self._answered, self._message = answered, Message(response=True)
        self._timer = asyncio.get_running_loop().call_later(TIMEOUT, self.abort)
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        try:
            self._message.feed(data)
        except ValueError:
            self.abort()
            return
        if self._message.complete:
            self._finish(self._message)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (why it was lost makes no difference)
        """Called by the event loop."""
        self._pool.lost(self)
        self._finish(None)

    def abort(self) -> None:
        """Give up on the connection."""
        if self._transport is not None:
            self._transport.abort()
        self._finish(None)

    def _finish(self, message: Message | None) -> None:
        answered, self._answered = self._answered, None
        if self._timer is not None:
            self._timer.cancel()
        if answered is None:
            return
        self._pool.finished(self, reusable=message is not None and not message.closes)
        answered(message)


class Front(asyncio.Protocol):
    """A caller's connection.  One request at a time; what comes early waits."""

    def __init__(self, split: Split, pool: Pool, wire: Wire) -> None:
        self._split, self._pool, self._wire = split, pool, wire
        self._transport: asyncio.Transport | None = None
        self._message = Message(response=False)
        self._early = b""
        self._busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        if self._busy:
            self._early += data
            return
        try:
            self._early = self._message.feed(data)
        except ValueError as error:
            self._refuse(400, str(error) if isinstance(error, Malformed) else "malformed")
            return
        if self._message.complete:
            self._busy = True
            self._carry(self._message)

    def _carry(self, request: Message) -> None:
        match self._wire.fate():
            case "delay":
                asyncio.get_running_loop().call_later(self._wire.seconds, self._send, request)
            case "reset":
                self._reset()
            case "black hole":  # the caller waits until it gives up
                pass
            case None:
                self._send(request)

    def _reset(self) -> None:
        if self._transport is not None:
            found = self._transport.get_extra_info("socket")
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self._transport.abort()

    def _send(self, request: Message) -> None:
        share = self._split.pick()
        if share is None:
            self._refuse(503, "no version of this service has traffic")
            return
        started = time.monotonic()

        def answered(message: Message | None) -> None:
            status = message.status if message is not None else None
            self._split.count(share.version, status, time.monotonic() - started)
            if message is None:
                self._refuse(502, "the version did not answer")
            else:
                self._reply(bytes(message.data), closes=message.closes or request.closes)

        self._pool.send(share.port, bytes(request.data), answered)

    def _reply(self, data: bytes, *, closes: bool) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(data)
        self._busy, self._message = False, Message(response=False)
        if closes:
            self._transport.close()
        elif self._early:
            early, self._early = self._early, b""
            self.data_received(early)

    def _refuse(self, status: int, reason: str) -> None:
        body = json.dumps({"error": reason}).encode()
        head = f"HTTP/1.1 {status} Router\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
        self._reply(head.encode() + b"connection: close\r\n\r\n" + body, closes=True)
