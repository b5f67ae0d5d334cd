"""Commits, tags and trees of git as values, and back.  Pure.

Formats: https://git-scm.com/docs/gitdatamodel and git-fsck(1).
"""

import itertools
import re
import stat
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from incident.errors import Refused, Unavailable

FOLDER = 0o040000
FILE = 0o100644

_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MODE = re.compile(rb"[0-7]{5,6}")


class Entry(NamedTuple):
    """One entry of a tree."""

    mode: int
    id: str
    path: bytes
    """A name inside its tree, or a path below the root, as whoever made it says."""

    @property
    def is_folder(self) -> bool:
        """True for a tree."""
        return stat.S_ISDIR(self.mode)

    @property
    def is_file(self) -> bool:
        """True for a regular file: no link, no submodule."""
        return stat.S_ISREG(self.mode)

    @property
    def is_link(self) -> bool:
        """True for a symbolic link."""
        return stat.S_ISLNK(self.mode)

    @property
    def text(self) -> str:
        """The path; what is no UTF-8 in it has become replacement characters."""
        return self.path.decode("utf-8", "replace")


class Commit(NamedTuple):
    """A commit: its tree, its parents, its time and its message."""

    tree: str
    parents: tuple[str, ...]
    seconds: int
    """The committer's time, in Unix time."""
    message: bytes

    @property
    def at(self) -> datetime:
        """The committer's time."""
        return datetime.fromtimestamp(self.seconds, UTC)

    @property
    def subject(self) -> str:
        """The message's first line."""
        return self.message.decode("utf-8", "replace").strip().partition("\n")[0]


def entries(content: bytes, width: int, most: int) -> tuple[Entry, ...]:
    """Read a tree whose ids have `width` bytes.

    Raises Refused when it is malformed, names a thing twice or holds more than `most`.
    """
    found: list[Entry] = []
    at = 0
    while at < len(content):
        end = content.find(b"\0", at)
        mode, _, name = content[at : max(end, at)].partition(b" ")
        if end < 0 or end + width >= len(content):
            raise Refused("a tree of the repository is damaged")
        if not _MODE.fullmatch(mode) or name in (b"", b".", b"..") or b"/" in name:
            raise Refused("a tree of the repository holds a name that leads out of it, or none")
        if len(found) == most:
            raise Refused(f"a folder of the repository holds more than {most} files and folders")
        found.append(Entry(int(mode, 8), content[end + 1 : end + 1 + width].hex(), name))
        at = end + 1 + width
    # With two entries of one name it would depend on the reader which of them is the file.
    if len({entry.path for entry in found}) != len(found):
        raise Refused("a tree of the repository holds a name twice")
    return tuple(found)


def tree(found: Iterable[Entry]) -> bytes:
    """A tree as git writes it: sorted by name, folders as if theirs ended in a slash."""
    ordered = sorted(found, key=lambda entry: entry.path + b"/" if entry.is_folder else entry.path)
    return b"".join(b"%o %b\0%b" % (entry.mode, entry.path, bytes.fromhex(entry.id)) for entry in ordered)


def commit(content: bytes) -> Commit:
    """Read a commit.  Raises Unavailable when it is malformed."""
    head, _, message = content.partition(b"\n\n")
    lines = [line.decode("utf-8", "replace") for line in head.split(b"\n")]
    root = lines[0].removeprefix("tree ")
    # Only right behind the tree: what else begins so is none for git, either.
    named = itertools.takewhile(lambda line: line.startswith("parent "), lines[1:])
    parents = tuple(line.removeprefix("parent ") for line in named)
    if not all(_ID.fullmatch(name) and len(name) == len(root) for name in (root, *parents)):
        raise Unavailable("a commit of the repository is malformed")
    written = next((line for line in lines if line.startswith("committer ")), "")
    seconds = written.rsplit(" ", 2)[-2:-1]
    # Eleven digits reach the year 5138, which `datetime` still holds.
    if not seconds or not re.fullmatch(r"[0-9]{1,11}", seconds[0]):
        raise Unavailable("a commit of the repository has no date")
    return Commit(root, parents, int(seconds[0]), message)


def commit_bytes(root: str, parents: Iterable[str], who: str, message: bytes) -> bytes:
    """A commit as git writes it; `who` is author and committer: name, address, Unix time and time zone."""
    lines = [f"tree {root}", *(f"parent {name}" for name in parents), f"author {who}", f"committer {who}"]
    return "\n".join(lines).encode() + b"\n\n" + message


def tag_bytes(commit: str, name: str, who: str, message: str) -> bytes:
    """An annotated tag of a commit as git writes it; `who` is as in `commit_bytes`."""
    lines = [f"object {commit}", "type commit", f"tag {name}", f"tagger {who}"]
    return ("\n".join(lines) + "\n\n" + message).encode()


def titled(content: bytes) -> str:
    """The first line of a tag's message."""
    return content.partition(b"\n\n")[2].decode("utf-8", "replace").partition("\n")[0]


def tagged(content: bytes) -> str:
    """The id that a tag names.  Raises Unavailable when it is malformed."""
    name = content.partition(b"\n")[0].removeprefix(b"object ").decode("ascii", "replace")
    if not _ID.fullmatch(name):
        raise Unavailable("a tag of the repository is malformed")
    return name


def as_text(content: bytes) -> str | None:
    """The text of a file, or None when it is none: a NUL byte or no UTF-8."""
    if b"\0" in content:
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None
