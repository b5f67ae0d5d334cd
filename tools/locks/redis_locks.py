"""Locks with fencing tokens on Redis, for workers on several machines.

Each step is one run of ``redis_locks.lua``: atomic, and one round trip.  The rules are those of
:mod:`tools.locks.places`.  The waiters' clocks tell when a lease has run out, never the server's.  A release
hands the lock to the next waiter in the same step, through a list of that waiter's own; a waiter polls only
as often as a holder may have died.

Redis can lose its data: it may be restarted (with or without a file), emptied, replaced by a replica, or
restored from an older copy.  A step notices this by the server process's id, by the two copies of the
counter, by numbers that it never drew, and by the largest one that this client has seen.  Then the store
starts anew: leases from before are never renewed, tokens go on above every number in sight and the server's
milliseconds, and nothing is granted before a waiter has watched for as long as an earlier lease can last.
An empty store may be one that lost its data, so this holds for a new store, too.

The resource checks what a store cannot promise: it accepts a larger token, or the same one only from the
same grant (`ports.Lease.grant`).
"""

import json
import secrets
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from tools import ports
from tools.locks import places
from tools.locks.redis_link import ANSWER, Link

PREFIX = "{suture}:locks"
"""Start of every key; the braces keep all of them on one node of a cluster."""

WAITING_SECONDS = 2.0
"""Seconds that a waiting place counts without a sign of life; a waiter gives one four times as often."""

_SCRIPT = Path(__file__).with_suffix(".lua")


class Bell(Protocol):
    """Signal to a waiter that its request was granted."""

    def wait(self, key: str, seconds: float) -> int | None:
        """Token that is pushed to the list `key`; None after so many seconds."""


class _Waiting(NamedTuple):
    number: int
    nap: float


_Answer = ports.Lease | ports.Busy | _Waiting


class RedisLocks:
    """:class:`tools.ports.Locks` over one server.  Threads may share it."""

    def __init__(
        self, link: Link, clock: ports.Clock, bell: Bell, longest: float, grants: Callable[[], str], prefix: str
    ) -> None:
        self._link, self._clock, self._bell = link, clock, bell
        self._longest, self._grants = longest, grants
        self._keys = (prefix, f"{prefix}:bell:")
        self._watch = places.Watch()
        self._watching = threading.Lock()
        self._seen: tuple[places.Place, ...] = ()
        self._known = 0

    def acquire(
        self, owner: str, *, exclusive: Sequence[str], shared: Sequence[str], seconds: float, wait: float
    ) -> ports.Lease | ports.Busy:
        """Lock everything or nothing within `wait` seconds, first come, first served.

        The owner's earlier locks and requests are given up first.  Raises Unavailable when the server does
        not answer in time, and ValueError for an empty request or one longer than the longest lease.
        A waiter that dies or raises leaves a place that counts for `WAITING_SECONDS` more.
        """
        request = places.request(owner, exclusive, shared, seconds)
        if seconds > self._longest:
            raise ValueError(f"a lease of {seconds} seconds is longer than the longest, {self._longest}")
        grant = self._grants()
        place = {
            "o": request.owner,
            "g": grant,
            "x": request.exclusive,
            "s": request.shared,
            "l": request.seconds,
            "b": 0,
        }
        wanted = json.dumps(place)
        started = self._clock.monotonic()
        answer = self._ask("arrive", request, grant, wanted, wait, 0.0)
        while isinstance(answer, _Waiting):
            left = started + wait - self._clock.monotonic()
            if left > 0:
                token = self._bell.wait(f"{self._keys[1]}{answer.number}", min(left, answer.nap))
                if token is not None:
                    self._known = max(self._known, token)
                    return places.lease(request, token, grant)
            now = self._clock.monotonic()
            answer = self._ask("step", request, grant, wanted, started + wait - now, now - started, answer.number)
        return answer

    def renew(self, lease: ports.Lease) -> bool:
        """Show that the owner lives.  False when the lease is no longer its own, or the store has started anew."""
        # A renewal that hangs must leave time for another one before the lease runs out.
        within = min(ANSWER, lease.seconds / 3)
        return bool(self._call("renew", lease.token, lease.grant, within=within))

    def release(self, lease: ports.Lease) -> None:
        """Release the lease.  Harmless when it is no longer its own."""
        self._call("release", lease.token, lease.grant)

    def check(self) -> str:
        """Name of the server that keeps the locks.  Raises Unavailable."""
        return self._link.server()

    def close(self) -> None:
        """Close the connections; leases stay until they are given back or run out."""
        self._link.close()

    def _ask(
        self, step: str, request: places.Request, grant: str, wanted: str, left: float, waited: float, *number: int
    ) -> _Answer:
        patient = "1" if left > 0 else "0"
        kind, given, *seen = self._call(step, wanted, WAITING_SECONDS, patient, self._dead(), *number)
        self._known = max(self._known, given)
        match kind:
            case "granted":
                return places.lease(request, given, grant)
            case "waiting":
                return _Waiting(given, self._nap(seen[0]))
            case "superseded":  # the same owner asks elsewhere: its later request counts
                return ports.Busy(holders=(request.owner,), waited=waited)
            case _:
                return ports.Busy(holders=self._living(seen[0]), waited=waited)

    def _call(self, step: str, *arguments: str | float, within: float = ANSWER) -> Any:
        return self._link.call(self._keys, step, (self._longest, self._known, *arguments), within)

    def _look(self, rows: list[list[Any]]) -> tuple[tuple[places.Place, ...], frozenset[int]]:
        """Note all places there are, and return them with the numbers of those that are dead."""
        seen = tuple(
            places.Place(number, None, beat, places.Request(owner, (), (), float(seconds)))
            for number, beat, seconds, owner, _ in rows
        )
        with self._watching:
            self._seen = seen
            dead = self._watch.dead(seen, self._clock.monotonic())
        return seen, frozenset(place.ticket for place in dead)

    def _dead(self) -> str:
        """Dead places as of the last look: number to beat, as JSON.  The script drops one only at that beat."""
        if not self._seen:
            return "{}"
        with self._watching:
            dead = self._watch.dead(self._seen, self._clock.monotonic())
        return json.dumps({str(place.ticket): place.beat for place in dead})

    def _living(self, rows: list[list[Any]]) -> tuple[str, ...]:
        _, dead = self._look(rows)
        return tuple(sorted({owner for number, _, _, owner, blocks in rows if blocks and number not in dead}))

    def _nap(self, rows: list[list[Any]]) -> float:
        """Seconds to sleep unless the bell rings: until a place ahead may be dead, or until our next sign of life."""
        seen, dead = self._look(rows)
        ahead = tuple(place for place, row in zip(seen, rows, strict=True) if row[4] and place.ticket not in dead)
        if not ahead:
            return 0.0  # all in the way have just been found dead
        with self._watching:
            soonest = self._watch.soonest(ahead, self._clock.monotonic())
        return min(soonest, WAITING_SECONDS / 4, *(place.request.seconds / 4 for place in ahead))


def open(  # noqa: A001 (read as `redis_locks.open`)
    url: str,
    clock: ports.Clock,
    *,
    longest: float,
    bell: Callable[[Link], Bell] = lambda link: link,
    grants: Callable[[], str] = lambda: secrets.token_hex(8),
    prefix: str = PREFIX,
) -> RedisLocks:
    """Return the store at ``redis://[user:password@]host:port/db``; it connects at its first use.

    `longest` is the longest lease in seconds that may be asked for; all workers must use the same.
    """
    link = Link(url, _SCRIPT.read_text(encoding="utf-8"))
    return RedisLocks(link, clock, bell(link), longest, grants, prefix)
