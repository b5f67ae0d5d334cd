"""A power cut at any moment, simulated: what was not synced is gone, what was acknowledged is there.

`kill -9` loses nothing that was written, because the page cache outlives the process; so here a double
of the disk keeps only what an `fdatasync` promises: what was in the file when it began.
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.errors import Tampered, Unavailable
from tools.audit import chain_file
from tools.audit.anchor_file import FileAnchor
from tools.records import home
from tools.scripted.clock import ManualClock

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
WRITERS = 3


@dataclass(frozen=True)
class Photo:
    """What a power cut at one moment would find: on the disk, in the cache, in the anchor; and what had been told."""

    durable: bytes
    cached: bytes
    anchor: bytes
    told: tuple[str, ...]


@dataclass
class Machine:
    """Several processes on one home, played by one thread: while one waits for the disk, others append."""

    place: home.Home
    plan: Iterator[list[int]]
    honest: bool = True
    durable: bytes = b""
    told: list[str] = field(default_factory=list)
    photos: list[Photo] = field(default_factory=list)
    busy: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        clock, anchor = ManualClock(), FileAnchor(self.place.audit_anchor, ManualClock())
        self.writers = [
            chain_file.open_with(self.place.audit, self.place.audit_key, anchor, clock, every=2, sync=self.sync)
            for _ in range(WRITERS)
        ]

    def append(self, number: int) -> None:
        """One writer appends; it is told that the entry is there, and remembers that."""
        if number in self.busy:
            return
        self.busy.add(number)
        seq = self.writers[number].append(AT, f"p{number}", "wrote", {"incident": "i"})
        self.told.append(f"p{number} {seq}")
        self.busy.discard(number)
        self.photo()

    def sync(self, descriptor: int) -> None:
        """Promise what was there at the beginning, and nothing that others write meanwhile."""
        began = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
        self.photo()
        for other in next(self.plan, []):
            self.append(other)
        if self.honest and len(began) > len(self.durable):
            self.durable = began
        self.photo()

    def photo(self) -> None:
        anchor, log = self.place.audit_anchor.read_bytes(), self.place.audit.read_bytes()
        self.photos.append(Photo(self.durable, log, anchor, tuple(self.told)))


def lost_after(photo: Photo, reached: float, zeros: int, key: bytes, folder: Path) -> set[str]:
    """What had been told and is not there after the cut, when a part of the unsynced rest did reach the disk."""
    place = home.lay_out(folder / "after")
    place.audit_key.write_bytes(key)
    place.audit_key.chmod(0o600)
    rest = photo.cached[len(photo.durable) :]
    left = rest[: int(len(rest) * reached)]
    place.audit.write_bytes(photo.durable + left + bytes(zeros if left and not left.endswith(b"}") else 0))
    place.audit_anchor.write_bytes(photo.anchor)
    audit = chain_file.open(place.audit, place.audit_key, place.audit_anchor, ManualClock())
    audit.append(AT, "next", "began", {"incident": "i"})
    audit.verify()
    entries = [json.loads(line) for line in audit.lines()]
    there = {f"{entry['actor']} {entry['seq']}" for entry in entries}
    return set(photo.told) - there


def played(plan: list[list[int]], folder: Path, *, honest: bool = True) -> Machine:
    machine = Machine(home.lay_out(folder / "home"), iter(plan), honest)
    for number in range(4):
        machine.append(number % WRITERS)
    return machine


@settings(deadline=None, max_examples=40)
@given(
    plan=st.lists(st.lists(st.integers(0, WRITERS - 1), max_size=3), max_size=12),
    moment=st.integers(0),
    reached=st.floats(0, 1),
    zeros=st.integers(0, 300),
)
def test_nothing_that_was_acknowledged_is_lost_and_no_alarm_is_raised(
    plan: list[list[int]], moment: int, reached: float, zeros: int
) -> None:
    with TemporaryDirectory() as name:
        machine = played(plan, Path(name))
        photo = machine.photos[moment % len(machine.photos)]
        key = machine.place.audit_key.read_bytes()
        assert lost_after(photo, reached, zeros, key, Path(name)) == set()


def test_control_a_disk_that_does_not_keep_its_promise_loses_entries_and_that_is_an_alarm(tmp_path: Path) -> None:
    machine = played([], tmp_path / "early", honest=False)
    key = machine.place.audit_key.read_bytes()
    early = next(photo for photo in machine.photos if photo.told)
    assert lost_after(early, 0.0, 0, key, tmp_path / "one") == {"p0 1"}
    with pytest.raises(Tampered, match="entry 4 was there before"):
        lost_after(machine.photos[-1], 0.0, 0, key, tmp_path / "two")


def test_what_somebody_else_wrote_and_did_not_sync_is_durable_once_ours_is(tmp_path: Path) -> None:
    """Building on an unsynced entry is harmless: the sync that covers ours covers it, too."""
    machine = played([[1]], tmp_path)
    told = next(photo for photo in machine.photos if photo.told == ("p1 2",))
    assert b'"actor":"p0"' in told.durable, "the first writer was still waiting for its own sync"


def failing(place: home.Home, sync: Callable[[int], None]) -> chain_file.AuditFile:
    anchor = FileAnchor(place.audit_anchor, ManualClock())
    return chain_file.open_with(place.audit, place.audit_key, anchor, ManualClock(), sync=sync)


def test_after_a_failed_sync_a_process_writes_nothing_more_even_when_the_disk_seems_well_again(tmp_path: Path) -> None:
    """Linux takes pages that could not be written for clean, so a later sync that works proves nothing."""
    place, broken = home.lay_out(tmp_path / "home"), [False, True, False, False]

    def sync(descriptor: int) -> None:
        if broken.pop(0):
            raise OSError(5, "Input/output error")
        os.fdatasync(descriptor)

    audit = failing(place, sync)
    assert audit.append(AT, "a", "b", {}) == 1
    for _ in range(2):
        with pytest.raises(Unavailable, match="could not be synced"):
            audit.append(AT, "a", "b", {})
    assert len(broken) == 2, "the second append did not get as far as the disk"
    assert failing(place, os.fdatasync).append(AT, "a", "b", {}) == 3
