"""Recorder for failing requests, to be copied into any ASGI service: one file, standard library only, Python 3.9+.

It writes one JSON line for every request that failed and for a sample of those that went well, with the answers
that the request's outgoing calls got, so that the failure can be repeated elsewhere.  Types, nulls, booleans, zeros and
lengths are kept; every other value becomes a stand-in of the same type, unless its key is listed in `keep`.  Keys,
segments of paths and names in queries stay where the application's own code or its routes say them; what only a
request said becomes a stand-in as well.  Within one capture the same value always gets the same stand-in, so that an
id passed on still matches.

Each process writes a file of its own: `path`, or ``NAME-PID.SUFFIX`` beside it where another process has that one.

Three hooks: wrap the application in `FlightRecorder`, report each outgoing call to `note_call`, and take what
comes from the clock, from randomness or from local state through `read`, so that `replay` can give it again.

It must never break a request: what goes wrong in here is counted in `dropped` and forgotten.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import hashlib
import inspect
import json
import math
import os
import re
import sys
import sysconfig
import time
import types
import urllib.parse
from collections import deque
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, TypeVar  # noqa: UP035 (Callable is evaluated below; Python 3.9)

try:
    import fcntl
except ImportError:  # Windows: every process writes a file under its own number
    fcntl = None  # type: ignore[assignment]

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
"""Headers that are written; all others are left out."""
MEDIA = frozenset(
    (
        *(
            "*/*",
            "application/json",
            "application/*",
            "text/*",
            "text/plain",
            "text/html",
            "text/csv",
            "application/xml",
        ),
        *("application/x-www-form-urlencoded", "multipart/form-data", "application/octet-stream", "application/pdf"),
        *(
            "application/x-ndjson",
            "application/problem+json",
            "application/graphql",
            "image/*",
            "image/png",
            "image/jpeg",
        ),
    )
)
"""Values that those headers may have; another type is written as the one that it ends in (``+json``), or not at all."""
ANSWERS = frozenset(
    "type title status detail instance error errors message code loc msg input ctx url".split()  # noqa: SIM905
)
"""Names of fields that frameworks answer with by themselves: problem details (RFC 9457), and pydantic's errors."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY"})
MAX_OBJECTS = 50_000
"""Objects of the application that are looked at for its own code."""

_OWN = (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError, MemoryError)
_STANDARD = tuple(filter(None, (sysconfig.get_paths().get(name) for name in ("stdlib", "platstdlib"))))
_INSTALLED = ("site-packages", "dist-packages")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(?::\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::\d{1,5})?")
_ERROR = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,80}")
_TRACE = re.compile(r"[0-9a-f]{32}")
_CHARSET = re.compile(r"charset=\"?(utf-8|us-ascii|iso-8859-1)\"?\Z")
_WEIGHT = re.compile(r"q=[01](?:\.\d{1,3})?\Z")
_IDENTIFIER = re.compile(r"[@$]?[A-Za-z_][A-Za-z0-9_.:$-]{0,63}\Z")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?\Z")
_STRUCTURE = " -_.:/@+"


class NothingRecorded(LookupError):
    """A replayed request reads something that its capture does not hold."""


class _Trip:
    """Record of one request while it is answered."""

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
        # A body that is cut would be no JSON any more, so it is left out whole.
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

    A request that no route took is ``GET *``, so that guessed paths do not make a label each; and so is one whose
    parameters cannot be found again in its path, so that nobody's name becomes a label.
    """
    method = _method(scope["method"])
    if "endpoint" not in scope:
        return f"{method} *"
    template = _template_of(scope)
    if template:
        return f"{method} {template}"
    parts = scope["path"].split("/")
    names = {str(value): name for name, value in scope.get("path_params", {}).items()}
    if not set(names) <= set(parts):
        return f"{method} *"
    return f"{method} {'/'.join(f'{{{names[part]}}}' if part in names else part for part in parts)}"


def _template_of(scope: Mapping[str, Any]) -> str:
    """The template of the route that took a request, where its router tells; else an empty string."""
    endpoint, path = scope.get("endpoint"), scope["path"]
    for template, route in _routes(getattr(scope.get("router"), "routes", ())):
        if getattr(route, "endpoint", None) is endpoint and _fixed(template, path) is not None:
            return re.sub(r"\{(\w+):\w+\}", r"{\1}", template)
    return ""


def _routes(routes: Iterable[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every route below a router with its whole template."""
    for route in routes:
        path = getattr(route, "path", None)
        if isinstance(path, str):
            yield prefix + path, route
            yield from _routes(getattr(route, "routes", None) or (), prefix + path)


def _fixed(template: str, path: str) -> set[int] | None:
    """Positions of the segments that a template fixes; None when the path does not match the template."""
    wanted, parts = template.split("/"), path.split("/")
    open_ended = re.search(r"\{\w+:path\}", template) is not None
    if len(wanted) != len(parts) and not open_ended:
        return None
    fixed: set[int] = set()
    for at, (segment, part) in enumerate(zip(wanted, parts)):  # noqa: B905 (Python 3.9)
        if ":path}" in segment:
            break
        if "{" in segment:
            continue
        if segment != part:
            return None
        fixed.add(at)
    return fixed


class Words:
    """Words that the application's own code contains: names of fields, and segments of paths.

    Nothing that a request brought, and nothing that the application keeps in its memory, is among them: they are taken
    from the constants, parameters and classes of the functions that can be reached from the application, and from its
    routes.  A module that one of them uses counts as a whole; the standard library and installed packages do not.
    """

    def __init__(self, app: object) -> None:
        """Look through `app`.  It changes nothing and calls nothing."""
        self.keys: set[str] = set(ANSWERS)
        self.segments: set[str] = set()
        self._packages: set[str] = set()
        self._frameworks: set[str] = set()
        self._folders: set[Path] = set()
        self._seen: dict[int, object] = {}
        todo: deque[object] = deque([app])
        while todo and len(self._seen) < MAX_OBJECTS:
            item = todo.popleft()
            if id(item) not in self._seen and type(item) not in (str, bytes, int, float, bool, type(None)):
                self._seen[id(item)] = item  # kept, or its number would be another's
                with contextlib.suppress(Exception):  # looked at like this, any object may raise anything
                    todo.extend(self._look(item))
        self._seen.clear()
        self._sort()

    def _look(self, item: object) -> Iterable[object]:
        """Take what an object of the application says, and return what it leads to."""
        looks: tuple[tuple[Any, Callable[[Any], Iterable[object]]], ...] = (
            ((list, tuple, set, frozenset, deque), lambda many: list(many)[:1_000]),
            (dict, lambda table: list(table.values())[:1_000]),
            (types.FunctionType, self._function),
            (types.MethodType, lambda method: (method.__func__, method.__self__)),
            ((staticmethod, classmethod), lambda method: (method.__func__,)),
            (property, lambda value: (value.fget, value.fset)),
            (functools.partial, lambda call: (call.func, call.args, call.keywords)),
            (type, self._class),
            (types.ModuleType, self._module),
        )
        # By its type: a proxy says that it is what it stands for, which may not be there now.
        return next((look for kind, look in looks if issubclass(type(item), kind)), self._instance)(item)

    def _function(self, item: types.FunctionType) -> Iterable[object]:
        # Reading an empty cell raises ValueError; comparing it does not.
        cells = [cell.cell_contents for cell in item.__closure__ or () if cell != types.CellType()]
        wrapped = getattr(item, "__wrapped__", None)
        if not self._is_own(item.__module__):
            return (*cells, wrapped)
        names = self._code(item.__code__)
        self.keys.update(name for name in item.__annotations__ if name != "return")
        used = [item.__globals__[name] for name in names if name in item.__globals__]
        for value in used:
            self._constant(value)
        self._schemas(Path(item.__code__.co_filename).parent)
        return (*cells, wrapped, item.__defaults__, item.__kwdefaults__, *used)

    def _code(self, code: types.CodeType) -> set[str]:
        """Take the constants and parameters of a piece of code, and return the names that it uses."""
        names = set(code.co_names)
        self.keys.update(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                names |= self._code(constant)
            else:
                self._constant(constant)
        return names

    def _constant(self, value: object) -> None:
        """Take a constant; what can change may hold what requests brought."""
        if isinstance(value, str) and len(value) <= 200:
            self.keys.add(value)
        elif isinstance(value, (tuple, frozenset)):
            for item in value:
                self._constant(item)

    def _class(self, item: type) -> Iterable[object]:
        if not self._is_own(item.__module__):
            return ()
        self.keys.update(name for name in vars(item) if not name.startswith("__"))
        self.keys.update(getattr(item, "__annotations__", ()))
        for name, value in vars(item).items():
            if not name.startswith("__"):
                self._constant(value)
        for field in (getattr(item, "model_fields", None) or {}).values():
            self._constant(getattr(field, "alias", None))
        return (*vars(item).values(), *item.__bases__, *_named(item))

    def _module(self, item: types.ModuleType) -> Iterable[object]:
        if not self._is_own(item.__name__):
            return ()
        mine = [value for value in vars(item).values() if getattr(value, "__module__", None) == item.__name__]
        for value in vars(item).values():
            self._constant(value)
        return [value for value in mine if isinstance(value, (types.FunctionType, type))]

    def _instance(self, item: object) -> Iterable[object]:
        # Past the object's own `__getattr__`, which may run anything.
        held: dict[str, Any] = object.__getattribute__(item, "__dict__")
        for name in ("path", "rule"):  # how routes of ASGI and of werkzeug call their template
            if isinstance(held.get(name), str) and held[name].startswith("/"):
                self.segments.update(part for part in held[name].split("/") if not re.search(r"[<{]", part))
        self._frameworks.update(kind.__module__.partition(".")[0] for kind in type(item).__mro__)
        endpoint = held.get("endpoint")
        if isinstance(endpoint, types.FunctionType):
            self._packages.add(endpoint.__module__.partition(".")[0])
        return (endpoint, type(item), *held.values())

    def _is_own(self, name: str | None) -> bool:
        """True when a module is the application's.

        No part of Python is, and no package, unless its endpoints lie there.
        """
        file = getattr(sys.modules.get(name or ""), "__file__", None)
        if not name or not file or name == __name__:
            return False
        installed = file.startswith(_STANDARD) or any(part in _INSTALLED for part in Path(file).parts)
        return not installed or name.partition(".")[0] in self._packages - self._frameworks

    def _schemas(self, folder: Path) -> None:
        """Take the names of fields from the JSON Schemas beside a module."""
        if folder in self._folders:
            return
        self._folders.add(folder)
        for file in sorted(folder.glob("*schema*.json"))[:20]:
            with contextlib.suppress(OSError, ValueError, RecursionError):
                self.keys.update(_properties(json.loads(file.read_text(encoding="utf-8"))))

    def _sort(self) -> None:
        """Constants that are paths, or pieces of them, are segments; a constant that names a person is no name of a field."""
        for key in self.keys:
            if "/" in key and " " not in key:
                self.segments.update(part for part in key.partition("?")[0].split("/") if "{" not in part)
        self.keys = set(filter(_identifies, self.keys))
        self.segments = set(filter(_identifies, self.segments)) | self.keys


def _identifies(name: str) -> bool:
    """True when something can be the name of a field, and hardly that of a person or a thing."""
    return _IDENTIFIER.match(name) is not None and sum(map(str.isdigit, name)) < 4


def _named(item: type) -> tuple[object, ...]:
    """The types that a class's annotations name, where they are there already."""
    return tuple(found for found in vars(item).get("__annotations__", {}).values() if isinstance(found, type))


def _properties(schema: Any) -> Iterator[str]:
    """Names of fields in a JSON Schema."""
    if isinstance(schema, dict):
        for name, item in schema.items():
            if name in ("properties", "definitions", "$defs") and isinstance(item, dict):
                yield from item
            yield from _properties(item)
    elif isinstance(schema, list):
        for item in schema:
            yield from _properties(item)


class StandIns:
    """Replaces values by others of the same type, the same one for the same value, by a secret salt.

    Names of fields get theirs by a salt of their own, which lasts longer: requests of one kind keep the same shape.
    """

    def __init__(self, salt: bytes, keep: frozenset[str], known: Words, names: bytes = b"") -> None:
        """Values of the keys in `keep` stay, and so do names and segments that are `known`; `names` is the names' salt."""
        self._salt, self._keep, self._naming = salt, keep, names or salt
        self._keys = keep | known.keys
        self._segments = known.segments
        self._kept: set[str] = set()
        self._named: set[str] = set()

    def meet(self, value: Any) -> None:
        """Note the names of fields below, so that the same text gets one stand-in as a name and as a value."""
        if isinstance(value, dict):
            self._named.update(name for name in value if name not in self._keys)
            for item in value.values():
                self.meet(item)
        elif isinstance(value, (list, tuple)):
            for item in value:
                self.meet(item)

    def json(self, value: Any, key: str = "") -> Any:
        """A JSON value with stand-ins below; `key` is the nearest key above it.  Raises ValueError on NaN."""
        if isinstance(value, dict):
            names = self._names(value)
            return {names[name]: self.json(item, name) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.json(item, key) for item in value]
        if value is None or isinstance(value, bool) or value in (0, ""):
            return value
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError("not a finite number")
        if key in self._keep:
            self._kept.add(str(value))
            return value
        return self.number(value) if isinstance(value, (int, float)) else self.text(str(value))

    def name(self, name: str) -> str:
        """A name as the application's code says it, or its stand-in: one that only a request said may be anything."""
        return self._names([name])[name]

    def _names(self, names: Iterable[str]) -> dict[str, str]:
        """The names of one object's fields, which stay apart from each other.  Raises ValueError when they cannot."""
        names = list(names)
        # What stands there in clear as a value, because its field is listed, may be a name as well.
        found = {name: name for name in names if not name or name in self._keys or name in self._kept}
        taken = set(found)
        for name in names:
            if name not in found:
                self._named.add(name)
                others = (self.text(name + "\0" * more)[: len(name)] if more else self.text(name) for more in range(64))
                found[name] = next((other for other in others if other not in taken), "")
                if not found[name]:
                    raise ValueError("the names cannot be told apart any more")
                taken.add(found[name])
        return found

    def number(self, value: float) -> float:
        """A number of the same type, sign and number of digits."""
        mantissa, mark, exponent = repr(abs(value)).partition("e")
        digits = self.text(mantissa) + mark + exponent
        replaced = float(digits) if isinstance(value, float) else int(digits)
        replaced = replaced or type(value)(1)  # 0.3 may turn into 0.0, which has no sign
        return -replaced if value < 0 else replaced

    def text(self, value: str) -> str:
        """A string of the same length and the same classes of characters; a date stays a date."""
        # The NULs are those that `_names` adds to tell two names apart.
        return _stand_in(value, self._naming if value.rstrip("\0") in self._named else self._salt)

    def path(self, path: str, parameters: Mapping[str, Any], fixed: Iterable[int] = ()) -> str:
        """A path with only those segments that the application's code says; those at `fixed` are its route's.

        Call it after the bodies: an id that was kept or replaced there is kept or replaced here.
        """
        kept = {str(value) for name, value in parameters.items() if name in self._keep}
        given = {str(value) for value in parameters.values()} - kept
        stay = set(fixed)
        return "/".join(
            part if at in stay else self._segment(part, kept, given) for at, part in enumerate(path.split("/"))
        )

    def query(self, query: str) -> str:
        """A query string with the names that the application's code says."""
        pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
        return urllib.parse.urlencode([(self.name(name), self.json(value, name)) for name, value in pairs])

    def _segment(self, part: str, kept: set[str], given: set[str]) -> str:
        if part in kept or (part in self._kept and part not in given) or not part:
            return part
        return self.text(part) if part in given or part not in self._segments else part


@functools.lru_cache(maxsize=4096)
def _stand_in(value: str, salt: bytes) -> str:
    raw = value.encode("utf-8", "surrogatepass")
    blocks = [
        hashlib.blake2b(raw, key=salt, salt=block.to_bytes(16, "big")).digest()
        for block in range(max(20, len(value)) // 64 + 1)
    ]
    stream = b"".join(blocks)
    if _DATE.match(value):
        return _date_like(value, stream)
    return "".join(_character(char, stream[at], first=at == 0) for at, char in enumerate(value))


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
    # Every month has 28 days.
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
    """The file that captures are appended to: this process's alone, readable by its owner only, bounded in size and age.

    Whoever has `path` holds a lock on it; another process writes beside it, under its number.
    """

    def __init__(self, path: str, clock: Callable[[], float]) -> None:
        self._wanted, self._clock = Path(path), clock
        self._path = self._wanted
        self._file: int | None = None
        self._process = os.getpid()
        self._size = 0
        self._opened = clock()
        self._swept = 0.0

    def append(self, line: bytes) -> None:
        """Write one line.  Raises OSError."""
        self._own()
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
        self._own()
        if self._file is not None and now - self._opened > MAX_AGE / 2:
            self.rotate()
        for old in (self._old(), *self._others()):
            with contextlib.suppress(FileNotFoundError):
                if now - old.stat().st_mtime > MAX_AGE / 2:
                    old.unlink()

    def rotate(self) -> None:
        """Start a new file and keep the one before it."""
        self.close()
        with contextlib.suppress(FileNotFoundError):
            self._path.replace(self._old())
        self._open()

    def close(self) -> None:
        """Give the file back; the next line opens it again."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _own(self) -> None:
        """After a fork the file is still the parent's."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self.close()

    def _old(self) -> Path:
        return self._path.with_name(self._path.name + ".1")

    def _others(self) -> Iterator[Path]:
        """Files of processes that may have ended."""
        for number in ("-*", "-*.1"):
            suffix = self._wanted.suffix + number[2:]
            for found in self._wanted.parent.glob(f"{self._wanted.stem}-*{suffix}"):
                if found not in (self._path, self._old()):
                    yield found

    def _open(self) -> None:
        for number in (None, os.getpid(), *(int.from_bytes(os.urandom(3), "big") for _ in range(8))):
            name = self._wanted.name if number is None else f"{self._wanted.stem}-{number}{self._wanted.suffix}"
            file = _locked(self._wanted.with_name(name), numbered=number is not None)
            if file is not None:
                self._path, self._file = self._wanted.with_name(name), file
                break
        else:
            raise OSError("every file is another process's")
        self._size = os.fstat(self._file).st_size
        self._opened = self._clock()


def _locked(path: Path, *, numbered: bool) -> int | None:
    """The file opened for this process alone; None when it is another one's.  Raises OSError."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    if fcntl is None and not numbered:
        return None
    file = os.open(path, flags, 0o600)
    try:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.fchmod(file, 0o600)
        if os.stat(path).st_ino != os.fstat(file).st_ino:  # noqa: PTH116 (moved aside meanwhile)
            raise BlockingIOError(path)
    except BlockingIOError:
        os.close(file)
        return None
    except OSError:
        os.close(file)
        raise
    return file


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
        """Wrap `app`.  The values of the keys in `keep` are written as they are.  Raises TypeError for no ASGI application.

        One in `ok_every` good requests is recorded, and besides one of each shape a second, so that a rare kind is seen
        as well; none at 0.  When it is not given, the variable FLIGHT_OK_SAMPLE says, or 20.  `trace_id` gives the
        current trace; without it the ``traceparent`` header does.
        """
        if why := _no_asgi(app):
            raise TypeError(f"the flight recorder wraps ASGI applications, and {app!r:.80} {why}")
        self._app, self._service, self._version, self._keep = app, service, version, keep
        self._words: Words | None = None
        self._salt = os.urandom(16)
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
        with contextlib.suppress(*_OWN):
            self._learned()  # before it handles anything: what it keeps of a request is no word of its code
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
        # A client that went away cancels the request: CancelledError is no Exception, and no failure.
        except Exception as error:
            trip.exception = type(error).__name__
            raise
        finally:
            _trip.reset(token)
            self._finish(scope, trip)

    def _learned(self) -> Words:
        """The words of the application's own code, looked up once."""
        if self._words is None:
            self._words = Words(self._app)
        return self._words

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
            # 1 % every: the first good request is recorded at every rate, at 1 as well.
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
        """True when no good request of this one's shape was recorded within the last second."""
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
        values = StandIns(os.urandom(16), self._keep, self._learned(), self._salt)
        body, response, *answers = self._bodies(values, trip)
        reads = [{"name": values.name(name), "value": values.json(value, name)} for name, value in trip.reads]
        failed = trip.exception is not None or (trip.status or 500) >= 500
        headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        parameters = scope.get("path_params", {})
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
            "method": _method(scope["method"]),
            "path": values.path(scope["path"], parameters, _routed(scope)),
            "query": values.query(scope.get("query_string", b"").decode("latin-1")),
            "headers": _plain(headers),
            "body": body,
            "calls": [_call(values, parameters, *call) for call in zip(trip.calls, answers)],  # noqa: B905 (Python 3.9)
            "reads": reads,
            "response": response,
            "truncated": trip.truncated,
        }

    def _bodies(self, values: StandIns, trip: _Trip) -> list[Any]:
        """Bodies of the request, its answer and its calls' answers, as JSON with stand-ins.

        Text is a string; what is neither marks the capture as truncated.
        """
        read: list[Any] = []
        for raw in (trip.sent, trip.answer, *(call["body"] for call in trip.calls)):
            read.append(None)
            with _noticed(trip):
                read[-1] = _decoded(bytes(raw)) if raw else None
                values.meet(read[-1])
        for at, value in enumerate(read):
            read[at] = None
            with _noticed(trip):
                read[at] = values.json(value)
        return read


@contextlib.contextmanager
def _noticed(trip: _Trip) -> Iterator[None]:
    """Mark the capture as truncated when a body cannot be read."""
    try:
        yield
    except (ValueError, RecursionError):
        trip.truncated = True


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


def _routed(scope: Scope) -> set[int]:
    """Positions of the path segments that the request's route fixes."""
    route = route_of(scope).partition(" ")[2]
    found = _fixed(_template_of(scope) or route, scope["path"])
    return found or set()


def _call(values: StandIns, parameters: Mapping[str, Any], call: dict[str, Any], body: Any) -> dict[str, Any]:
    """An outgoing call, as it is written."""
    host, error = str(call["host"]).rpartition("@")[2], call["error"]
    return {
        **call,
        "method": _method(call["method"]),
        "host": host if _HOST.fullmatch(host) else values.text(host),
        "path": values.path(call["path"], parameters),
        "query": values.query(call["query"]),
        "body": body,
        "error": error if error is None or _ERROR.fullmatch(error) else values.text(error),
    }


def _method(method: str) -> str:
    return method if method in METHODS else "OTHER"


def _plain(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers that may be written, as far as they say nothing but well-known types."""
    found: dict[str, str] = {}
    for name, value in headers:
        types_ = [kind for item in value.split(",") if (kind := _media(item))] if name in HEADERS else []
        if types_:
            found[name] = ", ".join(types_)
    return found


def _media(item: str) -> str:
    """One media type with its character set or weight; empty for one that is not well known."""
    kind, *parameters = [part.strip().lower() for part in item.split(";")]
    if kind not in MEDIA:
        kind = {"json": "application/json", "xml": "application/xml"}.get(
            kind.rpartition("+")[2] if "+" in kind else "", ""
        )
    known = [part for part in parameters if _CHARSET.match(part) or _WEIGHT.match(part)]
    return "; ".join((kind, *known)) if kind else ""


def _no_asgi(app: Any) -> str:
    """Reason that something is no ASGI application, or an empty string.

    An ASGI application is a coroutine function of scope, receive and send, or an object that is called as one.  A WSGI
    application takes two arguments and would fail at each request.
    """
    if isinstance(app, type) or not callable(app):
        return "is a class: make an instance of it" if isinstance(app, type) else "cannot be called"
    try:
        signature = inspect.signature(app)
    except (TypeError, ValueError):
        return "does not say what it takes"
    if not _takes(signature, 3):
        return "does not take scope, receive and send: wrap a WSGI application in an adapter such as a2wsgi first"
    called = getattr(app, "func", app) if isinstance(app, functools.partial) else app
    asynchronous = inspect.iscoroutinefunction(called) or inspect.iscoroutinefunction(type(called).__call__)
    if not asynchronous and _takes(signature, 2):
        return "takes two arguments, as WSGI applications do: wrap it in an adapter such as a2wsgi first"
    return ""


def _takes(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*(None,) * count)
    except TypeError:
        return False
    return True


def _trace_of(headers: Iterable[tuple[str, str]]) -> str:
    parts = dict(headers).get("traceparent", "").split("-")
    return parts[1] if len(parts) == 4 and _TRACE.fullmatch(parts[1]) else ""
