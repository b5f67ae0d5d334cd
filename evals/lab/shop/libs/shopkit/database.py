"""A SQLite file behind a bounded pool of connections.

DATABASE_FILE names the file; without it the rows live in memory, as in tests.  POOL_SIZE and POOL_WAIT_MS say how
many connections there are and how long a caller waits for one.
"""

import asyncio
import contextlib
import itertools
import sqlite3
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from shopkit import metrics, settings

T = TypeVar("T")
BUSY_MS = 1_000
"""How long SQLite waits for a lock that another connection holds."""

_numbers = itertools.count()


class PoolExhausted(RuntimeError):
    """Every connection was in use for as long as a caller may wait."""


class Database:
    """Connections to one file, opened when they are first needed."""

    def __init__(self, schema: str) -> None:
        self._schema = schema
        self._memory = f"file:memory{next(_numbers)}?mode=memory&cache=shared"
        self._size = settings.number("POOL_SIZE", 4)
        self._idle: list[sqlite3.Connection] = []
        self._free = asyncio.Semaphore(self._size)
        self._in_use = 0
        metrics.watch("database_pool_size", lambda: self._size)
        metrics.watch("database_pool_in_use", lambda: self._in_use)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """The result of `work` in one transaction, on a thread of its own.  Raises PoolExhausted."""
        async with self.connection() as connection:
            return await asyncio.to_thread(_transaction, connection, work)

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[sqlite3.Connection]:
        """One connection of the pool, which gets it back.  Raises PoolExhausted."""
        connection = await self.take()
        try:
            yield connection
        finally:
            self.give(connection)

    async def take(self) -> sqlite3.Connection:
        """One connection; whoever takes it gives it back.  Raises PoolExhausted."""
        wait_ms = settings.number("POOL_WAIT_MS", 500)
        try:
            await asyncio.wait_for(self._free.acquire(), wait_ms / 1000)
        except TimeoutError as error:
            raise PoolExhausted(f"no free connection within {wait_ms} ms, {self._size} in use") from error
        try:
            connection = self._idle.pop() if self._idle else await asyncio.to_thread(self._open)
        except BaseException:
            self._free.release()
            raise
        self._in_use += 1
        return connection

    def give(self, connection: sqlite3.Connection) -> None:
        """Put a connection back."""
        self._in_use -= 1
        self._idle.append(connection)
        self._free.release()

    def _open(self) -> sqlite3.Connection:
        path = settings.text("DATABASE_FILE", "")
        connection = sqlite3.connect(
            path or self._memory, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False, uri=not path
        )
        if path:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
        connection.executescript(self._schema)
        return connection


def _transaction(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    connection.execute("BEGIN")
    try:
        found = work(connection)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return found
