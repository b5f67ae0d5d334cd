"""Signed heads in a file: the default.  Put it on another disk or machine than the chain."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from incident.errors import Unavailable
from tools import ports
from tools.records import files

WAIT = 5.0
"""Seconds to wait for other writers."""


class FileAnchor:
    """:class:`tools.ports.Anchor` over one file, appended under its lock and synced."""

    def __init__(self, path: Path, clock: ports.Clock) -> None:
        self._path, self._clock = path, clock

    @property
    def name(self) -> str:
        """The file's name."""
        return self._path.name

    def read(self) -> bytes:
        """Every line, and what a crash left of one more; nothing when there is no file."""
        with self._translated():
            try:
                return files.content(self._path)
            except FileNotFoundError:
                return b""

    def last(self) -> bytes:
        """The last whole line."""
        with self._translated():
            try:
                file = files.opened(self._path)
            except FileNotFoundError:
                return b""
            with file:
                return files.tail(file.fileno(), os.fstat(file.fileno()).st_size)[0]

    def add(self, line: bytes, after: bytes) -> bool:
        """Append a line behind `after` and sync; what a crash left of an earlier one is removed first."""
        with self._translated():
            descriptor = files.open_private(self._path)
            try:
                with files.locked(descriptor, self._clock, WAIT, self.name):
                    last, rest, offset = files.tail(descriptor, os.fstat(descriptor).st_size)
                    if last != after:
                        return False
                    if rest:
                        os.ftruncate(descriptor, offset)
                    files.append_synced(descriptor, line + b"\n")
            finally:
                os.close(descriptor)
        return True

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Unavailable(f"the anchor {self.name} cannot be used: {error.strerror}") from error
