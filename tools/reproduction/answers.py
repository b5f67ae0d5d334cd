"""Plays the downstream services of recorded requests, on the sandbox's own loopback.

The sandbox has its own network, so every port is free and the recorded addresses can be served exactly as they were
dialled.  A host that is no loopback address gets a local port, and the environment's URLs are rewritten to it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import selectors
import socket
import threading
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Call = Mapping[str, Any]

UNEXPECTED = 599
"""Status of the answer to a call that was not recorded."""

_FIRST_PORT = 20080
_LOOPBACK = re.compile(r"^(localhost|127\.\d+\.\d+\.\d+)$")
_URL = re.compile(r"https?://(localhost|127\.\d+\.\d+\.\d+):(\d+)")


def addresses(hosts: Iterable[str], environment: Mapping[str, str]) -> tuple[dict[str, int], dict[str, str]]:
    """Port of each recorded host, and the environment with the URLs of all others rewritten.

    `hosts` are ``name:port`` strings.  Returns ({host: port on 127.0.0.1}, environment).
    """
    ports: dict[str, int] = {}
    rewritten = dict(environment)
    for host in sorted(set(hosts)):
        name, _, port = host.rpartition(":")
        if _LOOPBACK.match(name) and port.isdigit() and int(port) >= 1024:
            ports[host] = int(port)
            continue
        ports[host] = _FIRST_PORT + len(ports)
        name, port = (name, port) if name else (host, "")
        url = re.compile(r"(https?://)?" + re.escape(name) + (f"(:{port})" if port else "") + r"(?=$|[/?#,])")
        bare = re.compile(r"https?://" + re.escape(name) + r"(?=$|[/?#,])")
        local = f"127.0.0.1:{ports[host]}"
        for key, given in list(rewritten.items()):
            value = url.sub(lambda found: ("http://" if found.group(1) else "") + local, given)  # noqa: B023 (used at once)
            rewritten[key] = bare.sub("http://" + local, value) if port in ("80", "443", "") else value
    for value in rewritten.values():
        for name, port in _URL.findall(value):
            ports.setdefault(f"{name}:{port}", int(port))
    return ports, rewritten


class Book:
    """The calls of one request: the recorded ones, each answered once and in order, and those that it made.

    A request that failed never made its later calls.  Those are answered from `borrowed`, the calls of other recorded
    requests of the route, when host, method and the path's shape agree, as often as they are made.
    """

    def __init__(self, calls: Iterable[Call], borrowed: Sequence[Call]) -> None:
        self._left: list[Call] = list(calls)
        self._known = {call["host"] for call in self._left}
        self._lendable = borrowed
        self._lock = threading.Lock()
        self._unexpected: list[str] = []
        self._borrowed: list[str] = []
        self._made: list[str] = []
        self.closed = threading.Event()

    def told(self) -> dict[str, list[str]]:
        """Calls that were made, each with a digest of its query and body, and the recorded calls that were not."""
        with self._lock:
            return {
                "made": list(self._made),
                "unmade": [f"{call['method']} {call['host']}{call['path']}" for call in self._left],
                "unexpected": list(self._unexpected),
                "borrowed": list(self._borrowed),
            }

    def take(self, host: str, method: str, path: str, query: str, body: bytes) -> Call | None:
        """The recorded answer: of this host if it is known, of any when its address has changed since."""
        with self._lock:
            digest = hashlib.sha256(query.encode() + b"\0" + body).hexdigest()[:16]
            self._made.append(f"{method} {host}{path} {digest}")
            same = [
                call
                for call in self._left
                if (call["method"], call["path"]) == (method, path)
                and (call["host"] == host or host not in self._known)
            ]
            # The same query if there is one; else the first of the path, as queries may hold times or
            # ids.
            best: Call | None = next(
                (call for call in same if (call.get("query") or "") == query), same[0] if same else None
            )
            if best is not None:
                self._left.remove(best)
                return best
            alike = (call for call in self._lendable if call["method"] == method and call["host"] == host)
            best = next((call for call in alike if _template(call["path"]) == _template(path)), None)
            (self._unexpected if best is None else self._borrowed).append(f"{method} {host}{path}")
            return best


class Downstream:
    """Listens where the downstream services do, and answers from the book of the request that is being made."""

    def __init__(self, ports: Mapping[str, int]) -> None:
        self._hosts: dict[int, str] = {}
        for host, port in ports.items():
            self._hosts.setdefault(port, host)
        self._lock = threading.Lock()
        self._book = Book((), ())
        self._listeners = selectors.DefaultSelector()
        self._sockets: dict[int, socket.socket] = {}
        for port in self._hosts:
            self._sockets[port] = socket.create_server(("127.0.0.1", port))
            self._sockets[port].setblocking(False)  # noqa: FBT003 (positional only)
            self._listeners.register(self._sockets[port], selectors.EVENT_READ, port)
        threading.Thread(target=self._accept, daemon=True).start()

    def turn_to(self, calls: Iterable[Call], borrowed: Sequence[Call]) -> Book:
        """Begin with the next request.  The last one's processes are dead: what they sent last is nobody's call."""
        with self._lock:
            for server in self._sockets.values():
                with contextlib.suppress(BlockingIOError):
                    while True:
                        server.accept()[0].close()
            self._book.closed.set()
            self._book = Book(calls, borrowed)
            return self._book

    def _accept(self) -> None:
        while True:
            for key, _ in self._listeners.select():
                with self._lock, contextlib.suppress(BlockingIOError):
                    connection, _ = self._sockets[key.data].accept()
                    connection.setblocking(True)  # noqa: FBT003 (positional only)
                    given = (connection, self._hosts[key.data], self._book)
                    threading.Thread(target=_serve, args=given, daemon=True).start()


def _serve(connection: socket.socket, host: str, book: Book) -> None:
    # Whatever talks to us here may break off, and may talk no HTTP: then it has made no call.
    with contextlib.suppress(OSError, ValueError), connection, connection.makefile("rb") as stream:
        while True:
            request = _read(stream)
            if request is None:
                return
            call = book.take(host, *request)
            if call is not None and call.get("status") is None:
                _fail(connection, call.get("error") or "", book)
                return
            connection.sendall(_answer(call, head=request[0] == "HEAD"))


def _template(path: str) -> list[str]:
    """The path with the segments that look like ids (those with a digit) left out."""
    return ["*" if any(char.isdigit() for char in part) else part for part in path.split("/")]


def _read(stream: BinaryIO) -> tuple[str, str, str, bytes] | None:
    """Method, path, query and body of the next request, or None at the end."""
    line = stream.readline(65536).decode("latin-1").split()
    if len(line) != 3:
        return None
    headers = {}
    while True:
        name, colon, value = stream.readline(65536).decode("latin-1").strip().partition(":")
        if not colon:
            break
        headers[name.lower()] = value.strip()
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = b""
        while (size := int(stream.readline(100).split(b";")[0] or b"0", 16)) > 0:
            body += stream.read(size + 2)[:size]
        stream.readline(100)
    else:
        body = stream.read(int(headers.get("content-length", "0")))
    path, _, query = line[1].partition("?")
    return line[0], path, query, body


def _answer(call: Call | None, *, head: bool) -> bytes:
    status = UNEXPECTED if call is None else call["status"]
    body = {"error": "this call was not recorded"} if call is None else call.get("body")
    kind = "text/plain" if isinstance(body, str) else "application/json"
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    if status in (204, 304) or head:
        content = b""
    start = f"HTTP/1.1 {status} Recorded\r\ncontent-type: {kind}\r\ncontent-length: {len(content)}\r\n\r\n"
    return start.encode() + content


def _fail(connection: socket.socket, error: str, book: Book) -> None:
    """End without an answer as the record says: a time-out stays silent, everything else is reset."""
    if "timeout" in error.lower() or "timed out" in error.lower():
        book.closed.wait()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
