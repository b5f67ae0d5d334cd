"""What git's plumbing prints, as values; and a tree's entry, as a file."""

import os
import posixpath
import stat
from datetime import UTC, datetime
from pathlib import Path

from incident.errors import Refused, Unavailable
from incident.value import Value
from tools import treepath


class Entry(Value):
    """One entry of a tree."""

    mode: str
    """Octal, as git writes it."""
    id: str
    size: int
    """Bytes; 0 for folders and submodules."""
    path: str

    @property
    def is_file(self) -> bool:
        """A regular file, no link, no submodule."""
        return stat.S_ISREG(int(self.mode, 8))

    @property
    def is_link(self) -> bool:
        """A symbolic link."""
        return stat.S_ISLNK(int(self.mode, 8))


def entries(listed: bytes) -> tuple[Entry, ...]:
    """Read ``ls-tree -z -l``.  A path that is no UTF-8 is kept with replacement characters, and refused when written."""
    found = []
    for record in listed.split(b"\0"):
        if not record:
            continue
        head, _, path = record.partition(b"\t")
        mode, _kind, name, size = head.decode("ascii").split()
        number = int(size) if size.isdecimal() else 0
        found.append(Entry(mode=mode, id=name, size=number, path=path.decode("utf-8", "replace")))
    return tuple(found)


def contents(printed: bytes) -> dict[str, bytes]:
    """Read ``cat-file --batch``: contents by object id.  Raises Unavailable when one is not there."""
    found: dict[str, bytes] = {}
    at = 0
    while at < len(printed):
        end = printed.index(b"\n", at)
        head = printed[at:end].decode("ascii", "replace").split()
        if len(head) != 3 or not head[2].isdecimal():
            raise Unavailable(f"the repository lacks an object: {' '.join(head)}")
        size = int(head[2])
        found[head[0]] = printed[end + 1 : end + 1 + size]
        at = end + 1 + size + 1
    return found


def commit(content: bytes) -> tuple[tuple[str, ...], datetime, str]:
    """Parents, committer's date and subject of a commit object.  Raises Unavailable when it is malformed."""
    head, _, message = content.partition(b"\n\n")
    lines = [line.decode("utf-8", "replace") for line in head.split(b"\n")]
    parents = tuple(line.removeprefix("parent ") for line in lines if line.startswith("parent "))
    written = next((line for line in lines if line.startswith("committer ")), "")
    seconds = written.rsplit(" ", 2)[-2:-1]
    if not seconds or not seconds[0].isdecimal() or len(seconds[0]) > 11:
        raise Unavailable("a commit of the repository has no date")
    subject = message.decode("utf-8", "replace").strip().partition("\n")[0]
    return parents, datetime.fromtimestamp(int(seconds[0]), UTC), subject


def as_text(content: bytes) -> str | None:
    """The text of a file, or None when it is none: a NUL byte or no UTF-8."""
    if b"\0" in content:
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def write(folder: Path, entry: Entry, content: bytes) -> None:
    """Write one file or link below a folder that nobody else writes to.

    Raises Refused for a path or a link that leaves the folder, OSError when the disk refuses.
    """
    said = treepath.objection(entry.path)
    if said is not None:
        raise Refused(f"the tree holds the path {entry.path!r}, which {said}")
    place = folder / entry.path
    place.parent.mkdir(parents=True, exist_ok=True)
    if entry.is_link:
        target = content.decode("utf-8", "replace")
        if _leaves(entry.path, target):
            raise Refused(f"the tree holds the link {entry.path!r}, which leaves it")
        place.symlink_to(target)
        return
    mode = 0o755 if int(entry.mode, 8) & stat.S_IXUSR else 0o644
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def _leaves(path: str, target: str) -> bool:
    if target.startswith("/") or "\0" in target:
        return True
    landed = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    return landed == ".." or landed.startswith("../")
