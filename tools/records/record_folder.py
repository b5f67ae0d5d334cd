"""The record folder of one incident, as files.

A line counts once its newline is on disk.  What follows the last newline was cut by a crash before
anybody was told that it had been written, so it is left out on reading and removed by the next append.
"""

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from incident.errors import Unavailable
from tools import ports
from tools.ports import DECISIONS
from tools.records import files, home

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

WAIT = 5.0
"""Seconds to wait for another process that appends to the same folder."""


class RecordFolder:
    """:class:`tools.ports.RecordFolder` over a folder, mode 0700.

    Lines are written as they come: redact before encoding (:mod:`tools.secrets.redaction`), because
    the caller's digest of a line must be the digest of what lies here.
    """

    def __init__(self, folder: Path, clock: ports.Clock) -> None:
        self.folder = folder
        self._clock = clock

    def append(self, line: bytes) -> None:
        """Append one line and sync it.  Raises ValueError for an empty line or one with a newline in it."""
        if not line or b"\n" in line:
            raise ValueError("a record is exactly one line")
        try:
            descriptor = files.open_private(self.folder / DECISIONS)
            try:
                with files.locked(descriptor, self._clock, WAIT, DECISIONS):
                    _, torn, offset = files.tail(descriptor, os.fstat(descriptor).st_size)
                    if torn:
                        os.ftruncate(descriptor, offset)
                    files.append_synced(descriptor, line + b"\n")
            finally:
                os.close(descriptor)
        except OSError as error:
            raise Unavailable(f"the journal in {self.folder} cannot be written: {error.strerror}") from error

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep out whoever else adds to an ended incident's record.  Raises Unavailable when that takes too long."""
        try:
            descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise Unavailable(f"the folder {self.folder} cannot be opened: {error.strerror}") from error
        try:
            with files.locked(descriptor, self._clock, WAIT, self.folder.name):
                yield
        finally:
            os.close(descriptor)

    def lines(self) -> tuple[bytes, ...]:
        """All complete lines, oldest first."""
        try:
            content = files.content(self.folder / DECISIONS)
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise Unavailable(f"the journal in {self.folder} cannot be read: {error.strerror}") from error
        # What follows the last newline was cut by a crash, and nobody was told that it is there.
        return tuple(content.split(b"\n")[:-1])

    def write(self, name: str, content: bytes) -> None:
        """Put another record file in place, whole.  Raises ValueError for a name that is none of ours."""
        if not _NAME.fullmatch(name) or name == DECISIONS:
            raise ValueError(f"{name!r} is no name for a record file")
        try:
            files.replace(self.folder / name, content)
        except OSError as error:
            raise Unavailable(f"{name} in {self.folder} cannot be written: {error.strerror}") from error

    def digests(self) -> dict[str, str]:
        """SHA-256 of every record file as it lies there, by name; temporary files are not among them."""
        try:
            found = sorted(path for path in self.folder.iterdir() if not path.name.startswith("."))
            return {path.name: hashlib.sha256(files.content(path)).hexdigest() for path in found}
        except OSError as error:
            raise Unavailable(f"the records in {self.folder} cannot be read: {error.strerror}") from error


def open(incidents: Path, incident: str, clock: ports.Clock) -> RecordFolder:  # noqa: A001 (read as `record_folder.open`)
    """The journal of an incident, its folder created when missing and possible.  Raises BadInput for a bad id.

    Where it is not possible the first append says so: whoever only wants to take something back needs no journal.
    """
    folder = incidents / home.checked(incident)
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        files.sync_folder(incidents)
    return RecordFolder(folder, clock)
