"""What stands in the entries that the chain's own bookkeeping writes, and when a head is signed.

Each of these was a change that a mutation run made and no other test noticed.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from incident.errors import Tampered
from tools.audit import chain, chain_file, chain_lines
from tools.records import home
from tools.scripted.clock import ManualClock

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path) -> home.Home:
    return home.lay_out(tmp_path / "home")


def opened(place: home.Home, every: int = 32) -> chain_file.AuditFile:
    return chain_file.open(place.audit, place.audit_key, place.audit_anchor, ManualClock(), every)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_an_entry_says_when_who_and_what(place: home.Home) -> None:
    opened(place).append(AT, "ada", "paused", {"incident": "inc-1"})
    (entry,) = lines(place.audit)
    assert (entry["at"], entry["actor"], entry["action"]) == (AT.isoformat(), "ada", "paused")
    assert entry["body"] == {"incident": "inc-1"}


@pytest.mark.parametrize(("appended", "signed"), [(1, 0), (3, 0), (4, 1), (7, 1), (8, 2), (9, 2)])
def test_a_head_is_signed_at_every_so_many_entries_and_not_in_between(
    place: home.Home, appended: int, signed: int
) -> None:
    audit = opened(place, every=4)
    for _ in range(appended):
        audit.append(AT, "a", "b", {})
    anchors = lines(place.audit_anchor)
    assert [anchor["anchor"] for anchor in anchors] == [4 * number for number in range(signed + 1)]
    assert all(anchor["at"] == AT.isoformat() for anchor in anchors[1:])


def torn(place: home.Home, path: Callable[[home.Home], Path], lost: int) -> bytes:
    """Cut the last line of a file as a crash may, and return what is left of it."""
    content = path(place).read_bytes()
    path(place).write_bytes(content[:-lost])
    return content[:-lost].rpartition(b"\n")[2]


def test_a_repaired_tail_is_told_with_its_length_its_digest_and_the_time(place: home.Home) -> None:
    audit = opened(place)
    for _ in range(2):
        audit.append(AT, "a", "b", {"incident": "inc-1"})
    audit.close()
    place.audit_anchor.write_bytes(place.audit_anchor.read_bytes().splitlines(keepends=True)[0])
    rest = torn(place, lambda p: p.audit, 20)
    opened(place).append(AT, "a", "c", {})
    repaired = lines(place.audit)[1]
    assert (repaired["actor"], repaired["action"], repaired["at"]) == ("audit", "repaired", AT.isoformat())
    assert repaired["body"] == {"bytes": len(rest), "sha256": hashlib.sha256(rest).hexdigest()}


def test_what_was_found_before_a_torn_tail_is_still_found(place: home.Home) -> None:
    audit = opened(place)
    for number in range(3):
        audit.append(AT, "a", "resumed", {"incident": "inc-1", "number": number})
    torn(place, lambda p: p.audit, 5)
    assert [body["number"] for body in audit.find("resumed", "inc-1")] == [0, 1]


def test_a_torn_line_of_the_anchor_is_replaced_by_the_next_head(place: home.Home) -> None:
    audit = opened(place, every=2)
    for _ in range(4):
        audit.append(AT, "a", "b", {})
    torn(place, lambda p: p.audit_anchor, 9)
    again = opened(place, every=2)
    for _ in range(2):
        again.append(AT, "a", "b", {})
    again.verify()
    assert [anchor["anchor"] for anchor in lines(place.audit_anchor)] == [
        0,
        2,
        5,
    ]  # two since the last head that is kept


@pytest.mark.parametrize("left", ["log", "anchor"])
def test_a_missing_key_is_an_alarm_when_either_file_of_the_chain_is_there(place: home.Home, left: str) -> None:
    opened(place).append(AT, "a", "b", {})
    place.audit_key.unlink()
    (place.audit_anchor if left == "log" else place.audit).unlink()
    with pytest.raises(Tampered, match="key"):
        opened(place)


def test_a_signed_head_is_no_entry(place: home.Home) -> None:
    """It has a genuine MAC under the same key, and still cannot stand at the end of the log."""
    opened(place)
    key = chain_file.load_key(place.audit_key)
    head = chain_lines.signed_head(key, chain.Head(), AT.isoformat())
    with pytest.raises(chain.Broken, match="no entry"):
        chain_lines.last_head(key, head.rstrip(b"\n"))
