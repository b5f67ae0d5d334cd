"""Opens one SQLite file as every store here needs it.

Write-ahead log, so that readers are never blocked; every write one ``BEGIN IMMEDIATE`` step, synced
before it returns, with nothing but SQL inside: a process that is stopped in there blocks every
other writer, so waiting is bounded and ends in Unavailable.
"""

import contextlib
import itertools
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from incident.errors import Refused, Unavailable
from tools import ports

WAIT = 5.0
"""Seconds to wait for another writer: a step takes milliseconds, so whoever takes longer is stopped or dead."""

_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
"""SQLite's errors for a file that it can read and that makes no sense: asking again is no use."""


class Database:
    """One connection, shared by the threads of this process one at a time."""

    def __init__(self, path: Path, connection: sqlite3.Connection, wait: float) -> None:
        self._path = path
        self._connection = connection
        self._wait = wait
        self._gate = threading.Lock()

    @property
    def name(self) -> str:
        """Name of the file, for people."""
        return self._path.name

    @contextlib.contextmanager
    def write(self, *, wait: float | None = None, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """One atomic step, rolled back when the block raises.

        Without `durable` the step survives the process but perhaps not a power cut.  Raises Unavailable.
        """
        with self._entered(self._wait if wait is None else wait) as connection:
            # With a write-ahead log NORMAL syncs at checkpoints only, FULL at every commit.
            connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            with connection:  # commits, or rolls back
                # IMMEDIATE takes the write lock at once: a plain BEGIN that turns into a write later
                # can fail half-way.
                connection.execute("BEGIN IMMEDIATE")
                yield connection

    @contextlib.contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A consistent view.  Raises Unavailable."""
        with self._entered(self._wait) as connection, connection:
            # Without it each statement would see a state of its own.
            connection.execute("BEGIN")
            yield connection

    def close(self) -> None:
        """Close the connection; a later use is an internal error."""
        with self._gate:
            self._connection.close()

    @contextlib.contextmanager
    def _entered(self, wait: float) -> Iterator[sqlite3.Connection]:
        # SQLite's own time-out does not see threads that wait for the same connection.
        if not self._gate.acquire(timeout=max(wait, 0.0)):
            raise Unavailable(f"{self._path.name} has been busy in this process for {wait:g} s")
        try:
            with translated(self._path):
                self._connection.execute(f"PRAGMA busy_timeout={max(1, round(wait * 1000))}")
                yield self._connection
        finally:
            self._gate.release()


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what SQLite says about its file into Unavailable, or Refused for one that is damaged for good.

    Errors in our own SQL stay what they are.
    """
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise
    except sqlite3.DatabaseError as error:
        # An extended code carries the primary one in its low byte (sqlite.org/rescode.html).
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
            raise Refused(f"{path.name} is damaged: {error}") from error
        raise Unavailable(f"{path.name} cannot be used: {error}") from error


def touch(path: Path) -> None:
    """Make sure that the file is there, mode 0600; SQLite gives its companions the same.  Raises Unavailable."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise Unavailable(f"{path} cannot be opened: {error.strerror}") from error


def connect(
    path: Path,
    schema: tuple[str, ...],
    clock: ports.Clock,
    wait: float = WAIT,
    changes: tuple[tuple[str, ...], ...] = (),
) -> Database:
    """Open or create a database, mode 0600.  Raises Unavailable, also for a file of a newer version.

    `schema` is the first version's; each of `changes` leads from one version to the next, and a new file
    goes the same way as an old one.
    """
    touch(path)
    with translated(path):
        # With `isolation_level` Python would begin transactions by itself, and deferred ones.
        connection = sqlite3.connect(path, timeout=wait, isolation_level=None, check_same_thread=False)
        mode = _write_ahead(connection, clock, wait)
    if mode != "wal":
        raise Unavailable(f"{path} lies on a file system that carries no write-ahead log (journal mode {mode})")
    database = Database(path, connection, wait)
    try:
        _lay_out(database, (schema, *changes), path)
    except Unavailable:
        database.close()
        raise
    return database


def _write_ahead(connection: sqlite3.Connection, clock: ports.Clock, wait: float) -> str:
    """Switch the journal mode.  SQLite does not wait when two processes do that at once, so we do."""
    deadline = clock.monotonic() + wait
    while True:
        try:
            return str(connection.execute("PRAGMA journal_mode=WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or clock.monotonic() >= deadline:
                raise
        clock.sleep(0.01)


def _lay_out(database: Database, versions: tuple[tuple[str, ...], ...], path: Path) -> None:
    """Bring the file to the newest version, which is its number in ``user_version``."""
    newest = len(versions)
    with database.read() as connection:
        found = _version(connection)
    # An older version must not write into tables whose rules it does not know.
    if found > newest:
        raise Unavailable(f"{path.name} was written by a newer version ({found}); this one reads {newest}")
    if found == newest:
        return
    with database.write() as connection:
        # Looked at again inside the step: another process may have done it meanwhile.
        for statement in itertools.chain.from_iterable(versions[_version(connection) :]):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={newest}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
