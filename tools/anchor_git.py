"""Signed heads as commits on a ref of a git repository of the user's: each an empty commit whose message is the line.

The ref only ever moves from the commit that was read to its child.  That protects once somebody else
holds a copy: push it to a branch of a remote with ``receive.denyNonFastForwards`` (which git holds
branches to, and no other refs); pushing is left to the user, because it needs credentials that we must
not have.  To push, and to get a file for the verifier that runs alone::

    git push REMOTE refs/suture/audit:refs/heads/suture-audit
    git log --reverse --format=%B refs/suture/audit | grep . > audit.anchor.jsonl
"""

import json
from pathlib import Path

from incident.errors import BadInput, Unavailable
from tools.git_command import Git

REF = "refs/suture/audit"

_SECONDS = 10.0
"""How long one git command may take."""

_DURABLE = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.fsync", "GIT_CONFIG_VALUE_0": "committed"}
"""By default git does not sync loose objects, and a ref could outlive the commit that it names."""


class GitAnchor:
    """:class:`tools.ports.Anchor` over one ref."""

    def __init__(self, repository: Path, ref: str = REF) -> None:
        self._git, self._repository, self._ref = Git(repository, _SECONDS), repository, ref

    @property
    def name(self) -> str:
        """The repository and the ref."""
        return f"{self._repository} {self._ref}"

    def read(self) -> bytes:
        """The message of every commit, oldest first."""
        if self._tip() is None:
            return b""
        told = self._git.run("log", "--reverse", "--format=tformat:%B", self._ref, "--")
        return b"".join(line + b"\n" for line in told.split(b"\n") if line)

    def last(self) -> bytes:
        """The message of the ref's commit."""
        tip = self._tip()
        return b"" if tip is None else self._message(tip)

    def add(self, line: bytes, after: bytes) -> bool:
        """Commit a line on top of the commit that says `after`, and move the ref if it still stands there."""
        tip = self._tip()
        if (b"" if tip is None else self._message(tip)) != after:
            return False
        tree = self._git.run("mktree", environment=_DURABLE).decode().strip()
        parent = () if tip is None else ("-p", tip)
        made = self._git.run("commit-tree", tree, *parent, stdin=line + b"\n", environment={**_DURABLE, **_who(line)})
        commit = made.decode().strip()
        try:
            self._git.run("update-ref", self._ref, commit, tip or "0" * len(commit), environment=_DURABLE)
        except Unavailable:
            if self._tip() == tip:
                raise
            return False
        return True

    def _tip(self) -> str | None:
        self._git.run("rev-parse", "--git-dir")  # or a repository that cannot be read would look like an empty anchor
        return self._git.peek("rev-parse", "--verify", "--quiet", f"{self._ref}^{{commit}}")

    def _message(self, commit: str) -> bytes:
        return self._git.run("log", "-1", "--format=tformat:%B", commit, "--").strip(b"\n")


def _who(line: bytes) -> dict[str, str]:
    """A commit is a function of its line."""
    at = str(json.loads(line)["at"])
    named = {f"GIT_{role}_{field}": "suture" for role in ("AUTHOR", "COMMITTER") for field in ("NAME", "EMAIL")}
    return {**named, "GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}


def parse(text: str) -> GitAnchor:
    """An anchor from ``PATH`` or ``PATH#REF``.  Raises BadInput."""
    path, _, ref = text.partition("#")
    if not Path(path).is_absolute() or not Path(path).is_dir():
        raise BadInput("SUTURE_AUDIT_ANCHOR", f"git:{text}", "name the absolute path of a git repository")
    if ref and (not ref.startswith("refs/") or ref.startswith(("refs/heads/", "refs/tags/"))):
        raise BadInput("SUTURE_AUDIT_ANCHOR", f"git:{text}", f"use a ref of its own, like {REF}")
    return GitAnchor(Path(path), ref or REF)
