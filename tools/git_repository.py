"""`ports.Repository` over a git working copy, by git's plumbing.

The repository is data of somebody else: its hooks, filters, attributes, aliases and external
programs never run (no command here checks anything out, and the few settings that could start a
program are overridden).  Only branches under ``suture/`` are written, through a private index.
"""

import re
import stat
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from incident.errors import BadInput, Conflict, Refused, Unavailable
from incident.evidence import Missing
from tools import git_objects, ports, suture_toml, text, treepath, unified
from tools.git_command import Git

MAX_TEXT = 1024 * 1024
"""Bytes of a file that counts as text; source files stay far below it."""

MAX_EXPORT = 256 * 1024 * 1024
"""Bytes of a whole tree that is exported."""

MAX_LOG = 50
"""Commits that one question to the history returns."""

_BRANCH = re.compile(r"suture/[A-Za-z0-9][A-Za-z0-9_-]*(?:[./][A-Za-z0-9_-]+)*")
_REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,199}")
_NOTHING = "0" * 40


class GitRepository:
    """One repository; nothing is opened before the first question."""

    def __init__(self, path: Path, *, seconds: float = 20.0) -> None:
        self._git = Git(path, seconds)
        self._path = path
        self._known: set[str] = set()

    def check(self) -> None:
        """Raise BadInput with one sentence unless the repository can be read and has a commit."""
        try:
            self._resolve("HEAD")
        except Unavailable as error:
            raise BadInput("repository", str(self._path), "name a readable git repository with a commit") from error

    def component(self, service: str) -> ports.Component | Missing:
        """What ``suture.toml`` at the main branch says about the service."""
        try:
            content = self.text("HEAD", suture_toml.NAME)
        except KeyError:
            return Missing(reason=f"the repository has no {suture_toml.NAME}")
        return suture_toml.component(content, service)

    def files(self, commit: str, folder: str) -> tuple[str, ...]:
        """Paths of the text files (UTF-8, no NUL, at most `MAX_TEXT` bytes) below a folder, sorted."""
        entries = [entry for entry in self._tree(commit, folder) if entry.is_file and entry.size <= MAX_TEXT]
        contents = self._blobs(entries)
        return tuple(sorted(entry.path for entry in entries if git_objects.as_text(contents[entry.id]) is not None))

    def text(self, commit: str, path: str) -> str:
        """A text file at a commit.  Raises KeyError for whatever `files` does not list."""
        if treepath.objection(path) is not None:
            raise KeyError(path)
        found = [entry for entry in self._tree(commit, path) if entry.path == path and entry.is_file]
        if not found or found[0].size > MAX_TEXT:
            raise KeyError(path)
        content = git_objects.as_text(self._blobs(found)[found[0].id])
        if content is None:
            raise KeyError(path)
        return content

    def log(self, commit: str, folder: str, limit: int) -> tuple[ports.Commit, ...]:
        """At most `MAX_LOG` commits that touched a folder, newest first."""
        start = self._resolve(commit)
        count = max(0, min(limit, MAX_LOG))
        spec = () if folder in ("", ".") else (folder,)
        listed = self._git.run("rev-list", f"--max-count={count}", start, "--", *spec).decode("ascii").split()
        return tuple(self._commit_of(found) for found in listed)

    def export(self, commit: str, target: str) -> None:
        """Write the tree of a commit into an empty folder, byte for byte as it is stored.

        Raises Refused for a tree that is too large, or that holds a path or a link that leaves it; Unavailable otherwise.
        """
        folder = Path(target)
        entries = self._tree(commit, "")
        if sum(entry.size for entry in entries) > MAX_EXPORT:
            raise Refused(f"the tree of {commit} is larger than {MAX_EXPORT} bytes")
        wanted = [entry for entry in entries if entry.is_file or entry.is_link]
        contents = self._blobs(wanted)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise Unavailable(f"{target} is not empty")
            for entry in wanted:
                git_objects.write(folder, entry, contents[entry.id])
        except OSError as error:
            raise Unavailable(f"the tree of {commit} could not be written to {target}: {error.strerror}") from error

    def diff(self, before: Mapping[str, str], after: Mapping[str, str]) -> str:
        """A unified diff between two sets of files."""
        return unified.diff(before, after)

    def branch(self, name: str) -> str | None:
        """The commit a branch points at, or None."""
        if not _REVISION.fullmatch(name) or ".." in name:
            return None
        return self._git.peek("rev-parse", "--verify", "--quiet", f"refs/heads/{name}^{{commit}}")

    def commit(self, branch: str, base: str, files: Mapping[str, str], message: str) -> str:
        """Commit files on top of `base` to a new branch under ``suture/``, and return the commit.

        Deterministic: author, dates (one second after the base) and encoding are fixed.  Raises
        BadInput for a branch or path that may not be written and Conflict when the branch exists
        and points elsewhere.
        """
        if not _BRANCH.fullmatch(branch) or branch.endswith(".lock") or ".lock/" in branch:
            raise BadInput("branch", branch, "name a branch under suture/")
        parent = self._resolve(base)
        tree = self._write_tree(parent, files)
        at = self._commit_of(parent).at
        made = self._git.run(
            "commit-tree", "-p", parent, "-F", "-", tree,
            stdin=(message.strip() + "\n").encode(), environment=_signature(at),
        ).decode("ascii").strip()  # fmt: skip
        return self._point(branch, made)

    def _point(self, branch: str, made: str) -> str:
        """Create the branch if it does not exist; one that points at the same commit is fine."""
        there = self.branch(branch)
        if there is None:
            try:
                self._git.run("update-ref", "--no-deref", f"refs/heads/{branch}", made, _NOTHING)
            except Unavailable as error:
                there = self.branch(branch)
                if there is None:
                    raise Conflict(f"the branch {branch} could not be created") from error
        if there not in (None, made):
            raise Conflict(f"the branch {branch} points at {there}, not at {made}")
        return made

    def _write_tree(self, parent: str, files: Mapping[str, str]) -> str:
        if not files:
            raise BadInput("files", "none", "commit at least one file")
        modes = {path: self._mode(parent, path) for path in sorted(files)}
        lines = []
        for path, mode in modes.items():
            blob = self._git.run(
                "hash-object", "-w", "--no-filters", "--stdin", stdin=files[path].encode("utf-8")
            ).strip()
            lines.append(mode.encode() + b" " + blob + b"\t" + path.encode() + b"\0")
        with tempfile.TemporaryDirectory(prefix="suture-index-") as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._git.run("read-tree", parent, environment=index)
            self._git.run("update-index", "-z", "--index-info", stdin=b"".join(lines), environment=index)
            return self._git.run("write-tree", environment=index).decode("ascii").strip()

    def _mode(self, parent: str, path: str) -> str:
        """The mode that the file has or gets.  Raises BadInput for a path that may not be written."""
        said = treepath.objection(path)
        if said is not None or any(part.startswith(".git") for part in path.split("/")):
            raise BadInput("path", path, f"choose another: it {said or 'belongs to git'}")
        mode = "100644"
        for above in treepath.prefixes(path):
            entry = next((found for found in self._tree(parent, above, deep=False) if found.path == above), None)
            expected = (stat.S_IFREG,) if above == path else (stat.S_IFDIR,)
            if entry is not None and stat.S_IFMT(int(entry.mode, 8)) not in expected:
                raise BadInput("path", path, f"choose another: {above} is no {'file' if above == path else 'folder'}")
            if entry is not None and above == path:
                mode = entry.mode
        return mode

    def _tree(self, commit: str, folder: str, *, deep: bool = True) -> tuple[git_objects.Entry, ...]:
        """The tree's entries at or below a path."""
        start = self._resolve(commit)
        spec = () if folder in ("", ".") else (folder.rstrip("/"),)
        how = ("-r",) if deep else ()
        listed = self._git.run("ls-tree", "-z", "-l", "--full-tree", *how, start, "--", *spec)
        return git_objects.entries(listed)

    def _blobs(self, entries: Sequence[git_objects.Entry]) -> dict[str, bytes]:
        """The contents by object id."""
        ids = sorted({entry.id for entry in entries})
        return git_objects.contents(self._git.run("cat-file", "--batch", stdin="".join(f"{i}\n" for i in ids).encode()))

    def _commit_of(self, commit: str) -> ports.Commit:
        found = git_objects.contents(self._git.run("cat-file", "--batch", stdin=f"{commit}\n".encode()))
        parents, at, subject = git_objects.commit(found[commit])
        compared = (parents[0], commit) if parents else ("--root", commit)
        changed = self._git.run("diff-tree", "-r", "-z", "--no-commit-id", "--name-only", "--no-renames", *compared)
        paths = tuple(sorted(path.decode("utf-8", "replace") for path in changed.split(b"\0") if path))
        return ports.Commit(id=commit, at=at, subject=text.normalise(subject, 200), paths=paths)

    def _resolve(self, revision: str) -> str:
        if revision in self._known:
            return revision
        if not _REVISION.fullmatch(revision) or ".." in revision:
            raise Unavailable(f"{text.normalise(revision, 60)!r} is no commit's name")
        found = self._git.peek("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        if found is None:
            raise Unavailable(f"the repository {self._path} cannot be read or has no commit {revision}")
        if found == revision:
            self._known.add(found)
        return found


def _signature(base: datetime) -> dict[str, str]:
    """Author and committer as commit-tree reads them; a commit made twice is the same commit."""
    date = f"{int(base.timestamp()) + 1} +0000"
    return {
        **{f"GIT_{who}_NAME": "Suture" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": "suture@localhost" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_DATE": date for who in ("AUTHOR", "COMMITTER")},
    }
