"""Virtual time: sleeping advances it, and things can be scheduled to happen meanwhile.

With it a single thread plays several parties: while one of them sleeps, what the others do at
that time is run, in order.  The wall clock can be set on its own, to play a jump.
"""

import heapq
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""Start of virtual time unless a test says otherwise."""


class ManualClock:
    """A clock that moves only when it is told to."""

    def __init__(self, start: datetime = EPOCH) -> None:
        self._wall = start
        self._monotonic = 1_000.0  # not 0: code that takes 0 for "never" shows
        self._agenda: list[tuple[float, int, Callable[[], object]]] = []
        self._planned = 0

    def now(self) -> datetime:
        """The virtual wall clock."""
        return self._wall

    def monotonic(self) -> float:
        """The virtual monotonic clock, in seconds."""
        return self._monotonic

    def sleep(self, seconds: float) -> None:
        """Advance both clocks, running what falls due on the way."""
        self.advance(max(0.0, seconds))

    def advance(self, seconds: float) -> None:
        """Let time pass.  Raises ValueError when asked to go back or nowhere in particular."""
        if not (math.isfinite(seconds) and seconds >= 0):
            raise ValueError(f"time cannot advance by {seconds} seconds")
        end = self._monotonic + seconds
        while self._agenda and self._agenda[0][0] <= end:
            due, _, action = heapq.heappop(self._agenda)
            # An action before this one may have slept past its time.
            self._step(max(due, self._monotonic))
            action()
        self._step(max(end, self._monotonic))

    def after(self, seconds: float, action: Callable[[], object]) -> None:
        """Run an action once this much more time has passed."""
        self._planned += 1
        # The number keeps the order of what is due at once, and actions cannot be compared.
        heapq.heappush(self._agenda, (self._monotonic + seconds, self._planned, action))

    def set_wall(self, now: datetime) -> None:
        """Let the wall clock jump; the monotonic clock does not notice."""
        self._wall = now

    def _step(self, to: float) -> None:
        self._wall += timedelta(seconds=to - self._monotonic)
        self._monotonic = to
