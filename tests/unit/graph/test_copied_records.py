"""Records are copied into a folder as it is."""

import shutil
import stat
from pathlib import Path

import pytest

from graph.run import copied

SHARED = 0o1777


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _records(tmp_path: Path) -> Path:
    folder = tmp_path / "incident"
    (folder / "more").mkdir(parents=True)
    (folder / "report.md").write_text("healed")
    (folder / "more" / "trace.jsonl").write_text("{}")
    folder.chmod(0o700)
    return folder


def _shared(tmp_path: Path, name: str) -> Path:
    place = tmp_path / name
    place.mkdir()
    place.chmod(SHARED)
    return place


def test_a_shared_folder_stays_shared(tmp_path: Path) -> None:
    folder, place, control = _records(tmp_path), _shared(tmp_path, "shared"), _shared(tmp_path, "control")
    copied(folder, place)
    assert _mode(place) == SHARED
    assert {path.relative_to(place).as_posix() for path in place.rglob("*.*")} == {"report.md", "more/trace.jsonl"}
    shutil.copytree(folder, control, dirs_exist_ok=True)
    assert _mode(control) != SHARED  # a tree is copied with the mode of its folder


def test_a_new_folder_is_ours_alone(tmp_path: Path) -> None:
    copied(_records(tmp_path), tmp_path / "new" / "one")
    assert _mode(tmp_path / "new" / "one") == 0o700
    assert _mode(tmp_path / "new" / "one" / "report.md") == 0o600


def test_a_link_in_the_place_of_a_record_is_not_written_through(tmp_path: Path) -> None:
    place, other = _shared(tmp_path, "shared"), tmp_path / "other"
    other.write_text("of somebody else")
    (place / "report.md").symlink_to(other)
    with pytest.raises(FileExistsError):
        copied(_records(tmp_path), place)
    assert other.read_text() == "of somebody else"
