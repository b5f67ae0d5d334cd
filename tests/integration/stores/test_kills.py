"""SIGKILL at random points: what was acknowledged is there, and the next process goes on from it."""

import itertools
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.integration.stores.children import child
from tools.audit import chain_file
from tools.clock import SystemClock
from tools.records import files, home, record_folder, sqlite_ledger

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
KILLS = 20


def record(say: Callable[[str], object], place: home.Home, first: int, *, hasty: bool = False) -> None:
    """Write to ledger, journal and chain for ever, telling each step once it is on disk (or, hasty, four before)."""
    clock = SystemClock()
    ledger = sqlite_ledger.open(place.ledger, clock)
    journal = record_folder.open(place.incidents, "inc-1", clock)
    audit = chain_file.open(place.audit, place.audit_key, place.audit_anchor, clock)

    def steps(number: int) -> dict[str, Callable[[], object]]:
        return {
            f"intent {number}": lambda: ledger.intend(f"k{number}", "inc-1", {"n": number}, AT),
            f"journal {number}": lambda: journal.append(b'{"n":%d}' % number),
            f"audit {number}": lambda: audit.append(AT, "child", "wrote", {"incident": "inc-1", "n": number}),
            f"outcome {number}": lambda: ledger.conclude(f"k{number}", {"n": number}, AT),
        }

    for number in itertools.count(first):
        if hasty:
            say("\n".join(steps(number)))
        for name, step in steps(number).items():
            step()
            if not hasty:
                say(name)


def present(place: home.Home) -> set[str]:
    """What a new process finds."""
    clock = SystemClock()
    ledger = sqlite_ledger.open(place.ledger, clock)
    entries = ledger.entries("inc-1")
    ledger.close()
    audit = chain_file.open(place.audit, place.audit_key, place.audit_anchor, clock)
    audit.verify()
    lines = record_folder.open(place.incidents, "inc-1", clock).lines()
    return {
        *(f"intent {entry.intent['n']}" for entry in entries),
        *(f"outcome {entry.outcome['n']}" for entry in entries if entry.outcome is not None),
        *(f"journal {line[5:-1].decode()}" for line in lines),
        *(f"audit {body['n']}" for body in audit.find("wrote", "inc-1")),
    }


def kill_at_random(place: home.Home, seed: int, *, hasty: bool) -> tuple[set[str], int]:
    """(what was acknowledged and is lost, how much was acknowledged) over all kills."""
    rng = random.Random(seed)
    acknowledged: set[str] = set()
    lost: set[str] = set()
    for number in range(KILLS):
        with child(lambda say, n=number: record(say, place, 10_000 * n, hasty=hasty)) as worker:
            said = worker.listen(rng.randrange(1, 40))
            time.sleep(rng.uniform(0.0, 0.002))
            worker.signal(signal.SIGKILL)
            acknowledged.update(worker.heard(said))
            assert worker.end() == -signal.SIGKILL
        lost |= acknowledged - present(place)
    return lost, len(acknowledged)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", [1, 2])
def test_no_acknowledged_entry_is_lost_and_the_chain_verifies_after_every_kill(tmp_path: Path, seed: int) -> None:
    lost, acknowledged = kill_at_random(home.lay_out(tmp_path / "home"), seed, hasty=False)
    assert acknowledged > 5 * KILLS
    assert lost == set()


@pytest.mark.timeout(120)
def test_control_entries_that_are_acknowledged_before_they_are_written_get_lost(tmp_path: Path) -> None:
    lost, _ = kill_at_random(home.lay_out(tmp_path / "home"), 1, hasty=True)
    assert len(lost) > KILLS // 4


@pytest.mark.timeout(60)
def test_a_writer_that_is_killed_while_it_holds_the_chains_lock_blocks_nobody(tmp_path: Path) -> None:
    place = home.lay_out(tmp_path / "home")
    clock = SystemClock()
    audit = chain_file.open(place.audit, place.audit_key, place.audit_anchor, clock)

    def hold(say: Callable[[str], object]) -> None:
        with files.locked(files.open_private(place.audit), clock, 1.0, "audit"):
            say("held")
            threading.Event().wait()

    with child(hold) as holder:
        assert holder.wait_for_word() == "held\n"
        holder.signal(signal.SIGKILL)
        holder.end()
        assert audit.append(AT, "parent", "wrote", {"incident": "inc-1", "pid": os.getpid()}) == 1
