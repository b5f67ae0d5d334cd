"""Files that other processes append to and that nobody vouches for."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.errors import Unavailable
from incident.evidence import Missing
from tools.embedded import lines
from tools.embedded.tail import Tail

START = datetime(2026, 1, 1, tzinfo=UTC)


def only(folder: lines.Folder, service: str = "orders") -> lines.File:
    files = folder.files(service)
    assert not isinstance(files, Missing)
    return files[-1]


def bodies(folder: lines.Folder) -> list[dict[str, object]]:
    return [dict(line.body) for line in folder.lines(only(folder), 0) if line.body]


def test_a_torn_last_line_waits_for_its_end(tmp_path: Path) -> None:
    place = tmp_path / "orders.v1.7.jsonl"
    place.write_bytes(b'{"a": 1}\n{"a": 2')
    folder = lines.Folder(tmp_path)
    tail = Tail(folder, "orders", "ts")
    tail.rewind(START)
    assert [written.body for written in tail.fresh()] == [{"a": 1}]
    assert list(tail.fresh()) == []
    with place.open("ab") as file:
        file.write(b'}\n{"a": 3}\n')
    assert [written.body for written in tail.fresh()] == [{"a": 2}, {"a": 3}]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"not json",
        b"[1, 2]",
        b'"text"',
        b"null",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b"\xff\xfe\x00",
        b"{" * 100_000,
        b'{"a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"a": ' + b"9" * 5_000 + b"}",
        b"x" * (lines.MAX_LINE * 3),
    ],
)
def test_what_is_no_json_object_is_passed_over_and_the_next_line_is_read(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "orders.v1.7.jsonl").write_bytes(b'{"a": 1}\n' + line + b'\n{"a": 2}\n')
    assert bodies(lines.Folder(tmp_path)) == [{"a": 1}, {"a": 2}]


def test_an_endless_line_is_not_read_over_and_over(tmp_path: Path) -> None:
    place = tmp_path / "orders.v1.7.jsonl"
    place.write_bytes(b"x" * (lines.MAX_LINE * 4))
    tail = Tail(lines.Folder(tmp_path), "orders", "ts")
    tail.rewind(START)
    assert [written.body for written in tail.fresh()] == [{}]
    assert list(tail.fresh()) == []
    with place.open("ab") as file:
        file.write(b'\n{"a": 1}\n')
    assert [written.body for written in tail.fresh() if written.body] == [{"a": 1}]


def test_links_pipes_folders_and_other_names_are_no_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text('{"a": "secret"}\n')
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "orders.v1.1.jsonl").symlink_to(secret)
    os.mkfifo(folder / "orders.v1.2.jsonl")
    (folder / "orders.v1.3.jsonl").mkdir()
    for name in ("orders.jsonl", "orders.v1.x.jsonl", "orders.v1.4.json", ".v1.5.jsonl", "or ders.v1.6.jsonl"):
        (folder / name).write_text('{"a": 1}\n')
    assert isinstance(lines.Folder(folder).files("orders"), Missing)


def test_a_link_that_takes_the_place_of_a_listed_file_is_not_followed(tmp_path: Path) -> None:
    place = tmp_path / "orders.v1.7.jsonl"
    place.write_text('{"a": 1}\n')
    folder = lines.Folder(tmp_path)
    listed = only(folder)
    place.unlink()
    place.symlink_to("/etc/hostname")
    with pytest.raises(Unavailable):
        list(folder.lines(listed, 0))


def test_control_a_plain_open_follows_that_link(tmp_path: Path) -> None:
    place = tmp_path / "orders.v1.7.jsonl"
    (tmp_path / "secret").write_text("secret")
    place.symlink_to(tmp_path / "secret")
    assert place.read_text() == "secret"


def test_a_folder_that_is_a_link_or_absent_is_missing(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "orders.v1.7.jsonl").write_text("{}\n")
    (tmp_path / "link").symlink_to("real")
    assert not isinstance(lines.Folder(tmp_path / "real").files("orders"), Missing)
    for name in ("link", "absent", "real/orders.v1.7.jsonl"):
        assert isinstance(lines.Folder(tmp_path / name).files("orders"), Missing)


def test_versions_may_hold_dots_and_dashes(tmp_path: Path) -> None:
    (tmp_path / "billing-api.v1.3.0-fix.123.jsonl").write_text("{}\n")
    found = only(lines.Folder(tmp_path), "billing-api")
    assert (found.service, found.version) == ("billing-api", "v1.3.0-fix")


def test_a_file_that_became_shorter_is_read_again(tmp_path: Path) -> None:
    place = tmp_path / "orders.v1.7.jsonl"
    place.write_text('{"a": 1}\n{"a": 2}\n')
    tail = Tail(lines.Folder(tmp_path), "orders", "ts")
    tail.rewind(START)
    assert len(list(tail.fresh())) == 2
    place.write_text('{"a": 3}\n')
    assert [written.body for written in tail.fresh()] == [{"a": 3}]


def test_more_than_one_question_may_read_is_unavailable_and_the_next_one_goes_on(tmp_path: Path) -> None:
    line = json.dumps({"pad": "x" * 200_000}).encode() + b"\n"
    count = lines.MAX_QUERY // len(line) + 10
    (tmp_path / "orders.v1.7.jsonl").write_bytes(line * count)
    tail = Tail(lines.Folder(tmp_path), "orders", "ts")
    tail.rewind(START)
    read: list[object] = []
    with pytest.raises(Unavailable, match="faster"):
        read.extend(tail.fresh())
    assert 0 < len(read) < count
    assert len(read) + len(list(tail.fresh())) == count


def written(folder: Path, seconds: list[float], pad: int) -> None:
    """One line for each time, in this order, padded so that the bisection has something to do."""
    with (folder / "orders.v1.7.jsonl").open("w") as file:
        for number, offset in enumerate(seconds):
            at = START + timedelta(seconds=offset)
            file.write(json.dumps({"ts": at.isoformat(), "n": number, "pad": "x" * pad}) + "\n")


@given(
    st.lists(st.floats(0, 1000, allow_nan=False), min_size=1, max_size=60).map(sorted),
    st.floats(-10, 1010),
    st.integers(0, 20_000),
)
def test_bisection_loses_no_line_that_is_not_before_the_time(
    tmp_path_factory: pytest.TempPathFactory, seconds: list[float], asked: float, pad: int
) -> None:
    folder = tmp_path_factory.mktemp("lines")
    written(folder, seconds, pad)
    files = lines.Folder(folder)
    found = files.find(only(files), START + timedelta(seconds=asked), "ts")
    read = {line.body["n"] for line in files.lines(only(files), found) if line.body}
    assert read >= {number for number, offset in enumerate(seconds) if offset >= asked}


def test_bisection_skips_what_is_long_past(tmp_path: Path) -> None:
    written(tmp_path, [float(second) for second in range(3000)], 1000)
    files = lines.Folder(tmp_path)
    file = only(files)
    found = files.find(file, START + timedelta(seconds=2900), "ts")
    assert file.size - found < 250_000


def test_bisection_over_garbage_reads_more_rather_than_less(tmp_path: Path) -> None:
    garbage = b"garbage\n" * 200_000
    line = json.dumps({"ts": (START + timedelta(seconds=5)).isoformat(), "n": 1}).encode() + b"\n"
    (tmp_path / "orders.v1.7.jsonl").write_bytes(garbage + line + garbage)
    files = lines.Folder(tmp_path)
    found = files.find(only(files), START + timedelta(seconds=5), "ts")
    assert found <= len(garbage)


@pytest.mark.parametrize("said", [None, 5, "", "yesterday", "2026-01-01T00:00:00", "x" * 10_000])
def test_a_time_without_a_zone_is_no_time(said: object) -> None:
    assert lines.time_of({"ts": said}, "ts") is None  # type: ignore[dict-item]  # whatever a workload may write
