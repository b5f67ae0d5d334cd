"""The audit file: what it refuses to write to, what it repairs, and what it finds again."""

import json
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incident.errors import Tampered, Unavailable
from tools import ports
from tools.audit import chain as audit_chain
from tools.audit import chain_file, chain_lines, chain_log
from tools.records import files, home
from tools.scripted.clock import ManualClock

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path) -> home.Home:
    return home.lay_out(tmp_path / "home")


def opened(place: home.Home, every: int = 32) -> chain_file.AuditFile:
    return chain_file.open(place.audit, place.audit_key, place.audit_anchor, ManualClock(), every)


def append(audit: chain_file.AuditFile, incident: str = "inc-1", action: str = "decided", **body: str | int) -> int:
    return audit.append(AT, "gate", action, {"incident": incident, **body})


def test_numbers_rise_by_one_over_restarts_and_processes(place: home.Home) -> None:
    one, two = opened(place), opened(place)
    assert [append(one), append(two), append(one)] == [1, 2, 3]
    assert append(opened(place)) == 4
    one.verify()
    assert one.report().entries == 4


def test_key_log_and_anchor_are_private_and_the_key_lies_apart(place: home.Home) -> None:
    append(opened(place))
    paths = (place.audit, place.audit_key, place.audit_anchor)
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    assert len({path.parent for path in paths}) == 3
    assert len(place.audit_key.read_bytes()) == 32
    assert not [path for folder in {p.parent for p in paths} for path in folder.iterdir() if path.name.startswith(".")]


def test_secrets_are_redacted_before_they_are_signed(place: home.Home) -> None:
    audit = opened(place)
    audit.append(AT, "gate", "told", {"incident": "i", "password": "hunter2", "text": "https://u:hunter2@x/"})
    assert b"hunter2" not in place.audit.read_bytes()
    audit.verify()


def test_entries_are_found_by_action_and_incident_in_order(place: home.Home) -> None:
    audit = opened(place)
    append(audit, n=1)
    append(audit, incident="inc-2", n=2)
    append(audit, action="closed", text='"action":"decided",')
    append(audit, n=4)
    assert audit.find("decided", "inc-1") == ({"incident": "inc-1", "n": 1}, {"incident": "inc-1", "n": 4})
    assert audit.find("decided", "inc-3") == ()


def after(audit: chain_file.AuditFile, mark: ports.Bookmark, *actions: str) -> tuple[list[object], ports.Bookmark]:
    found, mark = audit.after(mark, actions)
    return [entry["seq"] for entry in found], mark


def test_only_what_is_new_is_read_at_the_next_look(place: home.Home) -> None:
    audit, other = opened(place), opened(place)
    append(audit)
    append(audit, action="closed", text='"action":"decided",')
    found, mark = after(audit, ports.Bookmark(), "decided", "pause")
    assert found == [1]
    assert after(audit, mark, "decided") == ([], mark)
    append(other, action="pause")
    append(other, action="decided")
    assert after(audit, mark, "decided", "pause")[0] == [3, 4]
    assert after(opened(place), ports.Bookmark(), "pause")[0] == [3]


def test_an_entry_counts_once_it_is_whole(place: home.Home) -> None:
    """A reader may come while it is being written."""
    audit, reader = opened(place), opened(place)
    append(audit)
    first = place.audit.read_bytes()
    append(audit)
    whole = place.audit.read_bytes()
    for length in range(len(first), len(whole)):
        place.audit.write_bytes(whole[:length])
        found, mark = after(reader, ports.Bookmark(), "decided")
        assert found == [1]
    place.audit.write_bytes(whole)
    assert after(reader, mark, "decided")[0] == [2]


@pytest.mark.parametrize("looked", [True, False], ids=["what was read", "what was written"])
def test_a_look_notices_that_entries_are_gone(place: home.Home, looked: bool) -> None:
    audit = opened(place)
    append(audit)
    kept = place.audit.read_bytes()
    append(audit if not looked else opened(place))
    mark = after(audit, ports.Bookmark(), "decided")[1] if looked else ports.Bookmark()
    place.audit.write_bytes(kept)
    with pytest.raises(Tampered, match="not there now"):
        audit.after(mark, ("decided",))


def test_nothing_is_found_in_a_changed_file(place: home.Home) -> None:
    audit = opened(place)
    append(audit, n=1)
    append(audit, n=2)
    place.audit.write_bytes(place.audit.read_bytes().replace(b'"n":1', b'"n":3'))
    with pytest.raises(Tampered, match="entry 1 "):
        audit.find("decided", "inc-1")
    with pytest.raises(Tampered, match="entry 1 "):
        audit.verify()


def test_a_head_is_signed_every_so_many_entries_and_at_close(place: home.Home) -> None:
    audit = opened(place, every=4)
    for _ in range(10):
        append(audit)
    assert audit.report().anchored == 8
    audit.close()
    audit.close()
    assert audit.report().anchored == 10
    assert len(place.audit_anchor.read_bytes().splitlines()) == 4


def test_a_torn_tail_is_taken_off_and_that_is_recorded(place: home.Home) -> None:
    audit = opened(place)
    append(audit, n=1)
    whole = place.audit.read_bytes()
    append(audit, n=2)
    place.audit.write_bytes(place.audit.read_bytes()[:-30])
    torn = len(place.audit.read_bytes()) - len(whole)
    again = opened(place)
    assert again.report().torn_bytes == torn
    assert append(again, n=3) == 3
    again.verify()
    repaired = json.loads(place.audit.read_bytes().splitlines()[1])
    assert (repaired["actor"], repaired["action"], repaired["body"]["bytes"]) == ("audit", "repaired", torn)
    assert [body["n"] for body in again.find("decided", "inc-1")] == [1, 3]


def test_a_tail_that_no_crash_can_have_left_stops_acting(place: home.Home) -> None:
    append(opened(place))
    with place.audit.open("ab") as file:
        file.write(b"garbage")
    before = place.audit.read_bytes()
    with pytest.raises(Tampered, match="neither whole nor cut short"):
        append(opened(place))
    assert place.audit.read_bytes() == before


def test_a_cut_is_noticed_by_a_process_that_saw_more(place: home.Home) -> None:
    audit = opened(place)
    append(audit)
    whole = place.audit.read_bytes()
    append(audit)
    place.audit.write_bytes(whole)
    with pytest.raises(Tampered, match="entry 2 was there before"):
        append(audit)


def test_an_entry_that_was_exchanged_for_another_genuine_one_is_noticed(place: home.Home) -> None:
    audit = opened(place)
    append(audit, n=1)
    key = place.audit_key.read_bytes()
    other, _ = chain_lines.entry(key, audit_chain.Head(), AT.isoformat(), "gate", "decided", {"n": 2})
    place.audit.write_bytes(other)
    assert opened(place).report().fault is None, "the file alone looks genuine"
    with pytest.raises(Tampered, match="entry 1 was there before"):
        append(audit)


def test_a_cut_below_a_signed_head_is_noticed_when_the_file_is_opened(place: home.Home) -> None:
    audit = opened(place)
    append(audit)
    whole = place.audit.read_bytes()
    append(audit)
    audit.close()
    place.audit.write_bytes(whole)
    with pytest.raises(Tampered, match="entry 2 was there before"):
        opened(place)


def test_a_changed_last_entry_stops_acting(place: home.Home) -> None:
    audit = opened(place)
    append(audit, n=1)
    place.audit.write_bytes(place.audit.read_bytes().replace(b'"n":1', b'"n":2'))
    with pytest.raises(Tampered, match="last entry was changed"):
        append(audit)


@pytest.mark.parametrize("missing", ["audit", "audit_key", "audit_anchor"])
def test_a_missing_part_is_not_made_anew(place: home.Home, missing: str) -> None:
    audit = opened(place)
    append(audit)
    audit.close()
    getattr(place, missing).unlink()
    with pytest.raises(Tampered, match=r"missing|gone"):
        opened(place)
    assert not getattr(place, missing).exists()


def test_a_log_that_is_gone_is_not_begun_again_by_a_running_process(place: home.Home) -> None:
    audit = opened(place)
    append(audit)
    place.audit.unlink()
    with pytest.raises(Tampered, match="gone"):
        append(audit)


def test_a_key_that_others_can_read_proves_nothing(place: home.Home) -> None:
    append(opened(place))
    place.audit_key.chmod(0o640)
    with pytest.raises(Tampered, match="others can read"):
        opened(place)


def test_a_key_of_the_wrong_length_is_refused(place: home.Home) -> None:
    append(opened(place))
    place.audit_key.write_bytes(b"short")
    with pytest.raises(Tampered, match="5 bytes"):
        opened(place)


def test_a_log_that_cannot_be_written_is_unavailable(place: home.Home) -> None:
    audit = opened(place)
    append(audit)
    place.audit.rename(place.audit.with_suffix(".old"))
    place.audit.mkdir()
    with pytest.raises(Unavailable):
        append(audit)


def test_a_stopped_writer_makes_the_log_unavailable_in_bounded_time(place: home.Home) -> None:
    clock = ManualClock()
    audit = chain_file.open(place.audit, place.audit_key, place.audit_anchor, clock)
    other = files.open_private(place.audit)
    started = clock.monotonic()
    with files.locked(other, clock, 0.0, "audit"), pytest.raises(Unavailable):
        append(audit)
    assert clock.monotonic() - started == pytest.approx(chain_log.WAIT, abs=0.1)
    assert append(audit) == 1


def test_an_entry_longer_than_any_buffer_is_read_back(place: home.Home) -> None:
    audit = opened(place)
    append(audit, text="x" * 300_000)
    assert append(opened(place)) == 2
    audit.verify()


@pytest.mark.parametrize("kind", ["pipe", "link to a device"])
@pytest.mark.parametrize("which", ["log", "anchor", "key"])
def test_what_only_looks_like_a_file_is_refused_and_never_waited_for(tmp_path: Path, which: str, kind: str) -> None:
    """A pipe has no end, and a device of zeros none either: the chain is read before each effect."""
    names = {"log": tmp_path / "audit.jsonl", "anchor": tmp_path / "anchor.jsonl", "key": tmp_path / "audit.key"}
    clock = ManualClock()
    chain = chain_file.open(names["log"], names["key"], names["anchor"], clock)
    chain.append(clock.now(), "a", "b", {})
    names[which].unlink()
    if kind == "pipe":
        os.mkfifo(names[which], 0o600)
    else:
        names[which].symlink_to("/dev/zero")
    with pytest.raises((Unavailable, Tampered)):
        chain_file.open(names["log"], names["key"], names["anchor"], clock)
    if which == "log":
        for read in (
            chain.verify,
            chain.report,
            lambda: list(chain.lines()),
            lambda: chain.after(ports.Bookmark(), ()),
        ):
            with pytest.raises((Unavailable, Tampered)):
                read()
