"""The scripted repository keeps the contract of every repository."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from tests.contract.repository import RepositoryContract
from tools import ports
from tools.scripted.clock import EPOCH
from tools.scripted.repository import History, ScriptedRepository, grown


class TestScriptedRepository(RepositoryContract):
    def make(self, folder: Path, commits: Sequence[tuple[str, Mapping[str, str]]]) -> ports.Repository:
        history = History()
        for number, (subject, files) in enumerate(commits):
            history = grown(history, "main", EPOCH + timedelta(hours=number), subject, files)
        return ScriptedRepository(history)

    def remote(self, folder: Path) -> str:
        return f"scripted:{folder}"
