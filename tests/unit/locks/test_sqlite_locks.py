"""SQLite's locks: the contract of all stores, and what only a file can suffer."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from incident.errors import Unavailable
from tests.unit.locks.locks_contract import LocksContract, Machine, claim, granted
from tools import ports
from tools.clock import SystemClock
from tools.locks import sqlite_locks
from tools.scripted.clock import ManualClock


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Machine]:
    clock, stores = ManualClock(), []

    def process() -> ports.Locks:
        stores.append(sqlite_locks.open(tmp_path / "locks.db", clock))
        return stores[-1]

    yield Machine(clock, process)
    for store in stores:
        store.close()


class TestSqliteLocks(LocksContract):
    @pytest.fixture
    def machine(self, opened: Machine) -> Machine:
        return opened


def test_tokens_rise_when_the_file_was_deleted(tmp_path: Path) -> None:
    clock, path = ManualClock(), tmp_path / "locks.db"
    first = sqlite_locks.open(path, clock)
    before = granted(claim(first, "a")).token
    first.close()
    path.unlink()
    clock.advance(1.0)
    second = sqlite_locks.open(path, clock)
    assert granted(claim(second, "a")).token > before
    second.close()


def test_tokens_rise_when_an_older_copy_was_put_back(tmp_path: Path) -> None:
    clock, path = ManualClock(), tmp_path / "locks.db"
    store = sqlite_locks.open(path, clock)
    granted(claim(store, "a"))
    store.close()
    copy = path.read_bytes()
    store = sqlite_locks.open(path, clock)
    before = max(granted(claim(store, "a")).token for _ in range(20))
    store.close()
    clock.advance(1.0)
    path.write_bytes(copy)
    store = sqlite_locks.open(path, clock)
    assert granted(claim(store, "b", ("other",))).token > before
    store.close()


def test_a_stuck_store_is_unavailable_within_the_wait(tmp_path: Path) -> None:
    path = tmp_path / "locks.db"
    clock = SystemClock()
    store = sqlite_locks.open(path, clock)
    stuck = sqlite3.connect(path, isolation_level=None)
    stuck.execute("BEGIN IMMEDIATE")
    started = clock.monotonic()
    with pytest.raises(Unavailable):
        claim(store, "a", wait=0.3)
    assert 0.2 < clock.monotonic() - started < 1.0
    stuck.execute("ROLLBACK")
    stuck.close()
    granted(claim(store, "a"))
    store.close()


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "locks.db"
    path.write_bytes(b"not a database, not at all" * 100)
    with pytest.raises(Unavailable):
        sqlite_locks.open(path, ManualClock())


def test_threads_that_share_a_store_take_turns(tmp_path: Path) -> None:
    store = sqlite_locks.open(tmp_path / "locks.db", SystemClock())
    inside, most, tokens = [0], [0], list[int]()

    def work(owner: str) -> None:
        for _ in range(3):
            lease = granted(claim(store, owner, wait=20.0))
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            tokens.append(lease.token)
            inside[0] -= 1
            store.release(lease)

    threads = [threading.Thread(target=work, args=(f"t{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
    assert tokens == sorted(tokens)
    assert len(tokens) == 18
    store.close()
