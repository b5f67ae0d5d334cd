"""Writes a tree of a repository into a folder that only this process writes to."""

import errno
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from incident.errors import Refused
from tools import treepath
from tools.git.objects import Entry
from tools.records import files


def lay_out(folder: Path, wanted: Iterable[Entry]) -> None:
    """Make the folder and those below it.  Raises FileExistsError when it is not empty, OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(errno.ENOTEMPTY, "it is not empty")
    for parent in sorted({(folder / entry.text).parent for entry in wanted}):
        parent.mkdir(parents=True, exist_ok=True)


def check(entry: Entry) -> None:
    """Raise Refused for a path that leaves the folder."""
    said = treepath.outside(entry.text)
    if said is not None:
        raise Refused(f"the tree holds the path {entry.text!r}, which {said}")


def write(folder: Path, entry: Entry, content: bytes) -> None:
    """Write one file or link into the folders laid out.  Raises Refused for a link that leaves it, OSError when the disk refuses."""
    place = folder / entry.text
    if entry.is_link:
        target = content.decode("utf-8", "replace")
        if leaves(entry.text, target):
            raise Refused(f"the tree holds the link {entry.text!r}, which leaves it")
        place.symlink_to(target)
        return
    # Of a file's mode git means only this bit.  Others, setuid among them, would be the repository's choice.
    mode = 0o755 if entry.mode & stat.S_IXUSR else 0o644
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        files.write_all(handle, content)
    finally:
        os.close(handle)


def leaves(path: str, target: str) -> bool:
    """True when a link at this path could lead out of the tree, alone or through other links.

    Steps upwards are taken only at the beginning, from the link's own folder, and no more of them than that is
    deep.  One behind a name would be taken from wherever that name leads.
    """
    parts = target.split("/")
    up = next((at for at, part in enumerate(parts) if part not in ("..", ".")), len(parts))
    if not target or target.startswith("/") or "\0" in target or len(target) > treepath.MAX_PATH:
        return True
    return parts[:up].count("..") > path.count("/") or ".." in parts[up:]
