"""Lock stores for `lock_pauses`, which can be killed, and their counters set back."""

import multiprocessing
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from evals.bench.redis_server import RedisServer, server
from tools import ports
from tools.clock import SystemClock
from tools.locks import redis_locks, sqlite_locks

STORES = ("sqlite", "redis")
LEASE = 0.3
"""Seconds that a claim lasts."""

_FORK = multiprocessing.get_context("fork")


class Store(Protocol):
    """The lock store as the trial meddles with it."""

    def open(self) -> ports.Locks:
        """Another process's view."""

    def kill(self, number: int) -> None:
        """Kill whoever keeps it, in the middle of its work."""

    def reset(self) -> None:
        """Set its counter back."""


class SqliteStore:
    """A file; who can be killed is a process inside a transaction, after it stopped there for longer than a lease."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "locks.db"

    def open(self) -> ports.Locks:
        """Another connection to the file."""
        return sqlite_locks.open(self._path, SystemClock())

    def kill(self, number: int) -> None:
        """Kill a writer that stopped half way through a transaction."""
        child = _FORK.Process(target=self._hold)
        child.start()
        time.sleep(2 * LEASE + 0.1 * number)
        child.kill()
        child.join()

    def _hold(self) -> None:
        with sqlite3.connect(self._path, timeout=10.0, isolation_level=None) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM places")
            os.kill(os.getpid(), signal.SIGSTOP)

    def reset(self) -> None:
        """Set the counter to 1."""
        with sqlite3.connect(self._path, timeout=10.0) as connection:
            connection.execute("UPDATE counter SET value = 1")


class RedisStore:
    """A server; every second time it comes back empty."""

    def __init__(self, running: RedisServer) -> None:
        self._running = running

    def open(self) -> ports.Locks:
        """Another client."""
        return redis_locks.open(self._running.url, SystemClock(), longest=LEASE)

    def kill(self, number: int) -> None:
        """Kill the server and start another one, which finds the file of the last one or nothing."""
        self._running.kill()
        time.sleep(0.2)
        self._running.start(empty=number % 2 == 0)

    def reset(self) -> None:
        """Set both copies of the counter to 1."""
        with self._running.client() as client:
            client.hset(redis_locks.PREFIX, mapping={"counter": "1", "high": "1"})


@contextmanager
def _sqlite(folder: Path) -> Iterator[Store]:
    yield SqliteStore(folder)


@contextmanager
def _redis(folder: Path) -> Iterator[Store]:
    with server(folder) as running:
        yield RedisStore(running)


def opened(store: str, folder: Path) -> AbstractContextManager[Store]:
    """One of `STORES`, new, in a folder.  Raises NoServer."""
    folder.mkdir(parents=True, exist_ok=True)
    return {"sqlite": _sqlite, "redis": _redis}[store](folder)
