"""SIGKILL at random points: what was acknowledged is remembered, and each row is whole."""

import itertools
import random
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incident.ending import Outcome
from incident.past import Memory, Question, Word
from tests.integration.stores.children import child
from tools.clock import SystemClock
from tools.records import sqlite_memory
from tools.records.marks import Marks

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
KILLS = 10
MARKS = Marks(b"a key of sixteen bytes or more")


def remember(say: Callable[[str], object], path: Path, first: int, *, hasty: bool) -> None:
    """Remember an incident and a word about it for ever, telling each once it is on disk (or, hasty, before)."""
    store = sqlite_memory.open(path, SystemClock(), MARKS)
    for number in itertools.count(first):
        name = f"inc-{number}"
        if hasty:
            say(name)
        store.remember(
            Memory(
                incident=name,
                world="w",
                service="orders",
                cause="code",
                outcome=Outcome.HEALED,
                opened_at=AT,
                ended_at=AT,
            )
        )
        store.say(Word(incident=name, verdict="right", by="ada", os_user="ada", at=AT))
        if not hasty:
            say(name)


def kill_at_random(path: Path, seed: int, *, hasty: bool) -> tuple[set[str], int]:
    """(what was told and is not remembered, how much was told) over all kills."""
    rng = random.Random(seed)
    told: set[str] = set()
    for number in range(KILLS):
        with child(lambda say, n=number: remember(say, path, 10_000 * n, hasty=hasty)) as worker:
            heard = worker.listen(rng.randrange(1, 20))
            time.sleep(rng.uniform(0.0, 0.002))
            worker.signal(signal.SIGKILL)
            told.update(worker.heard(heard))
            assert worker.end() == -signal.SIGKILL
    store = sqlite_memory.open(path, SystemClock(), MARKS)
    found = store.like(Question(incident="now", world="w", service="orders", causes=("code",)), 5_000)
    store.close()
    return told - {one.memory.incident for one in found if one.word is not None}, len(told)


@pytest.mark.timeout(120)
def test_nothing_that_was_acknowledged_is_forgotten(tmp_path: Path) -> None:
    lost, told = kill_at_random(tmp_path / "memory.db", 1, hasty=False)
    assert told >= KILLS
    assert lost == set()


@pytest.mark.timeout(120)
def test_control_what_is_acknowledged_before_it_is_written_gets_lost(tmp_path: Path) -> None:
    lost, _ = kill_at_random(tmp_path / "memory.db", 1, hasty=True)
    assert lost
