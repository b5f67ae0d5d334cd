"""The git adapter keeps the contract of every repository."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.contract.repository import RepositoryContract
from tests.integration.git.origin import git, write
from tools import ports
from tools.git.repository import GitRepository


class TestGitRepository(RepositoryContract):
    def make(self, folder: Path, commits: Sequence[tuple[str, Mapping[str, str]]]) -> ports.Repository:
        folder.mkdir()
        git(folder, "init", "--quiet", "--initial-branch=main")
        for subject, files in commits:
            write(folder, dict(files))
            git(folder, "add", "--all")
            git(folder, "commit", "--quiet", "--message", subject)
        return GitRepository(folder)

    def remote(self, folder: Path) -> str:
        git(folder.parent, "init", "--quiet", "--bare", folder.name)
        return f"git:{folder}"
