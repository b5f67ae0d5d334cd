"""`ports.Repository` over a git repository, without git.

The repository is data of somebody else.  Its objects and refs are read as files, within bounds, and no
program runs that could obey what it says of itself.  Only branches under ``suture/`` are written.
"""

import re
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from incident.errors import BadInput, Conflict, Refused, Unavailable
from incident.evidence import Missing
from tools import ports, suture_toml, text, treepath, unified
from tools.git import export as git_export
from tools.git import folder as git_folder
from tools.git import objects, publication, refs
from tools.git.bounds import Bounds
from tools.git.history import History
from tools.git.objects import Commit, Entry
from tools.git.refs import Refs
from tools.git.store import Store
from tools.git.trees import Trees

_BRANCH = re.compile(r"suture/[A-Za-z0-9][A-Za-z0-9_-]*(?:[./][A-Za-z0-9_-]+)*")
_REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,199}")
_SIGNED = "Suture <suture@localhost>"


class GitRepository:
    """One repository; it is opened for each question, and closed again."""

    def __init__(
        self, path: Path, *, seconds: float | None = None, owners: Collection[int] = (), bounds: Bounds | None = None
    ) -> None:
        """`owners` are users besides us and root to whom it may belong."""
        limits = bounds or Bounds()
        self._bounds = limits if seconds is None else limits.model_copy(update={"seconds": seconds})
        self._path, self._owners = path, frozenset(owners)

    def check(self) -> None:
        """Raise BadInput with one sentence unless the repository can be read and has a commit."""
        try:
            with self._opened() as view:
                view.resolve("HEAD")
        except Refused as error:
            raise BadInput("repository", str(self._path), f"it is refused: {error}") from error
        except Unavailable as error:
            raise BadInput("repository", str(self._path), "name a readable git repository with a commit") from error

    def component(self, service: str) -> ports.Component | Missing:
        """The service's entry in ``suture.toml`` at the main branch."""
        try:
            content = self.text("HEAD", suture_toml.NAME)
        except KeyError:
            return Missing(reason=f"the repository has no {suture_toml.NAME}")
        return suture_toml.component(content, service)

    def files(self, commit: str, folder: str) -> tuple[str, ...]:
        """Paths of the text files (UTF-8, no NUL, at most a MiB) below a folder, sorted."""
        with self._opened() as view:
            found = view.trees.below(view.tree(commit), _inside(folder))
            plain = (entry for entry in found if entry.is_file and treepath.objection(entry.text) is None)
            return tuple(sorted(entry.text for entry in plain if view.text_of(entry) is not None))

    def text(self, commit: str, path: str) -> str:
        """A text file at a commit.  Raises KeyError for whatever `files` does not list."""
        if treepath.objection(path) is not None:
            raise KeyError(path)
        with self._opened() as view:
            found = view.trees.at(view.tree(commit), path)
            content = view.text_of(found) if found is not None and found.is_file else None
        if content is None:
            raise KeyError(path)
        return content

    def log(self, commit: str, folder: str, limit: int) -> tuple[ports.Commit, ...]:
        """Commits that touched a folder, newest first."""
        with self._opened() as view:
            history = view.history()
            touching = history.touching(view.resolve(commit), _inside(folder))
            found = islice(touching, max(0, min(limit, ports.MAX_LOG)))
            return tuple(view.told(name, history.commit(name)) for name in found)

    def between(self, base: str, head: str, folder: str) -> tuple[ports.Commit, ...]:
        """Commits that `head` has, `base` has not, and that touched a folder, newest first."""
        with self._opened() as view:
            history = view.history()
            found = history.between(view.resolve(base), view.resolve(head), _inside(folder))
            return tuple(view.told(name, history.commit(name)) for name in islice(found, ports.MAX_LOG))

    def patch(self, commit: str) -> str:
        """A unified diff of a commit's text files against its first parent."""
        with self._opened() as view:
            return view.patch(view.resolve(commit))

    def export(self, commit: str, target: str) -> None:
        """Write the tree of a commit into an empty folder, byte for byte as it is stored.

        Raises Refused for a tree that is too large, or that holds a path or a link that leaves it; Unavailable otherwise.
        """
        folder = Path(target)
        with self._opened() as view:
            found = view.trees.below(view.tree(commit), "")
            wanted = [entry for entry in found if entry.is_file or entry.is_link]
            view.allow(wanted)
            try:
                # All folders come before any link: a link cannot take the place of one then, so nothing is written
                # through it.
                git_export.lay_out(folder, wanted)
                for entry in wanted:
                    git_export.write(folder, entry, view.content(entry))
            except OSError as error:
                raise Unavailable(f"the tree of {commit} could not be written to {target}: {error.strerror}") from error

    def diff(self, before: Mapping[str, str], after: Mapping[str, str]) -> str:
        """A unified diff between two sets of files."""
        return unified.diff(before, after)

    def branch(self, name: str) -> str | None:
        """The commit a branch points at, or None."""
        if not _REVISION.fullmatch(name) or ".." in name:
            return None
        with self._opened() as view:
            return view.branch(name)

    def commit(self, branch: str, base: str, files: Mapping[str, str], message: str) -> str:
        """Commit files on top of `base` to a new branch under ``suture/``, and return the commit.

        Deterministic: author, dates (one second after the base) and encoding are fixed.  Raises
        BadInput for a branch or path that may not be written and Conflict when the branch exists
        and points elsewhere.
        """
        _check_ours(branch)
        if not files:
            raise BadInput("files", "none", "commit at least one file")
        with self._opened() as view:
            parent = view.resolve(base)
            before = view.trees.commit(parent)
            for path in sorted(files):
                view.writable(before.tree, path)
            blobs = {path: view.store.write("blob", content.encode("utf-8")) for path, content in files.items()}
            tree = view.trees.replaced(before.tree, blobs)
            signed = f"{_SIGNED} {before.seconds + 1} +0000"
            told = (message.strip() + "\n").encode("utf-8")
            made = view.store.write("commit", objects.commit_bytes(tree, (parent,), signed, told))
            there = view.branch(branch)
            # The ref moves last: a crash before it leaves objects that nothing names, and `git gc` removes those.
            if there is None and not view.refs.move(f"refs/heads/{branch}", made, None):
                # Another process may have written the same commit meanwhile, which is no conflict.
                there = view.branch(branch)
            if there not in (None, made):
                raise Conflict(f"the branch {branch} points at {there}, not at {made}")
            return made

    def publish(self, branch: str, remote: str) -> str:
        """Copy a branch under ``suture/`` to another repository of this machine (``git:/ABSOLUTE/PATH``)."""
        _check_ours(branch)
        with self._opened() as view, self._remote(remote) as there:
            return publication.publish(view.store, view.published(branch), branch, there)

    def propose(self, branch: str, remote: str, title: str, body: str) -> ports.Proposal:
        """Propose a published branch by an annotated tag of its commit, kept at ``refs/suture/proposals/`` of the remote.

        A plain repository knows no proposals of its own; ``git fetch REMOTE refs/suture/proposals/NAME`` and ``git show
        FETCH_HEAD`` show one.
        """
        _check_ours(branch)
        with self._remote(remote) as there:
            return publication.propose(branch, title, body, there)

    @contextmanager
    def _remote(self, remote: str) -> Iterator[Store]:
        kind, _, place = remote.partition(":")
        if kind != "git" or not Path(place).is_absolute():
            raise BadInput("remote", remote, "use git:/ABSOLUTE/PATH of a repository on this machine")
        with git_folder.opened(Path(place), self._owners) as folder, Store(folder, self._bounds) as store:
            yield store

    @contextmanager
    def _opened(self) -> Iterator["View"]:
        with git_folder.opened(self._path, self._owners) as folder, Store(folder, self._bounds) as store:
            yield View(store, self._path)


class View:
    """The repository while one question is answered."""

    def __init__(self, store: Store, path: Path) -> None:
        self.store, self._path = store, path
        self.refs, self.trees = Refs(store), Trees(store)

    def history(self) -> History:
        """The walk through its commits."""
        shallow = self.store.folder.read("shallow", self.store.bounds.commit) or b""
        return History(self.trees, frozenset(shallow.decode("ascii", "replace").split()), self.store.bounds.commits)

    def resolve(self, revision: str) -> str:
        """The commit's id.  Raises Unavailable when there is none of that name."""
        if not _REVISION.fullmatch(revision) or ".." in revision:
            raise Unavailable(f"{text.normalise(revision, 60)!r} is no commit's name")
        found = self.refs.resolve(revision)
        if found is None:
            raise Unavailable(f"the repository {self._path} cannot be read or has no commit {revision}")
        return found

    def branch(self, name: str) -> str | None:
        """The commit a branch points at, or None."""
        found = self.refs.read(f"refs/heads/{name}") if refs.named(f"refs/heads/{name}") else None
        return None if found is None else self.refs.commit(found)

    def tree(self, revision: str) -> str:
        """The id of a commit's tree."""
        return self.trees.commit(self.resolve(revision)).tree

    def text_of(self, entry: Entry) -> str | None:
        """The text of a file; None when it is none or too large to count as one.  Raises Refused, Unavailable."""
        found = self.store.read_small(entry.id, self.store.bounds.text)
        return None if found is None else objects.as_text(_blob(entry, found))

    def content(self, entry: Entry) -> bytes:
        """Bytes of a file, or the target of a link.  Raises Refused, Unavailable."""
        return _blob(entry, self.store.read(entry.id, self.store.bounds.object))

    def allow(self, wanted: Collection[Entry]) -> None:
        """Raise Refused for what is too large, or lies at a path that leaves the tree."""
        size = 0
        for entry in wanted:
            git_export.check(entry)
            size += self.store.size(entry.id)
            if size > self.store.bounds.unpacked:
                raise Refused(f"the tree is larger than {self.store.bounds.unpacked} bytes")

    def told(self, name: str, commit: Commit) -> ports.Commit:
        """A commit with the paths that it changed against its first parent."""
        before = self.trees.commit(commit.parents[0]).tree if commit.parents else None
        changed = self.trees.changed(before, commit.tree)
        paths = tuple(sorted(text.normalise(path.decode("utf-8", "replace"), treepath.MAX_PATH) for path in changed))
        return ports.Commit(id=name, at=commit.at, subject=text.normalise(commit.subject, 200), paths=paths)

    def published(self, branch: str) -> str:
        """The commit of a branch that is to be published.  Raises BadInput when there is none."""
        found = self.branch(branch)
        if found is None:
            raise BadInput("branch", branch, "name a branch of the repository")
        return found

    def patch(self, name: str) -> str:
        """A commit's diff against its first parent; what does not fit, or is no text, is named."""
        commit = self.trees.commit(name)
        before = self.trees.commit(commit.parents[0]).tree if commit.parents else None
        told, left_out = "", list[str]()
        for path in self.trees.changed(before, commit.tree):
            shown = path.decode("utf-8", "replace")
            old, new = (self._side(tree, shown) for tree in (before, commit.tree))
            part = None if old is None or new is None else unified.diff(old, new)
            if part is None or len(told) + len(part) > ports.MAX_PATCH:
                left_out.append(text.normalise(shown, treepath.MAX_PATH))
            else:
                told += part
        return told + unified.omitted(left_out)

    def _side(self, tree: str | None, path: str) -> dict[str, str] | None:
        """The text at a path; nothing where nothing is, None for what is no text."""
        entry = self.trees.at(tree, path) if tree else None
        if entry is None:
            return {}
        found = self.text_of(entry) if entry.is_file and treepath.objection(path) is None else None
        return None if found is None else {path: found}

    def writable(self, tree: str, path: str) -> None:
        """Raise BadInput for a path that may not be written."""
        # `.gitattributes` and `.gitmodules` change what git does with the files beside them.
        said = treepath.objection(path)
        if said is not None or any(part.startswith(".git") for part in path.split("/")):
            raise BadInput("path", path, f"choose another: it {said or 'belongs to git'}")
        for above in treepath.prefixes(path):
            entry = self.trees.at(tree, above)
            expected = stat.S_IFREG if above == path else stat.S_IFDIR
            if entry is not None and stat.S_IFMT(entry.mode) != expected:
                raise BadInput("path", path, f"choose another: {above} is no {'file' if above == path else 'folder'}")


def _check_ours(branch: str) -> None:
    """Raise BadInput for a branch that may not be written."""
    if not _BRANCH.fullmatch(branch) or branch.endswith(".lock") or ".lock/" in branch:
        raise BadInput("branch", branch, "name a branch under suture/")


def _inside(folder: str) -> str:
    """A folder as a path inside the tree; the root is empty."""
    return "" if folder in ("", ".") else folder.rstrip("/")


def _blob(entry: Entry, found: tuple[str, bytes]) -> bytes:
    kind, content = found
    if kind != "blob":
        raise Refused(f"the repository holds a {kind} at {entry.text!r}, where a file belongs")
    return content
