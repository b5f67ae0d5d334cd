"""Branches, tags and other refs of a repository, read and written as files.

Format: https://git-scm.com/docs/gitrepository-layout and git-pack-refs(1).
"""

import os
import re
import time

from incident.errors import Conflict, Refused, Unavailable
from tools.git.objects import tagged
from tools.git.store import Store

_LINE = 4096
"""Bytes of a ref's file."""
_HOPS = 5
"""Symbolic refs on the way to an id, as many as git follows."""
_WAIT, _PAUSE = 1.0, 0.05
"""Seconds to wait for another writer of the same ref, and between two looks."""

_NAME = re.compile(r"HEAD|refs(?:/(?!\.)[^\x00-\x20\x7f~^:?*\[\\/]{1,250}(?<!\.lock)(?<!\.))+")
_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SHORT = re.compile(r"[0-9a-f]{4,63}")


class Refs:
    """The refs of one store's repository."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, name: str) -> str | None:
        """The id that a ref names, directly or through others; None when there is none.  Raises Refused, Unavailable."""
        for _ in range(_HOPS):
            if not named(name):
                raise Refused("a ref of the repository leads to no ref's name")
            # The loose file first: git writes `packed-refs` before it removes the loose ones, so one of the two is
            # found.
            content = self._store.folder.read(name, _LINE)
            if content is None:
                return self._packed(name)
            said = os.fsdecode(content).strip()
            if not said.startswith("ref:"):
                return self._checked(name, said)
            name = said.removeprefix("ref:").strip()
        raise Refused("a ref of the repository leads to another without end")

    def resolve(self, revision: str) -> str | None:
        """The commit of an id, of enough digits of one, of a branch, a tag or HEAD; None when there is none."""
        if _ID.fullmatch(revision):
            return self.commit(revision) if self._store.has(revision) else None
        # The order in which git itself looks (gitrevisions(7)).
        for before in ("", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"):
            name = before + revision
            found = self.read(name) if named(name) else None
            if found is not None:
                return self.commit(found)
        if not _SHORT.fullmatch(revision):
            return None
        found_ids = [name for name in self._store.beginning(revision) if self._store.kind(name) == "commit"]
        # Two commits that begin alike: to choose one would be a guess.
        return found_ids[0] if len(found_ids) == 1 else None

    def commit(self, name: str) -> str | None:
        """The commit that an id is or a tag of that id names; None for anything else.  Raises Refused, Unavailable."""
        for _ in range(_HOPS):
            kind = self._store.kind(name)
            if kind != "tag":
                return name if kind == "commit" else None
            name = tagged(self._store.read(name, self._store.bounds.commit)[1])
        return None

    def move(self, name: str, new: str, old: str | None) -> bool:
        """Let a ref name another commit if it still names `old`; a ref of None is not there yet.

        A symbolic ref becomes a direct one, and what it led to stays.  Raises Conflict when another ref's name is
        in the way, Unavailable when somebody else is writing it all the time.
        """
        until = time.monotonic() + _WAIT
        while True:
            with self._store.folder.locked(name) as lock:
                if lock is not None:
                    # Under the lock: another writer may have moved it since it was read.
                    if self.read(name) != old:
                        return False
                    self._free(name)
                    try:
                        lock.put(f"{new}\n".encode())
                    except IsADirectoryError as error:
                        raise Conflict(f"the name {name} is a folder of other branches") from error
                    return True
            if time.monotonic() > until:
                raise Unavailable(f"{name} is being written: if no git runs there, remove {name}.lock")
            time.sleep(_PAUSE)

    def _free(self, name: str) -> None:
        """Raise Conflict when a packed ref's name begins where this one ends, or the other way about."""
        # A loose ref in the way is a file or a folder there and shows by itself; a packed one leaves no such trace.
        packed = self._all_packed()
        parts = name.split("/")
        above = ["/".join(parts[:count]) for count in range(3, len(parts))]
        inner, outer = b" %b/" % os.fsencode(name), (b" %b\n" % os.fsencode(one) for one in above)
        if inner in packed or any(one in packed for one in outer):
            raise Conflict(f"the name {name} is taken by a branch that is a folder of it, or the other way about")

    def _packed(self, name: str) -> str | None:
        packed = self._all_packed()
        place = packed.find(b" %b\n" % os.fsencode(name))
        if place < 0:
            return None
        start = packed.rfind(b"\n", 0, place) + 1
        return self._checked(name, packed[start:place].decode("ascii", "replace"))

    def _all_packed(self) -> bytes:
        return self._store.folder.read("packed-refs", self._store.bounds.refs) or b""

    def _checked(self, name: str, said: str) -> str:
        if not _ID.fullmatch(said) or len(said) != 2 * self._store.width:
            raise Refused(f"the ref {name} of the repository names no object")
        return said


def named(name: str) -> bool:
    """True for a valid ref name, which is also a safe path inside the git folder (git-check-ref-format(1))."""
    return len(name) <= 1024 and ".." not in name and "@{" not in name and _NAME.fullmatch(name) is not None
