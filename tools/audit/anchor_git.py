"""Signed heads as commits on a ref of a git repository of the user's: each an empty commit whose message is the line.

The ref only ever moves from the commit that was read to its child.  That protects once somebody else
holds a copy: push it to a branch of a remote with ``receive.denyNonFastForwards`` (which git holds
branches to, and no other refs); pushing is left to the user, because it needs credentials that we must
not have.  To push, and to get a file for the verifier that runs alone::

    git push REMOTE refs/suture/audit:refs/heads/suture-audit
    git log --reverse --format=%B refs/suture/audit | grep . > audit.anchor.jsonl
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from incident.errors import BadInput, Refused
from tools.git import folder as git_folder
from tools.git import objects
from tools.git.bounds import Bounds
from tools.git.refs import Refs
from tools.git.store import Store

REF = "refs/suture/audit"

_BOUNDS = Bounds(seconds=30.0, commits=1_000_000)
"""One commit for every 32 entries of the chain."""
_WHO = "suture <suture>"


class GitAnchor:
    """:class:`tools.ports.Anchor` over one ref."""

    def __init__(self, repository: Path, ref: str = REF) -> None:
        self._repository, self._ref = repository, ref
        self._known: dict[str, bytes] = {}
        """Content read up to a commit, the last one asked for: a commit never changes."""

    @property
    def name(self) -> str:
        """The repository and the ref."""
        return f"{self._repository} {self._ref}"

    def read(self) -> bytes:
        """The message of every commit, oldest first."""
        with self._opened() as store:
            tip = Refs(store).read(self._ref)
            if tip is None:
                return b""
            newer: list[bytes] = []
            at: str | None = tip
            while at is not None and at not in self._known:
                commit = _commit(store, at)
                newer += reversed(_lines(commit.message))
                # Only first parents: a merge that somebody pushed adds no lines of the chain.
                at = commit.parents[0] if commit.parents else None
                if len(newer) > store.bounds.commits:
                    raise Refused(f"the anchor {self.name} has more than {store.bounds.commits} lines")
            before = b"" if at is None else self._known[at]
            self._known = {tip: before + b"".join(line + b"\n" for line in reversed(newer))}
            return self._known[tip]

    def last(self) -> bytes:
        """The message of the ref's commit."""
        with self._opened() as store:
            tip = Refs(store).read(self._ref)
            return b"" if tip is None else _message(store, tip)

    def add(self, line: bytes, after: bytes) -> bool:
        """Commit a line on top of the commit that says `after`, and move the ref if it still stands there."""
        with self._opened() as store:
            refs = Refs(store)
            tip = refs.read(self._ref)
            # The caller decided on `after`; another last line means that somebody else signed meanwhile.
            if (b"" if tip is None else _message(store, tip)) != after:
                return False
            tree = store.write("tree", b"")
            parents = () if tip is None else (tip,)
            made = objects.commit_bytes(tree, parents, f"{_WHO} {_when(line)}", line + b"\n")
            return refs.move(self._ref, store.write("commit", made), tip)

    @contextmanager
    def _opened(self) -> Iterator[Store]:
        with git_folder.opened(self._repository) as folder, Store(folder, _BOUNDS) as store:
            yield store


def _commit(store: Store, name: str) -> objects.Commit:
    kind, content = store.read(name, store.bounds.commit)
    if kind != "commit":
        raise Refused(f"the anchor's ref leads to a {kind} where a commit belongs")
    return objects.commit(content)


def _message(store: Store, name: str) -> bytes:
    return _commit(store, name).message.strip(b"\n")


def _lines(message: bytes) -> list[bytes]:
    return [line for line in message.split(b"\n") if line]


def _when(line: bytes) -> str:
    """The line's time as git writes it: a commit is a function of its line."""
    at = datetime.fromisoformat(str(json.loads(line)["at"]))
    return f"{int(at.timestamp())} {at:%z}"


def parse(text: str) -> GitAnchor:
    """An anchor from ``PATH`` or ``PATH#REF``.  Raises BadInput."""
    path, _, ref = text.partition("#")
    if not Path(path).is_absolute() or not Path(path).is_dir():
        raise BadInput("SUTURE_AUDIT_ANCHOR", f"git:{text}", "name the absolute path of a git repository")
    if ref and (not ref.startswith("refs/") or ref.startswith(("refs/heads/", "refs/tags/"))):
        raise BadInput("SUTURE_AUDIT_ANCHOR", f"git:{text}", f"use a ref of its own, like {REF}")
    return GitAnchor(Path(path), ref or REF)
