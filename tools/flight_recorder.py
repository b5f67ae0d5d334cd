"""A recorder for failing requests, to be copied into any ASGI service: one file, standard library only, Python 3.9+.

It writes one JSON line for every request that failed and for a sample of those that went well, with the answers
that the request's outgoing calls got, so that the failure can be repeated elsewhere.  Keys, types, nulls, booleans,
zeros and lengths are kept; every other value becomes a stand-in of the same type, unless its key is listed in
`keep`.  Within one capture the same value always gets the same stand-in, so that an id passed on still matches.

Three hooks: wrap the application in `FlightRecorder`, report each outgoing call to `note_call`, and take what
comes from the clock, from randomness or from local state through `read`, so that `replay` can give it again.

It must never break a request: what goes wrong in here is counted in `dropped` and forgotten.
"""

from __future__ import annotations

import contextlib
import contextvars
import hashlib
import json
import math
import os
import re
import time
import urllib.parse
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, TypeVar  # noqa: UP035 (Callable is evaluated below; Python 3.9)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Iterator, Mapping, MutableMapping

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

T = TypeVar("T")

MAX_BODY = 64 * 1024
"""Bytes of one body that are kept; more marks the capture as truncated."""
MAX_LINE = 192 * 1024
"""Bytes of one line; a longer one loses its bodies and is marked as truncated."""
MAX_CALLS = 64
"""Outgoing calls, and local reads, of one request that are kept."""
MAX_FILE = 32 * 1024 * 1024
"""Bytes of one file; then it is moved to ``.1``, whose predecessor is deleted."""
MAX_AGE = 24 * 3600.0
"""Seconds after which no recorded line exists any more."""
MAX_FAILED = 50
"""Failing requests recorded in one second; a storm adds nothing after that."""
MAX_SHAPES = 500
"""Shapes of good requests that are told apart; with more of them all are forgotten and begin again."""
HEADERS = frozenset({"accept", "content-type"})
"""Headers that are written as they are; all others are left out."""

_OWN = (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError, MemoryError)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?\Z")
_PLAIN = re.compile(r"[a-z][a-z_.-]{0,23}\Z")
_STRUCTURE = " -_.:/@+"


class NothingRecorded(LookupError):
    """A replayed request reads something that its capture does not hold."""


class _Trip:
    """What one request did while it was answered."""

    def __init__(self) -> None:
        self.sent = bytearray()
        self.answer = bytearray()
        self.status: int | None = None
        self.calls: list[dict[str, Any]] = []
        self.reads: list[tuple[str, Any]] = []
        self.exception: str | None = None
        self.truncated = False


_trip: contextvars.ContextVar[_Trip | None] = contextvars.ContextVar("flight_recorder_trip", default=None)
_replayed: contextvars.ContextVar[list[dict[str, Any]] | None] = contextvars.ContextVar(
    "flight_recorder_replayed", default=None
)


def note_call(
    *, method: str, host: str, path: str, query: str, status: int | None, body: bytes, error: str | None
) -> None:
    """Report one outgoing call of the current request and its answer; `host` is ``name:port`` as dialled."""
    trip = _trip.get()
    if trip is None:
        return
    if len(trip.calls) >= MAX_CALLS or len(body) > MAX_BODY:
        trip.truncated = True
        body = b""
    if len(trip.calls) < MAX_CALLS:
        trip.calls.append(
            {
                "method": method,
                "host": host,
                "path": path,
                "query": query,
                "status": status,
                "body": body,
                "error": error,
            }
        )


def read(name: str, source: Callable[[], T]) -> T:
    """The value of `source`, noted under `name`; when a capture is replayed, the value that was noted then.

    Raises NothingRecorded when a replayed capture holds no further value of this name.
    """
    recorded = _replayed.get()
    if recorded is not None:
        for index, item in enumerate(recorded):
            if item["name"] == name:
                found: T = recorded.pop(index)["value"]
                return found
        raise NothingRecorded(name)
    value = source()
    trip = _trip.get()
    if trip is not None:
        if len(trip.reads) < MAX_CALLS:
            trip.reads.append((name, value))
        else:
            trip.truncated = True
    return value


@contextlib.contextmanager
def replay(reads: Iterable[Mapping[str, Any]]) -> Iterator[None]:
    """Within this context `read` gives these values (``{"name", "value"}``), each once and in order of its name."""
    token = _replayed.set([dict(item) for item in reads])
    try:
        yield
    finally:
        _replayed.reset(token)


def route_of(scope: Mapping[str, Any]) -> str:
    """Method and path template of a request that was routed, for example ``POST /orders/{id}``.

    A request that no route took is ``GET *``, so that guessed paths do not make a label each.
    """
    if "endpoint" not in scope:
        return f"{scope['method']} *"
    names = {str(value): name for name, value in scope.get("path_params", {}).items()}
    parts = [f"{{{names[part]}}}" if part in names else part for part in scope["path"].split("/")]
    return f"{scope['method']} {'/'.join(parts)}"


class StandIns:
    """Replaces values by others of the same type, the same one for the same value, by a secret salt."""

    def __init__(self, salt: bytes, keep: frozenset[str]) -> None:
        self._salt, self._keep = salt, keep
        self._kept: set[str] = set()
        self._replaced: set[str] = set()

    def json(self, value: Any, key: str = "") -> Any:
        """A JSON value with stand-ins below; `key` is the nearest key above it.  Raises ValueError on NaN."""
        if isinstance(value, dict):
            return {name: self.json(item, name) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.json(item, key) for item in value]
        if value is None or isinstance(value, bool) or value in (0, ""):
            return value
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError("not a finite number")
        if key in self._keep:
            self._kept.add(str(value))
            return value
        self._replaced.add(str(value))
        return self.number(value) if isinstance(value, (int, float)) else self.text(str(value))

    def number(self, value: float) -> float:
        """A number of the same type, sign and number of digits."""
        mantissa, mark, exponent = repr(abs(value)).partition("e")
        digits = self.text(mantissa) + mark + exponent
        replaced = float(digits) if isinstance(value, float) else int(digits)
        replaced = replaced or type(value)(1)  # 0.3 may turn into 0.0, which has no sign
        return -replaced if value < 0 else replaced

    def text(self, value: str) -> str:
        """A string of the same length and the same classes of characters; a date stays a date."""
        stream = self._stream(value)
        if _DATE.match(value):
            return _date_like(value, stream)
        return "".join(_character(char, stream[at], first=at == 0) for at, char in enumerate(value))

    def path(self, path: str, parameters: Mapping[str, Any]) -> str:
        """A path in which parameters and whatever looks like an identifier are replaced.

        Call it after the bodies: an id that was kept or replaced there is kept or replaced here.
        """
        kept = {str(value) for name, value in parameters.items() if name in self._keep}
        given = {str(value) for value in parameters.values()} - kept
        return "/".join(self._segment(part, kept, given) for part in path.split("/"))

    def query(self, query: str) -> str:
        """A query string with its keys."""
        pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
        return urllib.parse.urlencode([(name, self.json(value, name)) for name, value in pairs])

    def _segment(self, part: str, kept: set[str], given: set[str]) -> str:
        if part in kept or (part in self._kept and part not in given) or not part:
            return part
        if part in given or part in self._replaced or not _PLAIN.match(part):
            return self.text(part)
        return part

    def _stream(self, value: str) -> bytes:
        raw = value.encode("utf-8", "surrogatepass")
        blocks = [
            hashlib.blake2b(raw, key=self._salt, salt=block.to_bytes(16, "big")).digest()
            for block in range(max(20, len(value)) // 64 + 1)
        ]
        return b"".join(blocks)


def _character(char: str, noise: int, *, first: bool) -> str:
    if "0" <= char <= "9":
        digit = ord(char) - 48
        if first:  # a leading zero stays one and another digit stays another: a number keeps its length
            return str(1 + (digit + noise % 8) % 9) if digit else char
        return str((digit + 1 + noise % 9) % 10)
    if "a" <= char <= "z":
        return chr(97 + (ord(char) - 97 + 1 + noise % 25) % 26)
    if "A" <= char <= "Z":
        return chr(65 + (ord(char) - 65 + 1 + noise % 25) % 26)
    if char in _STRUCTURE:
        return char
    return "*" if ord(char) < 128 else chr(97 + noise % 26)


def _date_like(value: str, stream: bytes) -> str:
    ranges = ((2000, 2024), (1, 12), (1, 28), (0, 23), (0, 59), (0, 59))
    fields = iter(enumerate(ranges))
    zone = re.search(r"(?:Z|[+-]\d\d:?\d\d)\Z", value[10:])
    end = 10 + zone.start() if zone else len(value)
    head, dot, fraction = value[:end].partition(".")

    def other(match: re.Match[str]) -> str:
        at, (low, high) = next(fields)
        return str(low + stream[at] % (high - low + 1)).zfill(len(match.group()))

    return re.sub(r"\d+", other, head) + dot + "7" * len(fraction) + value[end:]


class Tape:
    """The file that captures are appended to: readable by its owner only, bounded in size and age."""

    def __init__(self, path: str, clock: Callable[[], float]) -> None:
        self._path, self._clock = Path(path), clock
        self._file: int | None = None
        self._size = 0
        self._opened = clock()
        self._swept = 0.0

    def append(self, line: bytes) -> None:
        """Write one line.  Raises OSError."""
        if self._file is None:
            self._open()
        elif self._size + len(line) > MAX_FILE or self._clock() - self._opened > MAX_AGE / 2:
            self.rotate()
        assert self._file is not None  # noqa: S101 (_open raises when it cannot)
        os.write(self._file, line)
        self._size += len(line)

    def sweep(self) -> None:
        """Once a minute, delete what is too old: a line lives at most MAX_AGE, half of it in each file."""
        now = self._clock()
        if now - self._swept < 60:
            return
        self._swept = now
        if self._file is not None and now - self._opened > MAX_AGE / 2:
            self.rotate()
        old = self._old()
        if old.exists() and now - old.stat().st_mtime > MAX_AGE / 2:
            old.unlink()

    def rotate(self) -> None:
        """Start a new file and keep the one before it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        self._path.replace(self._old())
        self._open()

    def close(self) -> None:
        """Give the file back; the next line opens it again."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _old(self) -> Path:
        return self._path.with_name(self._path.name + ".1")

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
        self._file = os.open(self._path, flags, 0o600)
        os.fchmod(self._file, 0o600)
        self._size = os.fstat(self._file).st_size
        self._opened = self._clock()


class FlightRecorder:
    """ASGI middleware.  Put it outside the application's own error handling, or it sees no exceptions."""

    def __init__(
        self,
        app: App,
        *,
        path: str,
        service: str,
        version: str,
        keep: frozenset[str] = frozenset(),
        ok_every: int | None = None,
        trace_id: Callable[[], str] | None = None,
        clock: Callable[[], float] = time.time,  # noqa: TID251 (shipped into services, which have no clock port)
    ) -> None:
        """Wrap `app`.  The values of the keys in `keep` are written as they are.

        One in `ok_every` good requests is recorded, and besides one of each shape a second, so that a rare kind is seen
        as well; none at 0.  When it is not given, the variable FLIGHT_OK_SAMPLE says, or 20.  `trace_id` gives the
        current trace; without it the ``traceparent`` header does.
        """
        self._app, self._service, self._version, self._keep = app, service, version, keep
        self._every = int(os.environ.get("FLIGHT_OK_SAMPLE", "20")) if ok_every is None else ok_every
        self._trace_id, self._clock = trace_id, clock
        self._tape = Tape(path, clock)
        self._good = 0
        self._seen: dict[int, float] = {}
        self._second, self._failed = 0, 0
        self.dropped = 0
        """Requests that should have been recorded and were not."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, and remember what happened."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trip = _Trip()
        token = _trip.set(trip)

        async def receiving() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                _keep(trip, trip.sent, message.get("body", b""))
            return message

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                trip.status = message["status"]
            elif message["type"] == "http.response.body":
                _keep(trip, trip.answer, message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receiving, sending)
        except Exception as error:
            trip.exception = type(error).__name__
            raise
        finally:
            _trip.reset(token)
            self._finish(scope, trip)

    def _finish(self, scope: Scope, trip: _Trip) -> None:
        """Record the request if it is one to be recorded; whatever goes wrong here stays here."""
        try:
            self._tape.sweep()
            if not self._wanted(scope, trip):
                return
            self._tape.append(self._line(scope, trip))
        except _OWN:
            self.dropped += 1

    def _wanted(self, scope: Scope, trip: _Trip) -> bool:
        if trip.exception is None and trip.status is None:
            return False  # the client went away: no answer, no failure
        if trip.exception is None and (trip.status or 0) < 500:
            self._good += 1
            return self._every > 0 and (self._good % self._every == 1 % self._every or self._rare(scope, trip))
        second = int(self._clock())
        if second != self._second:
            self._second, self._failed = second, 0
        self._failed += 1
        if self._failed > MAX_FAILED:
            self.dropped += 1
            return False
        return True

    def _rare(self, scope: Scope, trip: _Trip) -> bool:
        """Whether no good request of this one's shape was recorded within the last second."""
        bodies = [trip.sent, *(call["body"] for call in trip.calls)]
        shape = hash((route_of(scope), *(_shape_of(bytes(raw)) for raw in bodies if raw)))
        now = self._clock()
        if now - self._seen.get(shape, float("-inf")) < 1.0:
            return False
        if len(self._seen) >= MAX_SHAPES:
            self._seen.clear()
        self._seen[shape] = now
        return True

    def _line(self, scope: Scope, trip: _Trip) -> bytes:
        capture = self._capture(scope, trip)
        line = _encoded(capture)
        if len(line) > MAX_LINE:
            calls = [{**call, "body": None} for call in capture["calls"]]
            line = _encoded({**capture, "body": None, "response": None, "calls": calls, "reads": [], "truncated": True})
        return line

    def _capture(self, scope: Scope, trip: _Trip) -> dict[str, Any]:
        values = StandIns(os.urandom(16), self._keep)
        body, response = self._body(values, trip, trip.sent), self._body(values, trip, trip.answer)
        reads = [{"name": name, "value": values.json(value, name)} for name, value in trip.reads]
        calls = [(call, self._body(values, trip, call["body"])) for call in trip.calls]
        failed = trip.exception is not None or (trip.status or 500) >= 500
        headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        return {
            "v": 1,
            "at": datetime.fromtimestamp(self._clock(), tz=timezone.utc).isoformat(),  # noqa: UP017 (Python 3.9)
            "service": self._service,
            "version": self._version,
            "route": route_of(scope),
            "trace_id": self._trace_id() if self._trace_id else _trace_of(headers),
            "outcome": "failed" if failed else "ok",
            "status": trip.status if trip.status is not None else 500,
            "exception": trip.exception,
            "method": scope["method"],
            "path": values.path(scope["path"], scope.get("path_params", {})),
            "query": values.query(scope.get("query_string", b"").decode("latin-1")),
            "headers": {name: value for name, value in headers if name in HEADERS},
            "body": body,
            "calls": [
                {**call, "body": kept, "path": values.path(call["path"], {}), "query": values.query(call["query"])}
                for call, kept in calls
            ],
            "reads": reads,
            "response": response,
            "truncated": trip.truncated,
        }

    def _body(self, values: StandIns, trip: _Trip, raw: bytes | bytearray) -> Any:
        """The body as JSON with stand-ins.  Text is a string; what is neither marks the capture as truncated."""
        if not raw:
            return None
        try:
            return values.json(_decoded(bytes(raw)))
        except (ValueError, RecursionError):
            trip.truncated = True
            return None


def _keep(trip: _Trip, into: bytearray, chunk: bytes) -> None:
    room = MAX_BODY - len(into)
    if len(chunk) > room:
        trip.truncated = True
        chunk = b""
    into += chunk


def _decoded(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode("utf-8")


def _shape_of(raw: bytes) -> Any:
    try:
        return _shape(_decoded(raw))
    except (ValueError, RecursionError):
        return "unreadable"


def _shape(value: Any) -> Any:
    """Keys and types of a JSON value, and whether it is empty, as something that can be hashed."""
    if isinstance(value, dict):
        return tuple(sorted((key, _shape(item)) for key, item in value.items()))
    if isinstance(value, list):
        return frozenset(_shape(item) for item in value)
    return type(value).__name__ if value else (type(value).__name__, value)


def _encoded(capture: dict[str, Any]) -> bytes:
    return json.dumps(capture, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def _trace_of(headers: Iterable[tuple[str, str]]) -> str:
    parts = dict(headers).get("traceparent", "").split("-")
    return parts[1] if len(parts) == 4 else ""
