"""`ports.Repository` in memory: commits as values."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from pydantic import AwareDatetime

from incident.errors import BadInput, Conflict, Refused, Unavailable
from incident.evidence import Missing
from incident.value import Value
from tools import ports, suture_toml, treepath, unified


class Snapshot(Value):
    """One commit: its parent, and all files after it."""

    parent: str | None
    at: AwareDatetime
    subject: str
    files: dict[str, str]


class Remote(Value):
    """A remote repository, as far as it was written."""

    branches: dict[str, str] = {}
    proposals: dict[str, ports.Proposal] = {}
    """By branch."""


class History(Value):
    """A whole repository as one value."""

    commits: dict[str, Snapshot] = {}
    branches: dict[str, str] = {}
    remotes: dict[str, Remote] = {}
    """By address."""


def grown(history: History, branch: str, at: datetime, subject: str, files: Mapping[str, str]) -> History:
    """The history with one more commit on a branch, whose files are exactly these."""
    snapshot = Snapshot(parent=history.branches.get(branch), at=at, subject=subject, files=dict(files))
    made = _id(snapshot)
    return history.model_copy(
        update={"commits": {**history.commits, made: snapshot}, "branches": {**history.branches, branch: made}}
    )


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
        touched = (self._told(name) for name in self._before(self._resolve(commit)))
        found = (one for one in touched if any(_below(path, folder) for path in one.paths))
        return tuple(islice(found, max(0, min(limit, ports.MAX_LOG))))

    def between(self, base: str, head: str, folder: str) -> tuple[ports.Commit, ...]:
        """Commits that `head` has and `base` has not, newest first."""
        old = set(self._before(self._resolve(base)))
        return tuple(one for one in self.log(head, folder, ports.MAX_LOG) if one.id not in old)

    def patch(self, commit: str) -> str:
        """The diff of a commit against its parent."""
        snapshot = self._at(commit)
        before, after = self._parent(snapshot), snapshot.files
        told, left_out = "", list[str]()
        for path in sorted(path for path in {*before, *after} if before.get(path) != after.get(path)):
            sides = ({path: side[path]} if path in side else {} for side in (before, after))
            part = unified.diff(*sides)
            if len(told) + len(part) > ports.MAX_PATCH:
                left_out.append(path)
            else:
                told += part
        return told + unified.omitted(left_out)

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
        self.history = self.history.model_copy(
            update={
                "commits": {**self.history.commits, made: snapshot},
                "branches": {**self.history.branches, branch: made},
            }
        )
        return made

    def publish(self, branch: str, remote: str) -> str:
        """Copy a branch to a remote, which is there as soon as it is named.  Raises BadInput, Conflict."""
        head = self.branch(branch)
        if head is None or not branch.startswith("suture/"):
            raise BadInput("branch", branch, "name a branch of the repository under suture/")
        there = self._remote(remote)
        if there.branches.get(branch, head) != head:
            raise Conflict(f"the branch {branch} of the remote points at {there.branches[branch]}, not at {head}")
        self._put(remote, there.model_copy(update={"branches": {**there.branches, branch: head}}))
        return head

    def propose(self, branch: str, remote: str, title: str, body: str) -> ports.Proposal:
        """Propose a published branch; the proposal that is there is returned.  Raises BadInput, Refused."""
        there = self._remote(remote)
        if branch not in there.branches:
            raise Refused(f"the remote has no branch {branch}: publish it first")
        told = hashlib.sha1(f"{title}\n\n{body}".encode(), usedforsecurity=False).hexdigest()[:12]
        made = ports.Proposal(id=f"{branch} {told}", head=there.branches[branch], title=title)
        kept = there.proposals.get(branch, made)
        self._put(remote, there.model_copy(update={"proposals": {**there.proposals, branch: kept}}))
        return kept

    def _remote(self, remote: str) -> Remote:
        if ":" not in remote:
            raise BadInput("remote", remote, "use KIND:PLACE")
        return self.history.remotes.get(remote, Remote())

    def _put(self, remote: str, there: Remote) -> None:
        self.history = self.history.model_copy(update={"remotes": {**self.history.remotes, remote: there}})

    def _before(self, name: str | None) -> Iterator[str]:
        """A commit and all before it, newest first."""
        while name is not None:
            yield name
            name = self.history.commits[name].parent

    def _told(self, name: str) -> ports.Commit:
        snapshot = self.history.commits[name]
        before = self._parent(snapshot)
        paths = {path for path in {*before, *snapshot.files} if before.get(path) != snapshot.files.get(path)}
        return ports.Commit(id=name, at=snapshot.at, subject=snapshot.subject, paths=tuple(sorted(paths)))

    def _parent(self, snapshot: Snapshot) -> Mapping[str, str]:
        return {} if snapshot.parent is None else self.history.commits[snapshot.parent].files

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
