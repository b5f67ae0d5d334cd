"""Checks that the files that were opened are still the ones at their paths.

A process goes on writing into a file that was deleted, moved away or replaced, and nobody else sees it any
more: somebody moved the folder, or put a backup in its place.  SQLite's own companions count, too.
"""

from collections.abc import Iterable
from pathlib import Path

from incident.errors import Tampered, Unavailable


class Opened:
    """The device and inode of each path as first seen; what is not there yet is noted when it appears."""

    def __init__(self, databases: Iterable[Path], files: Iterable[Path]) -> None:
        beside = [path.with_name(path.name + end) for path in databases for end in ("", "-wal", "-shm")]
        self._paths = (*beside, *files)
        self._known: dict[Path, tuple[int, int]] = {}
        self.check()

    def check(self) -> None:
        """Raise Tampered when a file is no longer the one that was opened, Unavailable when that cannot be seen."""
        for path in self._paths:
            found, known = _identity(path), self._known.get(path)
            if known is not None and found != known:
                became = "gone" if found is None else "another file"
                raise Tampered(f"{path.name} is {became} since it was opened: its folder was moved, or a copy put back")
            if found is not None:
                self._known[path] = found


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Unavailable(f"{path.name} cannot be looked at: {error.strerror}") from error
    return found.st_dev, found.st_ino
