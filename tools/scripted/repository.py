"""`ports.Repository` in memory: commits as values."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime

from incident.errors import BadInput, Conflict, Unavailable
from incident.evidence import Missing
from incident.value import Value
from tools import ports, suture_toml, treepath, unified


class Snapshot(Value):
    """One commit: its parent, and all files after it."""

    parent: str | None
    at: AwareDatetime
    subject: str
    files: dict[str, str]


class History(Value):
    """A whole repository as one value."""

    commits: dict[str, Snapshot] = {}
    branches: dict[str, str] = {}


def grown(history: History, branch: str, at: datetime, subject: str, files: Mapping[str, str]) -> History:
    """The history with one more commit on a branch, whose files are exactly these."""
    snapshot = Snapshot(parent=history.branches.get(branch), at=at, subject=subject, files=dict(files))
    made = _id(snapshot)
    return History(commits={**history.commits, made: snapshot}, branches={**history.branches, branch: made})


class ScriptedRepository:
    """A simulated repository; only branches under ``suture/`` are written."""

    def __init__(self, history: History) -> None:
        self.history = history

    def component(self, service: str) -> ports.Component | Missing:
        """The service's entry in ``suture.toml`` on the branch ``main``."""
        head = self.branch("main")
        content = None if head is None else self.history.commits[head].files.get(suture_toml.NAME)
        if content is None:
            return Missing(reason=f"the repository has no {suture_toml.NAME}")
        return suture_toml.component(content, service)

    def files(self, commit: str, folder: str) -> tuple[str, ...]:
        """Paths below a folder."""
        return tuple(sorted(path for path in self._at(commit).files if _below(path, folder)))

    def text(self, commit: str, path: str) -> str:
        """A file at a commit.  Raises KeyError."""
        return self._at(commit).files[path]

    def log(self, commit: str, folder: str, limit: int) -> tuple[ports.Commit, ...]:
        """Commits that touched a folder, newest first."""
        found: list[ports.Commit] = []
        name: str | None = self._resolve(commit)
        while name is not None and len(found) < limit:
            snapshot = self.history.commits[name]
            before = {} if snapshot.parent is None else self.history.commits[snapshot.parent].files
            paths = {path for path in {*before, *snapshot.files} if before.get(path) != snapshot.files.get(path)}
            if any(_below(path, folder) for path in paths):
                found.append(
                    ports.Commit(id=name, at=snapshot.at, subject=snapshot.subject, paths=tuple(sorted(paths)))
                )
            name = snapshot.parent
        return tuple(found)

    def export(self, commit: str, target: str) -> None:
        """Write the tree into an empty folder."""
        folder = Path(target)
        files = self._at(commit).files
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise Unavailable(f"{target} is not empty")
            for path, content in files.items():
                place = folder / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content.encode())
        except OSError as error:
            raise Unavailable(f"the tree could not be written to {target}: {error.strerror}") from error

    def diff(self, before: Mapping[str, str], after: Mapping[str, str]) -> str:
        """A unified diff between two sets of files."""
        return unified.diff(before, after)

    def branch(self, name: str) -> str | None:
        """The commit a branch points at, or None."""
        return self.history.branches.get(name)

    def commit(self, branch: str, base: str, files: Mapping[str, str], message: str) -> str:
        """Commit files on top of `base`.  Raises BadInput, and Conflict when the branch points elsewhere."""
        if not branch.removeprefix("suture/") or not branch.startswith("suture/") or ".." in branch:
            raise BadInput("branch", branch, "name a branch under suture/")
        if not files:
            raise BadInput("files", "none", "commit at least one file")
        for path in files:
            said = treepath.objection(path)
            if said is not None or any(part.startswith(".git") for part in path.split("/")):
                raise BadInput("path", path, f"choose another: it {said or 'belongs to git'}")
        parent = self._resolve(base)
        old = self.history.commits[parent]
        subject = message.strip().partition("\n")[0]
        # The time of the parent, not of the clock: made again, the commit must get the same id.
        at = old.at + timedelta(seconds=1)
        snapshot = Snapshot(parent=parent, at=at, subject=subject, files={**old.files, **files})
        made = _id(snapshot)
        there = self.branch(branch)
        if there not in (None, made):
            raise Conflict(f"the branch {branch} points at {there}, not at {made}")
        self.history = History(
            commits={**self.history.commits, made: snapshot}, branches={**self.history.branches, branch: made}
        )
        return made

    def _resolve(self, commit: str) -> str:
        name = self.history.branches.get("main" if commit == "HEAD" else commit, commit)
        if name not in self.history.commits:
            raise Unavailable(f"the repository has no commit {commit[:80]!r}")
        return name

    def _at(self, commit: str) -> Snapshot:
        return self.history.commits[self._resolve(commit)]


def _below(path: str, folder: str) -> bool:
    bare = folder.rstrip("/")
    return bare in ("", ".") or path == bare or path.startswith(f"{bare}/")


def _id(snapshot: Snapshot) -> str:
    return hashlib.sha1(snapshot.canonical(), usedforsecurity=False).hexdigest()
