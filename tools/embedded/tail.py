"""Follows the files of one service: every question reads only what was added since the last one."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from pydantic import JsonValue

from incident.errors import Unavailable
from incident.evidence import Missing
from tools.embedded import lines


class Written(NamedTuple):
    """One line, and the file it stands in."""

    file: lines.File
    body: dict[str, JsonValue]


class Tail:
    """Lines that the files of a service hold from a time on.

    The first question starts near its own beginning in time; a later question about an earlier time
    starts over from there.
    """

    def __init__(self, folder: lines.Folder, service: str, key: str) -> None:
        self._folder = folder
        self._service = service
        self._key = key
        self._since: datetime | None = None
        # By name and inode: a file that was replaced under its name is a new one.
        self._offsets: dict[tuple[str, int], int] = {}

    def covers(self, since: datetime) -> bool:
        """True when what was read so far reaches back to this time."""
        return self._since is not None and self._since <= since

    def rewind(self, since: datetime) -> None:
        """Start over from about this time."""
        self._since = since
        self._offsets = {}

    def fresh(self) -> Iterator[Written]:
        """Lines added since the last call, file by file.  Call `rewind` before the first time.

        Raises Unavailable when more was added than one question reads; the next call goes on.
        """
        files = self._folder.files(self._service)
        if isinstance(files, Missing):
            return
        budget = lines.MAX_QUERY
        for file in files:
            offset = self._offset(file)
            if offset < file.size and budget <= 0:
                raise Unavailable(f"the files of {self._service} grow faster than they are read")
            end = min(file.size, offset + budget)
            budget -= max(0, end - offset)
            for line in self._folder.lines(file, offset, end):
                # Noted before the line is used, so that a bad line is not read again for ever.
                self._offsets[file.name, file.inode] = line.after
                yield Written(file, line.body)
            if end < file.size:
                raise Unavailable(f"the files of {self._service} grow faster than they are read")

    def _offset(self, file: lines.File) -> int:
        """Offset to go on from; the start again when the file became shorter."""
        known = self._offsets.get((file.name, file.inode))
        if known is not None:
            return known if known <= file.size else 0
        start = 0 if self._since is None else self._folder.find(file, self._since, self._key)
        self._offsets[file.name, file.inode] = start
        return start
