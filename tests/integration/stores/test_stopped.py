"""A process that is stopped in the worst place makes others hold, in bounded time; going on, it harms nothing."""

import contextlib
import os
import signal
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incident.control import Control
from incident.errors import Unavailable
from tests.contract.index import index
from tests.integration.stores.children import Child, child
from tests.integration.stores.rows import row
from tools import ports
from tools.audit import chain_file, chain_log
from tools.clock import SystemClock
from tools.locks import sqlite_locks
from tools.records import database, files, home, process, sqlite_ledger
from tools.scripted.clock import ManualClock

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
CLOCK = SystemClock()

pytestmark = pytest.mark.timeout(60)
"""Nobody goes on while a test waits for an answer: one that waits for ever ends here."""


def stop_inside(say: Callable[[str], object], path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        say("inside")
        os.kill(os.getpid(), signal.SIGSTOP)
        connection.execute("ROLLBACK")
    say("out")


def wait_until_stopped(stopped: Child) -> None:
    assert stopped.wait_for_word() == "inside\n"
    os.waitid(os.P_PID, stopped.pid, os.WSTOPPED | os.WNOWAIT)


def claim(locks: sqlite_locks.SqliteLocks, owner: str, wait: float) -> ports.Lease | ports.Busy:
    return locks.acquire(owner, exclusive=("orders",), shared=(), seconds=5.0, wait=wait)


@pytest.mark.parametrize("wait", [0.0, 1.0])
def test_locks_are_unavailable_within_the_wait_while_somebody_is_stopped_in_a_transaction(
    tmp_path: Path, wait: float
) -> None:
    path = tmp_path / "locks.db"
    locks = sqlite_locks.open(path, CLOCK)
    with child(stop_inside, path) as stopped:
        wait_until_stopped(stopped)
        with pytest.raises(Unavailable, match="locked"):
            claim(locks, "a", wait)
        stopped.signal(signal.SIGCONT)
        assert stopped.wait_for_word() == "out\n"
        assert isinstance(claim(locks, "a", 2.0), ports.Lease)
    locks.close()


def test_a_holder_cannot_renew_while_the_store_is_stuck_and_learns_it_before_its_lease_ends(tmp_path: Path) -> None:
    path = tmp_path / "locks.db"
    locks = sqlite_locks.open(path, CLOCK)
    lease = locks.acquire("a", exclusive=("orders",), shared=(), seconds=1.5, wait=0.0)
    assert isinstance(lease, ports.Lease)
    with child(stop_inside, path) as stopped:
        wait_until_stopped(stopped)
        with pytest.raises(Unavailable):
            locks.renew(lease)
        stopped.signal(signal.SIGCONT)
        stopped.end()
    assert locks.renew(lease)
    locks.close()


def test_a_writer_that_is_killed_in_a_transaction_leaves_no_trace_of_it(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = sqlite_ledger.open(path, CLOCK)

    def half(say: Callable[[str], object]) -> None:
        store = database.connect(path, (), CLOCK)
        with store.write() as connection:
            connection.execute(
                "INSERT INTO effects (key, incident, intent, intended_at) VALUES ('half', 'inc-1', x'7b7d', '')"
            )
            say("inside")
            os.kill(os.getpid(), signal.SIGKILL)

    with child(half) as killed:
        assert killed.end() == -signal.SIGKILL
    ledger.intend("k", "inc-1", {}, AT)
    assert [entry.key for entry in ledger.open()] == ["k"]
    ledger.close()


def test_the_kill_switch_can_be_read_while_a_writer_is_stopped(tmp_path: Path) -> None:
    own = index(tmp_path, CLOCK)
    own.set_control(None, Control(stop_all=True, by="kim"))
    with child(stop_inside, tmp_path / "home" / "incidents.db") as stopped:
        wait_until_stopped(stopped)
        assert own.control("inc-1").stop_all
        late = index(tmp_path, CLOCK)
        assert late.control("inc-1").stop_all
        late.close()
    own.close()


def test_the_chain_is_unavailable_while_somebody_is_stopped_in_an_append(tmp_path: Path) -> None:
    place = home.lay_out(tmp_path / "home")
    clock = ManualClock()
    audit = chain_file.open(place.audit, place.audit_key, place.audit_anchor, clock)

    def hold(say: Callable[[str], object]) -> None:
        descriptor = files.open_private(place.audit)
        with files.locked(descriptor, CLOCK, 1.0, "audit"):
            say("inside")
            os.kill(os.getpid(), signal.SIGSTOP)
        say("out")

    with child(hold) as stopped:
        wait_until_stopped(stopped)
        started = clock.monotonic()
        with pytest.raises(Unavailable, match="locked by another process"):
            audit.append(AT, "a", "b", {})
        assert clock.monotonic() - started == pytest.approx(chain_log.WAIT, abs=0.01)
        stopped.signal(signal.SIGCONT)
        assert stopped.wait_for_word() == "out\n"
    assert audit.append(AT, "a", "b", {}) == 1


@pytest.mark.parametrize("fate", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_a_killed_workers_incident_is_taken_over_and_a_stopped_ones_is_not(
    tmp_path: Path, fate: signal.Signals
) -> None:
    scanner = index(tmp_path, CLOCK)

    def work(say: Callable[[str], object]) -> None:
        own = index(tmp_path, CLOCK)
        assert own.claim(row(), process.holder(os.getpid())) is not None
        say("inside")
        signal.pause()

    with child(work) as worker:
        assert worker.wait_for_word() == "inside\n"
        assert scanner.claim(row(), process.holder(os.getpid())) is None
        worker.signal(fate)
        os.waitid(os.P_PID, worker.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        taken = scanner.claim(row(), process.holder(os.getpid()))
        assert (taken is not None) is (fate is signal.SIGKILL)
    scanner.close()
