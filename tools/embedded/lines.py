"""Reads JSON-lines files that other processes append to and that may hold anything.

Only regular files directly inside one folder are read, never through a link.  Lines are bounded,
a torn last line waits for its end, and what is no JSON object is passed over.
"""

import json
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pydantic import AwareDatetime, JsonValue, TypeAdapter, ValidationError

from incident.errors import Unavailable
from incident.evidence import Missing

MAX_LINE = 256 * 1024
"""Bytes of one line; longer ones are skipped."""

MAX_QUERY = 32 * 1024 * 1024
"""Bytes that one question reads; the rest is read by the next."""

MAX_FILES = 512
"""Files of one folder that are looked at, the newest ones."""

_NAME = re.compile(
    r"(?P<service>[A-Za-z0-9_-]{1,63})\.(?P<version>[A-Za-z0-9._+-]{1,100})\.(?P<pid>\d{1,10}(?:-\d{1,10})?)\.jsonl"
)
_TIME: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)


class File(NamedTuple):
    """One process's file.  The platform chose the name, so service and version are what it says."""

    name: str
    service: str
    version: str
    size: int
    changed: float
    inode: int


class Line(NamedTuple):
    """One parsed line, and the offset behind it.  What is no usable JSON object has an empty body."""

    body: dict[str, JsonValue]
    after: int


class Folder:
    """One folder of such files."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def files(self, service: str | None = None, version: str | None = None) -> tuple[File, ...] | Missing:
        """The files of a service (or of all), oldest change first.  Missing when there is none, or no folder."""
        if self._path.is_symlink():
            return Missing(reason=f"the folder {self._path} is a link")
        try:
            with os.scandir(self._path) as found:
                files = [_file(entry) for entry in found]
        except OSError as error:
            return Missing(reason=f"the folder {self._path} cannot be read: {error.strerror}")
        fits = [
            file
            for file in files
            if file is not None and service in (None, file.service) and version in (None, file.version)
        ]
        if not fits:
            return Missing(
                reason=f"{self._path.name} holds no file of {service or 'any service'} {version or ''}".strip()
            )
        return tuple(sorted(fits, key=lambda file: (file.changed, file.name))[-MAX_FILES:])

    def lines(
        self, file: File, start: int, end: int | None = None, wanted: Callable[[bytes], bool] | None = None
    ) -> Iterator[Line]:
        """The complete lines from an offset up to `end` or the last line break.

        `wanted` looks at the raw line first; what it does not want is not parsed and has an empty body.
        """
        with self._open(file) as handle:
            yield from _lines(handle, start, file.size if end is None else end, wanted)

    def find(self, file: File, at: datetime, key: str) -> int:
        """Offset of about the first line whose time `key` is not before `at`, for a file that grows in time order.

        A bisection over the bytes; lines without a usable time are stepped over.
        """
        with self._open(file) as handle:
            low, high = 0, file.size
            # Closer is not needed: the lines between are read, and passed over by their time.
            while high - low > MAX_LINE // 8:
                middle = (low + high) // 2
                probed = _first(handle, middle, high, key)
                if probed is None or probed >= at:
                    high = middle
                else:
                    low = middle
            return _start_of_line(handle, low)

    @contextmanager
    def _open(self, file: File) -> Iterator[BinaryIO]:
        try:
            # O_NONBLOCK, since opening a pipe would wait for its writer; checked below to be a regular
            # file.
            handle = os.open(self._path / file.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise Unavailable(f"{file.name} cannot be opened: {error.strerror}") from error
        with os.fdopen(handle, "rb") as opened:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise Unavailable(f"{file.name} is no regular file")
            yield opened


def time_of(body: dict[str, JsonValue], key: str) -> datetime | None:
    """The line's time, or None when it says none with a zone."""
    said = body.get(key)
    if not isinstance(said, str):
        return None
    try:
        return _TIME.validate_python(said)
    except ValidationError:
        return None


def parse(line: bytes) -> dict[str, JsonValue] | None:
    """The JSON object of a line; None for anything else, NaN and infinity included."""
    try:
        body = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _refuse(name: str) -> None:
    raise ValueError(name)


def _file(entry: "os.DirEntry[str]") -> File | None:
    match = _NAME.fullmatch(entry.name)
    if match is None or not entry.is_file(follow_symlinks=False):
        return None
    found = entry.stat(follow_symlinks=False)
    return File(entry.name, match["service"], match["version"], found.st_size, found.st_mtime, found.st_ino)


def _lines(handle: BinaryIO, start: int, end: int, wanted: Callable[[bytes], bool] | None = None) -> Iterator[Line]:
    handle.seek(start)
    at = start
    while at < end:
        raw = handle.readline(MAX_LINE)
        if not raw.endswith(b"\n") and len(raw) < MAX_LINE:
            return  # torn: its end is not written yet
        at += len(raw)
        if not raw.endswith(b"\n"):
            # An overlong line is passed over whole: its rest would look like a line of its own.
            at += _skip_line(handle, max(end - at, MAX_LINE))
            raw = b""
        parsed = parse(raw) if wanted is None or wanted(raw) else None
        yield Line(parsed or {}, at)


def _skip_line(handle: BinaryIO, most: int) -> int:
    """Read to the end of an overlong line, at most so many bytes.  The number of bytes read."""
    read = 0
    while read < most:
        raw = handle.readline(MAX_LINE)
        read += len(raw)
        if not raw or raw.endswith(b"\n"):
            break
    return read


def _first(handle: BinaryIO, offset: int, end: int, key: str) -> datetime | None:
    """The first usable time behind an offset; None too when it is far behind, which only makes us read more."""
    for line in _lines(handle, _start_of_line(handle, offset), min(end, offset + 4 * MAX_LINE)):
        at = time_of(line.body, key)
        if at is not None:
            return at
    return None


def _start_of_line(handle: BinaryIO, offset: int) -> int:
    """The offset itself at the start, else behind the next line break."""
    if offset == 0:
        return 0
    handle.seek(offset - 1)
    return offset - 1 + _skip_line(handle, 4 * MAX_LINE)
