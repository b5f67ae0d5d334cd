"""The downstream services of one recorded request, answered from the record on the sandbox's own loopback.

The sandbox has its own network, so every port is free and the recorded addresses can be served exactly as they were
dialled.  A host that is no loopback address gets a local port, and the environment's URLs are rewritten to it.
"""

import json
import re
import selectors
import socket
import threading

UNEXPECTED = 599
"""Status of the answer to a call that was not recorded."""

_FIRST_PORT = 20080
_LOOPBACK = re.compile(r"^(localhost|127\.\d+\.\d+\.\d+)$")
_URL = re.compile(r"https?://(localhost|127\.\d+\.\d+\.\d+):(\d+)")


def addresses(hosts, environment):
    """Where each recorded host is served, and the environment with the URLs of all others rewritten.

    `hosts` are ``name:port`` strings.  Returns ({host: port on 127.0.0.1}, environment).
    """
    ports, rewritten = {}, dict(environment)
    for host in sorted(set(hosts)):
        name, _, port = host.rpartition(":")
        if _LOOPBACK.match(name) and port.isdigit() and int(port) >= 1024:
            ports[host] = int(port)
            continue
        ports[host] = _FIRST_PORT + len(ports)
        name, port = (name, port) if name else (host, "")
        url = re.compile(r"(https?://)?" + re.escape(name) + (f"(:{port})" if port else "") + r"(?=$|[/?#,])")
        bare = re.compile(r"https?://" + re.escape(name) + r"(?=$|[/?#,])")
        for key, value in rewritten.items():
            local = f"127.0.0.1:{ports[host]}"
            value = url.sub(lambda found: ("http://" if found.group(1) else "") + local, value)  # noqa: B023 (used at once)
            rewritten[key] = bare.sub("http://" + local, value) if port in ("80", "443", "") else value
    for value in rewritten.values():
        for name, port in _URL.findall(value):
            ports.setdefault(f"{name}:{port}", int(port))
    return ports, rewritten


class Downstream:
    """Serves one request's recorded calls, each once and in order; remembers what nobody recorded.

    A request that failed never made its later calls.  Those are answered from `borrowed`, the calls of other recorded
    requests of the route, when host, method and the path's shape agree, as often as they are made.
    """

    def __init__(self, ports, calls, borrowed):
        self._left = [dict(call) for call in calls]
        self._known = {call["host"] for call in calls}
        self._lock = threading.Lock()
        self._hosts = {}
        self._borrowed = borrowed
        self.unexpected = []
        self.borrowed = []
        self._listeners = selectors.DefaultSelector()
        for host, port in ports.items():
            self._hosts.setdefault(port, host)
        for port in self._hosts:
            listener = socket.create_server(("127.0.0.1", port))
            self._listeners.register(listener, selectors.EVENT_READ, port)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def left(self):
        """How many recorded calls were not made."""
        return len(self._left)

    def _accept(self):
        while True:
            for key, _ in self._listeners.select():
                connection, _ = key.fileobj.accept()
                threading.Thread(target=self._serve, args=(connection, key.data), daemon=True).start()

    def _serve(self, connection, port):
        with connection, connection.makefile("rb") as stream:
            while True:
                request = _read(stream)
                if request is None:
                    return
                call = self._take(self._hosts[port], *request)
                if call is not None and call.get("status") is None:
                    _fail(connection, call.get("error") or "")
                    return
                connection.sendall(_answer(call, head=request[0] == "HEAD"))

    def _take(self, host, method, path, query):
        """The recorded answer: of this host if it is known, of any when its address has changed since."""
        with self._lock:
            same = [
                call
                for call in self._left
                if (call["method"], call["path"]) == (method, path)
                and (call["host"] == host or host not in self._known)
            ]
            best = next((call for call in same if (call.get("query") or "") == query), same[0] if same else None)
            if best is not None:
                self._left.remove(best)
                return best
            alike = (call for call in self._borrowed if call["method"] == method and call["host"] == host)
            best = next((call for call in alike if _template(call["path"]) == _template(path)), None)
            (self.unexpected if best is None else self.borrowed).append(f"{method} {host}{path}")
            return best


def _template(path):
    """The path with the segments that look like ids (those with a digit) left out."""
    return ["*" if any(char.isdigit() for char in part) else part for part in path.split("/")]


def _read(stream):
    """(method, path, query) of the next request with its body consumed, or None at the end."""
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
        while (size := int(stream.readline(100).split(b";")[0] or b"0", 16)) > 0:
            stream.read(size + 2)
        stream.readline(100)
    else:
        stream.read(int(headers.get("content-length", "0")))
    path, _, query = line[1].partition("?")
    return line[0], path, query


def _answer(call, *, head):
    status = UNEXPECTED if call is None else call["status"]
    body = {"error": "this call was not recorded"} if call is None else call.get("body")
    kind = "text/plain" if isinstance(body, str) else "application/json"
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    if status in (204, 304) or head:
        content = b""
    start = f"HTTP/1.1 {status} Recorded\r\ncontent-type: {kind}\r\ncontent-length: {len(content)}\r\n\r\n"
    return start.encode() + content


def _fail(connection, error):
    """End without an answer as the record says: a time-out stays silent, everything else is reset."""
    if "timeout" in error.lower() or "timed out" in error.lower():
        threading.Event().wait(60)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
