"""Record folders: whole lines, whole files, and names that stay inside."""

import hashlib
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident.errors import BadInput, Unavailable
from tools.records import record_folder
from tools.scripted.clock import ManualClock


@pytest.fixture
def journal(tmp_path: Path) -> record_folder.RecordFolder:
    return record_folder.open(tmp_path, "inc-1", ManualClock())


def test_lines_come_back_in_order_also_for_another_process(journal: record_folder.RecordFolder, tmp_path: Path) -> None:
    assert journal.lines() == ()
    journal.append(b'{"a":1}')
    journal.append('{"b":"\u2028é"}'.encode())
    assert record_folder.open(tmp_path, "inc-1", ManualClock()).lines() == (b'{"a":1}', '{"b":"\u2028é"}'.encode())


def test_folder_and_files_are_private(journal: record_folder.RecordFolder) -> None:
    journal.append(b"{}")
    journal.write("report.md", b"# Report")
    assert stat.S_IMODE(journal.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in journal.folder.iterdir()} == {0o600}


@pytest.mark.parametrize("line", [b"", b"a\nb", b"a\n", b"\n"])
def test_a_record_is_exactly_one_line(journal: record_folder.RecordFolder, line: bytes) -> None:
    with pytest.raises(ValueError, match="one line"):
        journal.append(line)
    assert journal.lines() == ()


@given(
    lines=st.lists(st.binary(min_size=1, max_size=30).filter(lambda line: b"\n" not in line), max_size=5),
    cut=st.integers(0, 200),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_cut_at_any_byte_costs_the_last_line_at_most_and_the_next_append_heals_it(
    journal: record_folder.RecordFolder, lines: list[bytes], cut: int
) -> None:
    path = journal.folder / "decisions.jsonl"
    path.unlink(missing_ok=True)
    for line in lines:
        journal.append(line)
    whole = path.read_bytes() if lines else b""
    path.write_bytes(whole[:cut])
    kept = tuple(whole[:cut].split(b"\n")[:-1])
    assert journal.lines() == kept
    journal.append(b"next")
    assert journal.lines() == (*kept, b"next")


def test_a_file_is_replaced_whole_and_leaves_no_other(journal: record_folder.RecordFolder) -> None:
    journal.write("report.md", b"long " * 1000)
    journal.write("report.md", b"short")
    assert {path.name: path.read_bytes() for path in journal.folder.iterdir()} == {"report.md": b"short"}


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "../x", "/etc/x", ".hidden", "decisions.jsonl", "a\0b", "x" * 200]
)
def test_a_name_that_leaves_the_folder_or_hides_is_refused(journal: record_folder.RecordFolder, name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        journal.write(name, b"")
    assert list(journal.folder.iterdir()) == []


@pytest.mark.parametrize("incident", ["", "..", "a/b", "A", "a b", "ä", "a\n", "x" * 65, "a.b"])
def test_an_incident_whose_id_is_a_path_is_refused(tmp_path: Path, incident: str) -> None:
    with pytest.raises(BadInput):
        record_folder.open(tmp_path, incident, ManualClock())
    assert list(tmp_path.iterdir()) == []


def test_digests_are_of_the_bytes_that_lie_there(journal: record_folder.RecordFolder) -> None:
    journal.append(b"{}")
    journal.write("patch.diff", b"--- a")
    (journal.folder / ".left.over").write_bytes(b"x")
    assert journal.digests() == {
        "decisions.jsonl": hashlib.sha256(b"{}\n").hexdigest(),
        "patch.diff": hashlib.sha256(b"--- a").hexdigest(),
    }


def test_a_link_in_the_journals_place_is_not_followed(journal: record_folder.RecordFolder, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"")
    (journal.folder / "decisions.jsonl").symlink_to(target)
    with pytest.raises(Unavailable):
        journal.append(b"{}")
    assert target.read_bytes() == b""


def test_a_folder_that_is_gone_is_unavailable(journal: record_folder.RecordFolder) -> None:
    journal.folder.rmdir()
    with pytest.raises(Unavailable):
        journal.append(b"{}")
    with pytest.raises(Unavailable):
        journal.write("report.md", b"")
    with pytest.raises(Unavailable):
        journal.digests()
