"""A chain, its key and its anchor: whatever of them is taken away or emptied, no chain is begun anew in its place."""

import argparse
import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from graph import audit as command
from incident.errors import BadInput, SutureError, Tampered
from tools.audit import chain, chain_file, chain_lines
from tools.records import home
from tools.scripted.clock import ManualClock

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)

Harm = Callable[[Path], None]


def nothing(_: Path) -> None:
    pass


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def missing(path: Path) -> None:
    path.unlink()


LOG, KEY, ANCHOR = (nothing, emptied, missing), (nothing, emptied, missing), (nothing, emptied, missing)
HARMS = [harms for harms in itertools.product(LOG, KEY, ANCHOR) if harms != (nothing,) * 3]


def opened(place: home.Home, every: int = 32) -> chain_file.AuditFile:
    return chain_file.open(place.audit, place.audit_key, place.audit_anchor, ManualClock(), every)


def place_with(folder: Path, entries: int) -> home.Home:
    place = home.lay_out(folder / "home")
    audit = opened(place)
    for number in range(entries):
        audit.append(AT, "gate", "decided", {"incident": "inc-1", "n": number})
    audit.close()
    return place


def told(harms: tuple[Harm, ...]) -> str:
    return " ".join(f"{name}-{harm.__name__}" for name, harm in zip(("log", "key", "anchor"), harms, strict=True))


@pytest.mark.parametrize("entries", [3, 40])
@pytest.mark.parametrize("harms", HARMS, ids=told)
def test_a_part_that_is_missing_or_empty_is_an_alarm(tmp_path: Path, harms: tuple[Harm, ...], entries: int) -> None:
    place = place_with(tmp_path, entries)
    running = opened(place)
    parts = (place.audit, place.audit_key, place.audit_anchor)
    for harm, path in zip(harms, parts, strict=True):
        harm(path)
    left = {path: path.read_bytes() for path in parts if path.exists()}
    if harms[1] is missing and nothing not in (harms[0], harms[2]):
        return  # a home in which nothing is left that could tell of a chain: see below
    with pytest.raises(Tampered):
        opened(place)
    assert {path: path.read_bytes() for path in parts if path.exists()} == left, "nothing is made in its place"
    assert _verified(place) != 0
    if (harms[0], harms[2]) != (nothing, nothing):  # the key is in memory
        with pytest.raises(SutureError):
            running.verify()


def _verified(place: home.Home) -> int:
    """The exit code of ``python -m graph.audit verify``, and of the verifier that runs alone: the kinder one."""
    given = argparse.Namespace(action="verify", file=None, key=None, anchor=None, json=True, format="jsonl", index="")
    try:
        ours = command.act(given, {"SUTURE_HOME": str(place.root)})
    except BadInput:
        ours = 2
    line = [str(place.audit), "--key", str(place.audit_key), "--anchor", str(place.audit_anchor)]
    return min(ours, chain.main(line))


def test_what_is_emptied_and_all_gone_is_begun_anew_and_says_so_by_its_first_entry(tmp_path: Path) -> None:
    """Control: where nothing is left, nothing can be found; that is why the anchor belongs elsewhere."""
    place = place_with(tmp_path, 3)
    for path in (place.audit, place.audit_key, place.audit_anchor):
        path.unlink()
    assert opened(place).append(AT, "gate", "decided", {}) == 1


class ElsewhereAnchor:
    """An anchor on another machine."""

    name = "elsewhere"

    def __init__(self) -> None:
        self.lines: list[bytes] = []

    def read(self) -> bytes:
        return b"".join(line + b"\n" for line in self.lines)

    def last(self) -> bytes:
        return self.lines[-1] if self.lines else b""

    def add(self, line: bytes, after: bytes) -> bool:
        if self.last() != after:
            return False
        self.lines.append(line)
        return True


def test_a_whole_home_that_is_gone_is_an_alarm_where_the_anchor_is_elsewhere(tmp_path: Path) -> None:
    place, anchor = home.lay_out(tmp_path / "home"), ElsewhereAnchor()
    chain_file.open_with(place.audit, place.audit_key, anchor, ManualClock()).append(AT, "gate", "decided", {})
    place.audit.unlink()
    place.audit_key.unlink()
    with pytest.raises(Tampered, match="key"):
        chain_file.open_with(place.audit, place.audit_key, anchor, ManualClock())
    assert not place.audit_key.exists()
    assert not place.audit.exists()


def test_what_was_signed_and_is_gone_is_noticed_also_when_entries_are_looked_up(tmp_path: Path) -> None:
    place = place_with(tmp_path, 5)
    audit = opened(place)
    assert len(audit.find("decided", "inc-1")) == 5
    whole = place.audit.read_bytes().splitlines(keepends=True)
    for kept in range(5):
        place.audit.write_bytes(b"".join(whole[:kept]))
        with pytest.raises(Tampered, match="entry 5 was signed"):
            audit.find("decided", "inc-1")


class Power(Exception):
    """The machine has lost it."""


class FailingAnchor(ElsewhereAnchor):
    """An anchor during whose first addition, before or after it, the power fails."""

    def __init__(self, *, after: bool) -> None:
        super().__init__()
        self.fails, self.after = True, after

    def add(self, line: bytes, after: bytes) -> bool:
        if self.fails and not self.after:
            raise Power
        added = super().add(line, after)
        if self.fails:
            raise Power
        return added


@pytest.mark.parametrize("after", [False, True])
def test_a_beginning_that_was_cut_short_goes_on(tmp_path: Path, *, after: bool) -> None:
    place, anchor = home.lay_out(tmp_path / "home"), FailingAnchor(after=after)
    with pytest.raises(Power):
        chain_file.open_with(place.audit, place.audit_key, anchor, ManualClock())
    assert not place.audit_key.exists()
    anchor.fails = False
    audit = chain_file.open_with(place.audit, place.audit_key, anchor, ManualClock())
    assert audit.append(AT, "gate", "decided", {}) == 1
    audit.verify()
    assert len(anchor.lines) == 1
    assert [path.name for path in place.audit_key.parent.iterdir()] == [place.audit_key.name]


class Counted(bytes):
    """Bytes that count how many of them are copied."""

    copied = 0

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        Counted.copied += len(found) if isinstance(found, bytes) else 1
        return found


def _before(key: bytes, rest: bytes) -> bool:
    """How a torn tail was looked at once: from its beginning, for each MAC that it may hold."""
    place = rest.find(chain.CLOSE.partition(b"%b")[0])
    while place >= 0:
        whole = rest[:place] + chain.CLOSE % chain.sign(key, rest[:place]).encode()
        if rest.startswith(whole):
            return len(rest) == len(whole)
        place = rest.find(chain.CLOSE.partition(b"%b")[0], place + 1)
    return True


def _torn_tails() -> Iterator[bytes]:
    start = chain.START % (1, chain.GENESIS.encode())
    yield start + b',"mac":"' * 20_000
    yield start + b"x" * 500_000
    yield start + b'"body":{' + b',"mac":"%b"}' % (b"0" * 64) * 5_000


def test_a_torn_tail_is_looked_at_once_whatever_is_in_it() -> None:
    """Counted in bytes, not in seconds: no more are copied than the tail has, however many MACs it seems to hold."""
    key = b"k" * chain.KEY_BYTES
    for tail in _torn_tails():
        Counted.copied = 0
        assert chain.torn(key, chain.Head(), Counted(tail))
        assert Counted.copied <= 2 * len(tail)
    few = chain.START % (1, chain.GENESIS.encode()) + b',"mac":"' * 500
    Counted.copied = 0
    assert _before(key, Counted(few))
    assert Counted.copied > 100 * len(few), "control"


def test_a_whole_entry_that_seems_to_hold_many_macs_is_still_told_from_a_torn_one() -> None:
    key, mac = b"k" * chain.KEY_BYTES, ',"mac":"'
    line, _ = chain_lines.entry(key, chain.Head(), "t", "a", "b", {"text": mac * 50, "mac": mac})
    whole = line.rstrip(b"\n")
    for length in range(len(whole) + 1):
        assert chain.torn(key, chain.Head(), whole[:length]), length
    for more in (b"x", b"\0", b'"}'):
        assert not chain.torn(key, chain.Head(), whole + more)
