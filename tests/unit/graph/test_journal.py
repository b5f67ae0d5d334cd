"""The journal and the chain after a process was killed between them."""

from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue

from graph import replay
from graph.journal import Journal
from incident.errors import Tampered, Unavailable
from incident.phase import Phase
from incident.record import Moved
from tests.unit.graph.desks import INCIDENT, Bench, bench
from tools import ports
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world

MOVES = (
    Moved(before=Phase.QUEUED, after=Phase.LOCKING),
    Moved(before=Phase.LOCKING, after=Phase.DIAGNOSING),
    Moved(before=Phase.DIAGNOSING, after=Phase.VALIDATING),
)


def written(tmp_path: Path, chained: int, unchained: int) -> Bench:
    """A journal whose last lines never reached the chain, at a new desk."""
    clock = ManualClock()
    first = bench(tmp_path, clock, incident_world(clock))
    first.open()
    for event in MOVES[:chained]:
        first.context.journal.write("test", event)
    other = bench(tmp_path / "elsewhere", clock, incident_world(clock))
    other.open()
    for event in MOVES[: chained + unchained]:
        other.context.journal.write("test", event)
    for line in other.context.folder.lines()[chained:]:
        first.context.folder.append(line)
    return bench(tmp_path, clock, incident_world(clock))


@pytest.mark.parametrize("chained", [0, 1, 2])
def test_a_line_that_a_crash_left_unchained_is_chained_and_the_record_replays(tmp_path: Path, chained: int) -> None:
    at = written(tmp_path, chained, 1)
    at.context.journal.settle()
    at.context.journal.write("test", MOVES[-1])
    replay.unchanged(at.context.audit, at.context.folder, INCIDENT)
    assert [body["sequence"] for body in at.context.audit.find("record", INCIDENT)] == list(range(chained + 2))


def test_control_without_settling_the_record_never_replays_again(tmp_path: Path) -> None:
    at = written(tmp_path, 1, 1)
    at.context.journal.write("test", MOVES[-1])
    with pytest.raises(Tampered):
        replay.unchanged(at.context.audit, at.context.folder, INCIDENT)


def test_settling_twice_or_with_nothing_to_settle_adds_nothing(tmp_path: Path) -> None:
    at = written(tmp_path, 0, 0)
    at.context.journal.settle()
    assert at.context.audit.find("record", INCIDENT) == ()
    again = written(tmp_path / "other", 2, 1)
    again.context.journal.settle()
    again.context.journal.settle()
    assert len(again.context.audit.find("record", INCIDENT)) == 3


def test_more_than_one_unchained_line_is_no_crash(tmp_path: Path) -> None:
    with pytest.raises(Tampered, match="2 lines"):
        written(tmp_path, 1, 2).context.journal.settle()


def test_an_older_copy_of_the_journal_is_no_crash(tmp_path: Path) -> None:
    """The chain knows of lines that are gone."""
    at = written(tmp_path, 2, 0)
    file = at.home.incident(INCIDENT) / "decisions.jsonl"
    file.write_bytes(file.read_bytes().splitlines(keepends=True)[0])
    with pytest.raises(Tampered, match="1 lines"):
        at.context.journal.settle()


def test_a_changed_line_is_noticed_before_anything_is_added_to_it(tmp_path: Path) -> None:
    at = written(tmp_path, 2, 0)
    file = at.home.incident(INCIDENT) / "decisions.jsonl"
    file.write_bytes(file.read_bytes().replace(b"queued", b"locking", 1))
    with pytest.raises(Tampered, match="line 1"):
        at.context.journal.settle()


class Deaf:
    """A chain that does not take entries for a while."""

    def __init__(self, real: ports.Audit) -> None:
        self._real = real
        self.deaf = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def append(self, at: datetime, actor: str, action: str, body: Mapping[str, JsonValue]) -> int:
        if self.deaf:
            raise Unavailable("the disk is full")
        return self._real.append(at, actor, action, body)


@pytest.mark.parametrize("deaf", [True, False], ids=["deaf", "control"])
def test_a_record_whose_chain_was_deaf_for_a_while_replays(tmp_path: Path, deaf: bool) -> None:
    """The line that it did not take is chained before the next one is written, not left in between."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    audit = Deaf(at.context.audit)
    journal = Journal(INCIDENT, at.context.folder, audit, clock, lambda value: value, lambda _: None)
    journal.write("test", MOVES[0])
    audit.deaf = deaf
    with pytest.raises(Unavailable) if deaf else nullcontext():
        journal.write("test", MOVES[1])
    audit.deaf = False
    journal.write("test", MOVES[2])
    replay.unchanged(at.context.audit, at.context.folder, INCIDENT)
    assert len(at.context.folder.lines()) == 3
