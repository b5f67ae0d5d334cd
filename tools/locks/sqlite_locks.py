"""Locks with fencing tokens on SQLite, for workers on one machine.

The store is one table of places (see :mod:`tools.locks.places`) and one counter that gives tickets and
tokens; each step is one transaction.  The counter never falls behind the wall clock's milliseconds.  So
tokens still rise after the file was lost or restored, unless that clock jumped back; within one file they
rise whatever the clock does.  A waiter polls every few milliseconds, and writes nothing until its turn.
"""

import json
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from tools import ports
from tools.locks import places
from tools.records import database

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS counter (one INTEGER PRIMARY KEY CHECK (one = 1), value INTEGER NOT NULL)",
    """CREATE TABLE IF NOT EXISTS places (
        ticket INTEGER PRIMARY KEY,
        owner TEXT NOT NULL UNIQUE,
        token INTEGER UNIQUE,
        beat INTEGER NOT NULL DEFAULT 0,
        exclusive TEXT NOT NULL,
        shared TEXT NOT NULL,
        lease_seconds REAL NOT NULL
    )""",
)

WAITING_SECONDS = 2.0
"""Seconds that a waiting place counts without a sign of life; a waiter gives one four times as often."""

GRACE = 0.25
"""Seconds that a single step may wait for another writer even when the request itself does not wait.
A step takes milliseconds, so only a store that is stuck raises Unavailable."""

_POLL_FIRST, _POLL_LAST = 0.002, 0.02
"""Seconds between looks, at first and after waiting for a while."""


class SqliteLocks:
    """:class:`tools.ports.Locks` over one database.  Threads may share it."""

    def __init__(self, store: database.Database, clock: ports.Clock, grants: Callable[[], str]) -> None:
        self._store = store
        self._clock = clock
        self._grants = grants
        self._watch = places.Watch()

    def acquire(
        self, owner: str, *, exclusive: Sequence[str], shared: Sequence[str], seconds: float, wait: float
    ) -> ports.Lease | ports.Busy:
        """Lock everything or nothing within `wait` seconds, first come, first served.

        The owner's earlier locks and requests are given up first.  Raises Unavailable when the store is
        stuck, at most `GRACE` after the wait, and ValueError for an empty request.  A waiter that dies
        or raises leaves a place that counts for `WAITING_SECONDS` more.
        """
        request = places.request(owner, exclusive, shared, seconds)
        started = self._clock.monotonic()
        answer = self._arrive(request, wait)
        pause, beaten = _POLL_FIRST, started
        while isinstance(answer, int):
            now = self._clock.monotonic()
            left = started + wait - now
            # A look reads without the writers' lock; only a step that can change something takes it.
            if left <= 0 or self._is_free(request, answer):
                answer = self._step(request, answer, left, now - started)
                continue
            if now - beaten >= WAITING_SECONDS / 4:
                self._beat(answer, left)
                beaten = now
            self._clock.sleep(min(pause, left))
            pause = min(pause * 1.2, _POLL_LAST)
        return answer

    def renew(self, lease: ports.Lease) -> bool:
        """Show that the owner lives.  False when the lease is no longer its own."""
        # Not flushed to the disk: a beat that a power cut takes away is made again, or the lease runs out.
        with self._store.write(wait=lease.seconds / 3, durable=False) as connection:
            done = connection.execute(
                "UPDATE places SET beat = beat + 1 WHERE token = ? AND owner = ?", (lease.token, lease.owner)
            )
            return done.rowcount == 1

    def release(self, lease: ports.Lease) -> None:
        """Release the lease.  Harmless when it is no longer its own."""
        with self._store.write(durable=False) as connection:
            connection.execute("DELETE FROM places WHERE token = ? AND owner = ?", (lease.token, lease.owner))

    def check(self) -> str:
        """Name of the file that keeps the locks.  Raises Unavailable."""
        with self._store.read() as connection:
            _places(connection)
        return f"SQLite, {self._store.name}, for the workers of this machine"

    def close(self) -> None:
        """Close the database; leases stay until they are given back or run out."""
        self._store.close()

    def _arrive(self, request: places.Request, wait: float) -> ports.Lease | ports.Busy | int:
        """Give up the owner's earlier places, then grant the request, or return a ticket when it may wait."""
        with self._store.write(wait=max(wait, GRACE)) as connection:
            connection.execute("DELETE FROM places WHERE owner = ?", (request.owner,))
            ahead, dead = self._ahead(connection, request, None)
            if ahead and wait <= 0:
                return _busy(ahead, 0.0)
            ticket = self._enqueue(connection, request)
            return ticket if ahead else self._grant(connection, request, ticket, dead)

    def _is_free(self, request: places.Request, ticket: int) -> bool:
        """True when a step is worth a transaction: nobody is ahead any more, or our place is gone."""
        with self._store.read() as connection:
            ahead, _ = self._ahead(connection, request, ticket)
            return not ahead or not _stands(connection, ticket)

    def _step(self, request: places.Request, ticket: int, left: float, waited: float) -> ports.Lease | ports.Busy | int:
        """Grant the request when nobody is ahead; give it up when no time is left; else return its ticket."""
        with self._store.write(wait=max(left, GRACE)) as connection:
            if not _stands(connection, ticket):
                if _has_place(connection, request.owner):  # the same owner asks elsewhere: its later request counts
                    return ports.Busy(holders=(request.owner,), waited=waited)
                ticket = self._enqueue(connection, request)  # we were thought dead: to the end of the queue
            ahead, dead = self._ahead(connection, request, ticket)
            if not ahead:
                return self._grant(connection, request, ticket, dead)
            if left > 0:
                return ticket
            connection.execute("DELETE FROM places WHERE ticket = ?", (ticket,))
            return _busy(ahead, waited)

    def _beat(self, ticket: int, left: float) -> None:
        with self._store.write(wait=max(left, GRACE), durable=False) as connection:
            connection.execute("UPDATE places SET beat = beat + 1 WHERE ticket = ?", (ticket,))

    def _ahead(
        self, connection: sqlite3.Connection, request: places.Request, ticket: int | None
    ) -> tuple[tuple[places.Place, ...], tuple[places.Place, ...]]:
        """(living, dead) places ahead of this request."""
        there = _places(connection)
        dead = self._watch.dead(there, self._clock.monotonic())
        found = places.in_the_way(request, ticket, there)
        return tuple(place for place in found if place not in dead), tuple(place for place in found if place in dead)

    def _enqueue(self, connection: sqlite3.Connection, request: places.Request) -> int:
        ticket = self._draw(connection)
        connection.execute(
            "INSERT INTO places (ticket, owner, exclusive, shared, lease_seconds) VALUES (?, ?, ?, ?, ?)",
            (ticket, request.owner, json.dumps(request.exclusive), json.dumps(request.shared), request.seconds),
        )
        return ticket

    def _grant(
        self, connection: sqlite3.Connection, request: places.Request, ticket: int, dead: tuple[places.Place, ...]
    ) -> ports.Lease:
        # Only what this request needs is taken from the dead; nobody else's place is cleaned up.
        connection.executemany("DELETE FROM places WHERE ticket = ?", [(place.ticket,) for place in dead])
        token = self._draw(connection)
        connection.execute("UPDATE places SET token = ? WHERE ticket = ?", (token, ticket))
        return places.lease(request, token, self._grants())

    def _draw(self, connection: sqlite3.Connection) -> int:
        """Draw a number larger than any before."""
        floor = int(self._clock.now().timestamp() * 1000)
        (number,) = connection.execute(
            "INSERT INTO counter VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET value = max(value + 1, ?1)"
            " RETURNING value",
            (floor,),
        ).fetchone()
        return int(number)


def _places(connection: sqlite3.Connection) -> tuple[places.Place, ...]:
    rows = connection.execute("SELECT ticket, owner, token, beat, exclusive, shared, lease_seconds FROM places")
    return tuple(
        places.Place(
            ticket,
            token,
            beat,
            places.Request(
                owner,
                tuple(json.loads(exclusive)),
                tuple(json.loads(shared)),
                WAITING_SECONDS if token is None else seconds,
            ),
        )
        for ticket, owner, token, beat, exclusive, shared, seconds in rows
    )


def _stands(connection: sqlite3.Connection, ticket: int) -> bool:
    return connection.execute("SELECT 1 FROM places WHERE ticket = ?", (ticket,)).fetchone() is not None


def _has_place(connection: sqlite3.Connection, owner: str) -> bool:
    return connection.execute("SELECT 1 FROM places WHERE owner = ?", (owner,)).fetchone() is not None


def _busy(ahead: tuple[places.Place, ...], waited: float) -> ports.Busy:
    return ports.Busy(holders=tuple(sorted({place.request.owner for place in ahead})), waited=waited)


def open(  # noqa: A001 (read as `sqlite_locks.open`)
    path: Path, clock: ports.Clock, grants: Callable[[], str] = lambda: secrets.token_hex(8)
) -> SqliteLocks:
    """Open or create the store.  Raises Unavailable."""
    return SqliteLocks(database.connect(path, _SCHEMA, clock), clock, grants)
