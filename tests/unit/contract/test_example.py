"""An adapter from outside passes the contract kit by naming its factory, and is chosen by one entry: the example of docs/ports.md."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from graph.config import settings
from graph.setup import worlds
from tests.contract.repository import RepositoryContract
from tools import ports
from tools.scripted.clock import EPOCH, ManualClock
from tools.scripted.repository import History, ScriptedRepository, grown
from tools.scripted.world import incident_world


class SavedRepository(ScriptedRepository):
    """A repository that is kept in one JSON file, read and written at each question."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def history(self) -> History:
        return History.model_validate_json(self._file.read_bytes())

    @history.setter
    def history(self, changed: History) -> None:
        self._file.write_bytes(changed.canonical())


class TestSavedRepository(RepositoryContract):
    """Every test of the contract runs for what `make` returns."""

    def make(self, folder: Path, commits: Sequence[tuple[str, Mapping[str, str]]]) -> ports.Repository:
        history = History()
        for number, (subject, files) in enumerate(commits):
            history = grown(history, "main", EPOCH + timedelta(hours=number), subject, files)
        folder.mkdir()
        (folder / "repository.json").write_bytes(history.canonical())
        return SavedRepository(folder / "repository.json")

    def remote(self, folder: Path) -> str:
        return f"saved:{folder}"


def opened(place: str, _: worlds.Opening) -> ports.Repository:
    return SavedRepository(Path(place))


def test_one_entry_makes_it_a_kind_of_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "repository.json"
    file.write_bytes(grown(History(), "main", EPOCH, "Begin", {"README.md": "r\n"}).canonical())
    simulated = incident_world(ManualClock())
    monkeypatch.setattr(worlds, "WORLDS", {"http": lambda url, clock: simulated})
    kinds = {**worlds.ADAPTERS["repository"], "saved": opened}
    monkeypatch.setattr(worlds, "ADAPTERS", {**worlds.ADAPTERS, "repository": kinds})
    chosen = settings.load(
        {"SUTURE_HOME": "/nowhere", "SUTURE_WORLD_URL": "http://x/", "SUTURE_REPOSITORY": f"saved:{file}"}
    )
    assert worlds.assemble(chosen).repository.files("main", "") == ("README.md",)
