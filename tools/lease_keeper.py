"""Renews a lease in a background thread; treats it as lost before it expires.

A lease is renewed at a third of its length on the monotonic clock.  Work stops a margin before the
lease would end, because a token that is only checked when writing still loses updates.
"""

from threading import Event, Thread

from incident.errors import Fenced
from tools import attempt, ports

MARGIN = 0.25
"""Share of the lease that is left unused, for clocks and scheduling."""


class LeaseKeeper:
    """Keeps at most one lease alive."""

    def __init__(self, locks: ports.Locks, clock: ports.Clock) -> None:
        self._locks = locks
        self._clock = clock
        self._lease: ports.Lease | None = None
        self._good_until = 0.0
        self._lost: ports.Lease | None = None
        self._stop = Event()
        self._thread: Thread | None = None

    def take(
        self, owner: str, exclusive: tuple[str, ...], shared: tuple[str, ...], *, seconds: float, wait: float
    ) -> ports.Lease | ports.Busy:
        """Take all locks or none, giving up first whatever is held.  Raises Unavailable."""
        self.stop()
        asked = self._clock.monotonic()
        answer = self._locks.acquire(owner, exclusive=exclusive, shared=shared, seconds=seconds, wait=wait)
        if isinstance(answer, ports.Busy):
            return answer
        # The grant may be as old as the request when nobody was in the way, so count from there
        # unless we waited, in which case a fresh renewal dates it.
        self._lease = answer
        self._good_until = asked + seconds * (1 - MARGIN)
        self._renew(answer)
        self._stop = Event()
        self._thread = Thread(target=self._keep, args=(answer, self._stop), name="lease-keeper", daemon=True)
        self._thread.start()
        return answer

    @property
    def lease(self) -> ports.Lease | None:
        """The lease that is being renewed, if any."""
        return self._lease

    def holds(self, lease: ports.Lease) -> bool:
        """True when this process holds exactly this lease with time left."""
        return (
            self._lease is not None and self._lease.token == lease.token and self._clock.monotonic() < self._good_until
        )

    def lost(self, lease: ports.Lease) -> bool:
        """True when the store told this process that the lease is no longer ours: taken over, or forgotten."""
        return self._lost == lease

    def check(self, lease: ports.Lease) -> None:
        """Raise Fenced unless the lease is held with time left."""
        if not self.holds(lease):
            raise Fenced(f"the lock with token {lease.token} is no longer held")

    def release(self) -> None:
        """Stop renewing and give the lease back; a store that does not answer lets it run out."""
        # Renewing ends before the lease is given back, or a renewal could follow; `stop` forgets it.
        lease = self._lease
        self.stop()
        if lease is not None:
            attempt.failure(lambda: self._locks.release(lease))

    def stop(self) -> None:
        """Stop renewing; the lease runs out by itself."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._thread, self._lease = None, None

    def _keep(self, lease: ports.Lease, stop: Event) -> None:
        while not stop.wait(lease.seconds / 3):
            if not self._renew(lease):
                return

    def _renew(self, lease: ports.Lease) -> bool:
        """Renew once.  True to go on trying: a store that does not answer may answer next time."""
        # Before the question: the store's lease may have begun at any moment after it.
        asked = self._clock.monotonic()
        renewed = attempt.run(lambda: self._locks.renew(lease))
        if isinstance(renewed, Exception):
            return True
        if renewed:
            self._good_until = asked + lease.seconds * (1 - MARGIN)
        else:
            self._good_until, self._lost = 0.0, lease
        return renewed
