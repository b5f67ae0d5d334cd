"""Files that were opened, and what others see at their paths."""

from pathlib import Path

import pytest

from incident.errors import Tampered
from tools.records.opened import Opened


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("a.db", "b.txt"):
        (tmp_path / name).write_text(name)
    return tmp_path / "a.db", tmp_path / "b.txt"


def opened(paths: tuple[Path, Path]) -> Opened:
    return Opened(paths[:1], paths[1:])


def test_what_is_written_to_stays_the_same_file(paths: tuple[Path, Path]) -> None:
    found = opened(paths)
    paths[0].write_text("more")
    found.check()


def test_what_appears_later_counts_from_then_on(paths: tuple[Path, Path]) -> None:
    """SQLite's companions come with the first write."""
    found = opened(paths)
    beside = paths[0].with_name("a.db-wal")
    beside.write_text("")
    found.check()
    beside.unlink()
    with pytest.raises(Tampered, match=r"a\.db-wal is gone"):
        found.check()


def test_a_file_that_was_replaced_stays_refused_although_it_comes_back(paths: tuple[Path, Path]) -> None:
    found = opened(paths)
    paths[1].rename(paths[1].with_name("kept"))
    paths[1].write_text("b.txt")
    for _ in range(2):
        with pytest.raises(Tampered, match=r"b\.txt is another file"):
            found.check()
    paths[1].with_name("kept").rename(paths[1])
    found.check()


def test_a_folder_that_became_a_file_holds_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "a.db").write_text("a")
    found = Opened((folder / "a.db",), ())
    folder.rename(tmp_path / "away")
    folder.write_text("")
    with pytest.raises(Tampered, match="gone"):
        found.check()
