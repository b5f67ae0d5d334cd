"""The anchor in a file: the contract, what a crash leaves of a line, and what cannot be written."""

from pathlib import Path

import pytest

from incident.errors import Unavailable
from tests.contract.anchor import AnchorContract, line
from tools import ports
from tools.audit.anchor_file import FileAnchor
from tools.scripted.clock import ManualClock


def opened(folder: Path) -> FileAnchor:
    return FileAnchor(folder / "anchor.jsonl", ManualClock())


class TestFileAnchor(AnchorContract):
    @pytest.fixture
    def pair(self, tmp_path: Path) -> tuple[ports.Anchor, ports.Anchor]:
        return opened(tmp_path), opened(tmp_path)


def test_what_a_crash_left_of_a_line_is_no_line_and_the_next_one_takes_its_place(tmp_path: Path) -> None:
    anchor = opened(tmp_path)
    anchor.add(line(0), b"")
    with (tmp_path / "anchor.jsonl").open("ab") as file:
        file.write(line(3)[:50])
    assert anchor.last() == line(0)
    assert anchor.add(line(4), line(0))
    assert anchor.read() == line(0) + b"\n" + line(4) + b"\n"


def test_one_that_cannot_be_used_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "anchor.jsonl").mkdir()
    anchor = opened(tmp_path)
    for use in (anchor.read, anchor.last, lambda: anchor.add(line(0), b"")):
        with pytest.raises(Unavailable, match=r"the anchor anchor\.jsonl cannot be used"):
            use()
