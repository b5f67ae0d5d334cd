"""Port of the repository that holds the services' source."""

from collections.abc import Mapping
from typing import Protocol

from pydantic import AwareDatetime

from incident.evidence import Missing
from incident.value import Value


class Component(Value):
    """Place of one service in the repository (from the repository's own ``suture.toml``)."""

    service: str
    path: str
    """Folder of the service's source, relative to the repository's root; patches stay inside."""
    app: str
    """ASGI application, as ``package.module:attribute``."""
    tests: str
    """Folder of the service's own tests, relative to the repository's root."""
    schemas: tuple[str, ...] = ()
    """Files that describe its data, readable by agents."""


class Commit(Value):
    """One commit of the history."""

    id: str
    at: AwareDatetime
    subject: str
    paths: tuple[str, ...]


class Proposal(Value):
    """A change that was proposed to the owners of a remote repository."""

    id: str
    """Its name at the remote."""
    head: str
    """The commit that is proposed."""
    title: str


MAX_LOG = 50
"""Most commits that one question to the history returns."""

MAX_PATCH = 64 * 1024
"""Most characters of a commit's patch."""


class Repository(Protocol):
    """The services' source.  Only branches under ``suture/`` are ever written, here and at a remote."""

    def component(self, service: str) -> Component | Missing:
        """The service's component; Missing when the repository does not say."""

    def files(self, commit: str, folder: str) -> tuple[str, ...]:
        """Paths of the text files below a folder at a commit."""

    def text(self, commit: str, path: str) -> str:
        """A file at a commit.  Raises KeyError when there is none."""

    def log(self, commit: str, folder: str, limit: int) -> tuple[Commit, ...]:
        """Commits that touched a folder, newest first; at most `MAX_LOG`."""

    def between(self, base: str, head: str, folder: str) -> tuple[Commit, ...]:
        """Commits that `head` has, `base` has not, and that touched a folder, newest first; at most `MAX_LOG`."""

    def patch(self, commit: str) -> str:
        """A unified diff of a commit's text files against its first parent, at most about `MAX_PATCH` characters.

        What is left out is named in lines that begin with ``#``.  Whoever wrote the commit wrote the text, so it is
        never trusted.
        """

    def export(self, commit: str, target: str) -> None:
        """Write the tree of a commit into an empty folder."""

    def diff(self, before: Mapping[str, str], after: Mapping[str, str]) -> str:
        """A unified diff between two sets of files."""

    def branch(self, name: str) -> str | None:
        """The commit a branch points at, or None."""

    def commit(self, branch: str, base: str, files: Mapping[str, str], message: str) -> str:
        """Commit files on top of `base` to a branch under ``suture/``, and return the commit.

        Deterministic in its arguments, so that doing it again yields the same commit.  Raises
        Conflict when the branch exists and points elsewhere.
        """

    def publish(self, branch: str, remote: str) -> str:
        """Copy a branch under ``suture/`` to a remote repository, and return its commit there.

        The remote is the operator's setting (``KIND:PLACE``), never the repository's own word.  Doing it again
        changes nothing.  Raises BadInput for a branch or remote that may not be written, Conflict when the remote's
        branch points elsewhere, Refused, Unavailable, Unsure when the answer was lost.
        """

    def propose(self, branch: str, remote: str, title: str, body: str) -> Proposal:
        """Propose a published branch to the owners of the remote; the proposal of the same branch is found again.

        Raises as `publish` does, and Conflict when another commit of that branch is proposed.
        """
