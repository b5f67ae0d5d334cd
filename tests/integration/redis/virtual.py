"""A Redis store of locks that waits in virtual time."""

from tests.unit.locks.locks_contract import claim, granted
from tools.locks import redis_locks
from tools.scripted.clock import ManualClock

LONGEST = 600.0


class Sleep:
    """Waits in virtual time and hears no bell."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock

    def wait(self, key: str, seconds: float) -> None:
        self._clock.sleep(seconds)


def past(url: str, prefix: str) -> None:
    """Wait out the grace of a new store, on a clock that nobody else sees."""
    clock = ManualClock()
    store = redis_locks.open(url, clock, longest=1.0, bell=lambda _: Sleep(clock), prefix=prefix)
    store.release(granted(claim(store, "first", seconds=1.0, wait=2.0)))
    store.close()
