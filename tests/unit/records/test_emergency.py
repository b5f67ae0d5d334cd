"""Last words find a place that can be written, believe no file that is not ours, and are read back."""

import errno
import io
import json
import os
from pathlib import Path

import pytest

from tools.ports.basics import ENDED
from tools.records import files
from tools.records.emergency import EmergencyLog, elsewhere
from tools.scripted.clock import ManualClock

AT = ManualClock().now()


def ended(log: EmergencyLog, incident: str, reason: str) -> tuple[tuple[str, bool], ...]:
    return log.write(AT, "suture", ENDED, {"incident": incident, "reason": reason})


def log(folder: Path, *others: str) -> EmergencyLog:
    """A log whose own folder is missing, as one on a disk that takes nothing."""
    return EmergencyLog(folder / "missing" / "e.jsonl", io.StringIO(), [folder / name for name in others])


def test_when_its_own_file_cannot_be_written_the_line_goes_elsewhere(tmp_path: Path) -> None:
    made = log(tmp_path, "also-missing/e.jsonl", "there.jsonl", "never.jsonl")
    told = ended(made, "inc-1", "taken back")
    assert told == (
        ("stderr", True),
        ("file", False),
        (str(tmp_path / "also-missing" / "e.jsonl"), False),
        (str(tmp_path / "there.jsonl"), True),
    )
    assert (tmp_path / "there.jsonl").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "never.jsonl").exists()
    assert made.endings()["inc-1"]["reason"] == "taken back"


def test_control_with_its_own_file_in_order_nothing_lies_elsewhere(tmp_path: Path) -> None:
    made = EmergencyLog(tmp_path / "e.jsonl", io.StringIO(), [tmp_path / "there.jsonl"])
    assert ended(made, "inc-1", "taken back") == (("stderr", True), ("file", True))
    assert not (tmp_path / "there.jsonl").exists()


def test_the_last_line_about_an_incident_counts_and_other_actions_do_not(tmp_path: Path) -> None:
    made = log(tmp_path, "there.jsonl")
    made.write(AT, "suture", "undoing", {"incident": "inc-0", "reason": "no ending"})
    for reason in ("first", "last"):
        ended(made, "inc-1", reason)
    assert {name: body["reason"] for name, body in made.endings().items()} == {"inc-1": "last"}


def link(path: Path) -> None:
    (path.parent / "target").write_text("")
    path.symlink_to(path.parent / "target")


def hard_link(path: Path) -> None:
    (path.parent / "target").write_text("")
    (path.parent / "target").chmod(0o600)
    path.hardlink_to(path.parent / "target")


def open_to_all(path: Path) -> None:
    path.write_text("")
    path.chmod(0o666)


@pytest.mark.parametrize("prepared", [link, hard_link, open_to_all, os.mkfifo, os.mkdir], ids=lambda one: one.__name__)
def test_a_place_that_somebody_prepared_is_neither_written_nor_read(tmp_path: Path, prepared: object) -> None:
    """The folders elsewhere are everybody's."""
    assert callable(prepared)
    prepared(tmp_path / "there.jsonl")
    made = log(tmp_path, "there.jsonl", "next.jsonl")
    assert ended(made, "inc-1", "secret")[-1] == (str(tmp_path / "next.jsonl"), True)
    target = tmp_path / "target"
    assert not target.exists() or target.read_text() == ""
    assert list(log(tmp_path, "there.jsonl").endings()) == []


def test_lines_that_are_torn_or_no_json_tell_nothing_and_hide_nothing(tmp_path: Path) -> None:
    made = log(tmp_path, "there.jsonl")
    ended(made, "inc-1", "one")
    with (tmp_path / "there.jsonl").open("ab") as file:
        file.write(b'[1]\n"x"\n' + b"[" * 100_000 + b'\n\xff\xfe\n{"action":"ended","body":7}\n{"action":"ended","bo')
    ended(made, "inc-2", "two")
    assert list(made.endings()) == ["inc-1", "inc-2"]


def test_a_line_after_a_torn_one_is_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    files.append_line(path, '{"a":1}')
    with path.open("ab") as file:
        file.write(b'{"b"')
    files.append_line(path, '{"c":3}')
    assert path.read_text().splitlines() == ['{"a":1}', '{"b"', '{"c":3}']


def test_two_homes_do_not_share_their_last_words() -> None:
    one, other = (elsewhere(Path(root), {"TMPDIR": "/a"}) for root in ("/home/x", "/home/y"))
    assert one[0].parent == Path("/a")
    assert not set(one) & set(other)
    assert elsewhere(Path("/home/x"), {"TMPDIR": "/a"}) == one


def test_a_relative_or_missing_folder_is_no_place() -> None:
    assert all(path.is_absolute() for path in elsewhere(Path("/h"), {"TMPDIR": "x", "XDG_RUNTIME_DIR": ""}))


def test_a_full_device_is_no_place(tmp_path: Path) -> None:
    """A file system's refusal, from the kernel."""
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)), open("/dev/full", "ab", 0) as full:  # noqa: PTH123 (a device)
        files.append_text(full.fileno(), json.dumps({}))
