"""Who is in whose way: the rules of claiming, without a store, a clock or a thread.

Everybody who holds or waits has a `Place`.  A granted place stands in the way of every claim that it
conflicts with; a waiting one only in that of later claims, which makes waiting first come first
served and lets claims that have nothing to do with each other pass.  A place whose counter has not
moved for its own time, on the *observer's* monotonic clock, is dead (RULINGS 23).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tools import ports


@dataclass(frozen=True)
class Request:
    """What an owner wants: resources in the one global order (by name), each once."""

    owner: str
    exclusive: tuple[str, ...]
    shared: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Place:
    """One row of the store."""

    ticket: int
    """Order of arrival."""
    token: int | None
    """The fencing token of a granted claim; None while it waits."""
    beat: int
    """Moved by its owner to show that it lives."""
    request: Request


def request(owner: str, exclusive: Sequence[str], shared: Sequence[str], seconds: float) -> Request:
    """Check and order a claim.  Raises ValueError for an empty or endless one: nothing does not mean everything."""
    if not owner or not (exclusive or shared) or not all((*exclusive, *shared)):
        raise ValueError("a claim needs an owner and named resources")
    if not (math.isfinite(seconds) and seconds > 0):
        raise ValueError(f"a lease cannot last {seconds} seconds")
    own = frozenset(exclusive)
    return Request(owner, tuple(sorted(own)), tuple(sorted(frozenset(shared) - own)), seconds)


def lease(request: Request, token: int, grant: str) -> ports.Lease:
    """What the owner of a granted wish is told."""
    return ports.Lease(
        owner=request.owner,
        token=token,
        grant=grant,
        exclusive=request.exclusive,
        shared=request.shared,
        seconds=request.seconds,
    )


def conflict(one: Request, other: Request) -> bool:
    """Whether both cannot be granted: a resource of both, and exclusive for at least one."""
    mine, theirs = frozenset(one.exclusive), frozenset(other.exclusive)
    return bool(mine & theirs or mine & frozenset(other.shared) or theirs & frozenset(one.shared))


def in_the_way(wanted: Request, ticket: int | None, places: Iterable[Place]) -> tuple[Place, ...]:
    """The places that must go before this claim can be granted; without a ticket it comes after everybody."""
    return tuple(
        place
        for place in places
        if place.request.owner != wanted.owner
        and conflict(wanted, place.request)
        and (place.token is not None or ticket is None or place.ticket < ticket)
    )


class Watch:
    """When each place was last seen to move, on one observer's monotonic clock.

    Wall clocks do not enter, and neither do the clocks of the owners, so jumps do nothing.
    """

    def __init__(self) -> None:
        self._seen: dict[int, tuple[int | None, int, float]] = {}

    def dead(self, places: Sequence[Place], now: float) -> tuple[Place, ...]:
        """Look at all places there are, and tell which have not moved for their whole time."""
        seen = {place.ticket: self._look(place, now) for place in places}
        self._seen = seen
        return tuple(place for place in places if now - seen[place.ticket][2] >= place.request.seconds)

    def soonest(self, places: Sequence[Place], now: float) -> float:
        """Seconds until the first of these would be dead if it did not move; infinite for none that was looked at."""
        seen = ((place.request.seconds, self._seen.get(place.ticket)) for place in places)
        return min((max(0.0, last[2] + seconds - now) for seconds, last in seen if last is not None), default=math.inf)

    def _look(self, place: Place, now: float) -> tuple[int | None, int, float]:
        before = self._seen.get(place.ticket)
        if before is not None and before[:2] == (place.token, place.beat):
            return before
        return place.token, place.beat, now
