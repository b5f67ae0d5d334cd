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


class Repository(Protocol):
    """The services' source.  Only branches under ``suture/`` are ever written."""

    def component(self, service: str) -> Component | Missing:
        """The service's component; Missing when the repository does not say."""

    def files(self, commit: str, folder: str) -> tuple[str, ...]:
        """Paths of the text files below a folder at a commit."""

    def text(self, commit: str, path: str) -> str:
        """A file at a commit.  Raises KeyError when there is none."""

    def log(self, commit: str, folder: str, limit: int) -> tuple[Commit, ...]:
        """Commits that touched a folder, newest first."""

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
