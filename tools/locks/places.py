"""Lock compatibility and queueing rules, shared by the SQLite and the Redis store.  Only computes.

Each holder and each waiter has a `Place`.  A granted place blocks every request that it conflicts with; a
waiting one blocks only later requests.  So waiting is first come, first served, and requests without a
common resource pass each other.  A place whose counter has not moved for its own time, on the *observer's*
monotonic clock, is dead.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tools import ports


@dataclass(frozen=True)
class Request:
    """A request for locks: an owner and its resources, each once, in the one global order (by name)."""

    owner: str
    exclusive: tuple[str, ...]
    shared: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Place:
    """A row of the store: one request that waits or was granted."""

    ticket: int
    """Order of arrival."""
    token: int | None
    """Fencing token of a granted request; None while it waits."""
    beat: int
    """Counter that its owner raises to show that it lives."""
    request: Request


def request(owner: str, exclusive: Sequence[str], shared: Sequence[str], seconds: float) -> Request:
    """Return a checked request with its resources in order.  Raises ValueError for an empty or endless one."""
    # An empty list must not come to mean every resource.
    if not owner or not (exclusive or shared) or not all((*exclusive, *shared)):
        raise ValueError("a lock needs an owner and named resources")
    if not (math.isfinite(seconds) and seconds > 0):
        raise ValueError(f"a lease cannot last {seconds} seconds")
    # Exclusive includes shared, so a resource that is in both is locked once.
    own = frozenset(exclusive)
    return Request(owner, tuple(sorted(own)), tuple(sorted(frozenset(shared) - own)), seconds)


def lease(request: Request, token: int, grant: str) -> ports.Lease:
    """Return the lease of a granted request."""
    return ports.Lease(
        owner=request.owner,
        token=token,
        grant=grant,
        exclusive=request.exclusive,
        shared=request.shared,
        seconds=request.seconds,
    )


def conflict(one: Request, other: Request) -> bool:
    """True when both cannot be granted: they share a resource, and at least one wants it exclusively."""
    mine, theirs = frozenset(one.exclusive), frozenset(other.exclusive)
    return bool(mine & theirs or mine & frozenset(other.shared) or theirs & frozenset(one.shared))


def in_the_way(wanted: Request, ticket: int | None, places: Iterable[Place]) -> tuple[Place, ...]:
    """Places that must go before this request can be granted; without a ticket it comes after all of them."""
    return tuple(
        place
        for place in places
        if place.request.owner != wanted.owner
        and conflict(wanted, place.request)
        and (place.token is not None or ticket is None or place.ticket < ticket)
    )


class Watch:
    """Times at which each place was last seen to move, on one observer's monotonic clock.

    Neither wall clocks nor the owners' clocks are used, so a clock that jumps changes nothing.
    """

    def __init__(self) -> None:
        self._seen: dict[int, tuple[int | None, int, float]] = {}

    def dead(self, places: Sequence[Place], now: float) -> tuple[Place, ...]:
        """Return the places that have not moved for their whole time.  `places` must be all there are."""
        seen = {place.ticket: self._look(place, now) for place in places}
        self._seen = seen
        return tuple(place for place in places if now - seen[place.ticket][2] >= place.request.seconds)

    def soonest(self, places: Sequence[Place], now: float) -> float:
        """Seconds until the first of these is dead unless it moves; infinite when none was looked at before."""
        seen = ((place.request.seconds, self._seen.get(place.ticket)) for place in places)
        return min((max(0.0, last[2] + seconds - now) for seconds, last in seen if last is not None), default=math.inf)

    def _look(self, place: Place, now: float) -> tuple[int | None, int, float]:
        before = self._seen.get(place.ticket)
        # A grant counts as a move: the lease has its own time, and begins with it.
        if before is not None and before[:2] == (place.token, place.beat):
            return before
        return place.token, place.beat, now
