"""When heads are signed, and what happens while the anchor is out of reach: said, bounded, and over when it is back."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from incident.errors import Tampered, Unavailable
from tools.audit import chain as audit_chain
from tools.audit import chain_file, chain_lines
from tools.records import home
from tools.scripted.clock import ManualClock

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


def unsynced(_descriptor: int) -> None:
    """No machine loses its power here."""


class MemoryAnchor:
    """An anchor in memory that can be out of reach, and counts how often it was asked."""

    name = "the test's anchor"

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.reachable, self.asked = True, 0
        self.rivals: list[bytes] = []

    def read(self) -> bytes:
        self._answer()
        return b"".join(line + b"\n" for line in self.lines)

    def last(self) -> bytes:
        self._answer()
        return self.lines[-1] if self.lines else b""

    def add(self, line: bytes, after: bytes) -> bool:
        self._answer()
        if self.rivals:
            self.lines.append(self.rivals.pop())
        if (self.lines[-1] if self.lines else b"") != after:
            return False
        self.lines.append(line)
        return True

    def _answer(self) -> None:
        self.asked += 1
        if not self.reachable:
            raise Unavailable("the test's anchor does not answer")


class Chain:
    """A chain with that anchor, signed every four entries."""

    def __init__(self, folder: Path) -> None:
        self.place, self.clock, self.anchor = home.lay_out(folder / "home"), ManualClock(), MemoryAnchor()
        self.audit = self.opened()

    def opened(self) -> chain_file.AuditFile:
        """With a sync that does nothing, because a thousand entries are written here."""
        return chain_file.open_with(
            self.place.audit, self.place.audit_key, self.anchor, self.clock, every=4, sync=unsynced
        )

    def append(self, count: int = 1) -> None:
        for _ in range(count):
            self.audit.append(AT, "a", "b", {"incident": "i"})

    def signed(self) -> list[int]:
        return [head.seq for head in audit_chain.anchors(self.place.audit_key.read_bytes(), self.anchor.read())]


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    return Chain(tmp_path)


def test_a_head_is_signed_every_so_many_entries_and_no_oftener(chain: Chain) -> None:
    asked = chain.anchor.asked
    chain.append(3)
    assert chain.anchor.asked == asked
    chain.append(9)
    assert chain.signed() == [0, 4, 8, 12]


def test_a_head_that_another_process_signed_is_not_signed_again(chain: Chain) -> None:
    other = chain.opened()
    chain.append(4)
    for _ in range(3):
        other.append(AT, "other", "b", {})
    assert chain.signed() == [0, 4]


def test_of_two_that_sign_at_once_one_gives_way(chain: Chain) -> None:
    other = chain.opened()
    chain.append(3)
    key = chain.place.audit_key.read_bytes()
    *_, last = chain.place.audit.read_bytes().splitlines()
    chain.anchor.rivals = [chain_lines.signed_head(key, chain_lines.last_head(key, last), "t")]
    other.append(AT, "other", "b", {})
    assert chain.signed() == [0, 3]
    chain.audit.verify()


def test_an_anchor_out_of_reach_is_recorded_once_and_asked_again_only_after_a_while(chain: Chain) -> None:
    chain.anchor.reachable = False
    asked = chain.anchor.asked
    chain.append(40)
    assert chain.anchor.asked == asked + 1
    chain.clock.advance(chain_file.RETRY)
    chain.append(40)
    assert chain.anchor.asked == asked + 2
    said = [line for line in chain.audit.lines() if b'"action":"unanchored"' in line]
    assert len(said) == 1
    assert b'"since":0,"error":"the test\'s anchor does not answer"' in said[0]


def test_once_the_anchor_is_back_the_head_is_signed_and_all_goes_on(chain: Chain) -> None:
    chain.anchor.reachable = False
    chain.append(10)
    chain.anchor.reachable = True
    chain.clock.advance(chain_file.RETRY)
    chain.append()
    assert chain.signed() == [0, 12], "ten, the note, and one more"
    chain.audit.verify()


def test_an_anchor_out_of_reach_for_too_many_entries_stops_all_writing_until_it_is_back(chain: Chain) -> None:
    chain.append(4)
    chain.anchor.reachable = False
    with pytest.raises(Unavailable, match="no head was signed since entry 4: the test's anchor does not answer"):
        chain.append(2 * chain_file.BEHIND)
    entries = chain.place.audit.read_bytes().count(b"\n")
    assert entries == 4 + chain_file.BEHIND
    chain.clock.advance(chain_file.RETRY)
    with pytest.raises(Unavailable):
        chain.append()
    assert chain.place.audit.read_bytes().count(b"\n") == entries
    chain.anchor.reachable = True
    chain.clock.advance(chain_file.RETRY)
    chain.append()
    assert chain.signed() == [0, 4, entries]


def test_verifying_goes_on_with_the_anchor_as_it_was_last_seen(chain: Chain) -> None:
    chain.append(5)
    chain.audit.verify()
    chain.anchor.reachable = False
    chain.audit.verify()
    chain.place.audit.write_bytes(b"".join(list(chain.audit.lines())[:3]))
    with pytest.raises(Tampered, match="entry 4 was signed"):
        chain.audit.verify()


def test_nothing_is_opened_and_nothing_verified_that_was_never_compared_with_its_anchor(chain: Chain) -> None:
    chain.anchor.reachable = False
    with pytest.raises(Unavailable):
        chain.audit.verify()
    with pytest.raises(Unavailable):
        chain.opened()


def test_an_anchor_that_was_changed_is_an_alarm_and_no_outage(chain: Chain) -> None:
    chain.append(3)
    chain.anchor.lines[-1] = chain.anchor.lines[-1].replace(b"2026", b"2025")
    with pytest.raises(Tampered, match="a line of the anchor was changed"):
        chain.append()
    chain.anchor.lines.clear()
    with pytest.raises(Tampered, match="the anchor the test's anchor is missing"):
        chain.append()
