"""Group commit under SIGKILL: threads of several processes on one chain, one process after the other killed."""

import contextlib
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
from tools.records import home

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
ROUNDS, PROCESSES, THREADS = 8, 3, 4


def write(say: Callable[[str], object], place: home.Home, name: str, *, hasty: bool) -> None:
    """Append from several threads for ever, telling each entry once it is acknowledged (or, hasty, before)."""
    audit = chain_file.open(place.audit, place.audit_key, place.audit_anchor, SystemClock())

    def work(thread: int) -> None:
        number = 0
        while True:
            entry = f"{name}-{thread}-{number}"
            if hasty:
                say(entry)
            audit.append(AT, entry, "wrote", {"incident": "i"})
            if not hasty:
                say(entry)
            number += 1

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    threads[0].join()


def kill_at_random(place: home.Home, seed: int, *, hasty: bool) -> tuple[set[str], int]:
    """(what was told and is not in the chain, how much was told) over all rounds."""
    rng = random.Random(seed)
    told: set[str] = set()
    for number in range(ROUNDS):
        with contextlib.ExitStack() as stack:
            names = [f"{number}.{process}" for process in range(PROCESSES)]
            workers = [
                stack.enter_context(child(lambda say, name=name: write(say, place, name, hasty=hasty)))
                for name in names
            ]
            for worker in workers:
                said = worker.listen(rng.randrange(1, 30))
                time.sleep(rng.uniform(0.0, 0.01))
                worker.signal(signal.SIGKILL)
                told.update(worker.heard(said))
                assert worker.end() == -signal.SIGKILL
    audit = chain_file.open(place.audit, place.audit_key, place.audit_anchor, SystemClock())
    audit.append(AT, "last", "wrote", {"incident": "i"})
    audit.verify()
    actors = {line.split(b'"actor":"')[1].split(b'"')[0].decode() for line in audit.lines()}
    return told - actors, len(told)


@pytest.mark.timeout(120)
def test_no_acknowledged_entry_is_lost_when_processes_die_between_write_sync_and_acknowledgement(
    tmp_path: Path,
) -> None:
    lost, told = kill_at_random(home.lay_out(tmp_path / "home"), 1, hasty=False)
    assert told > 5 * ROUNDS * PROCESSES
    assert lost == set()


@pytest.mark.timeout(120)
def test_control_entries_that_are_told_before_they_are_written_get_lost(tmp_path: Path) -> None:
    lost, _ = kill_at_random(home.lay_out(tmp_path / "home"), 1, hasty=True)
    assert len(lost) > ROUNDS * PROCESSES // 4
