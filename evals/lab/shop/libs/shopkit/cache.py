"""A bounded cache in memory whose entries get too old."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from shopkit import metrics

T = TypeVar("T")


class Cache(Generic[T]):
    """At most `room` values, each for `seconds`; the one that was used longest ago goes first."""

    def __init__(self, room: int, seconds: float) -> None:
        self._room, self._seconds = room, seconds
        self._kept: OrderedDict[str, tuple[float, T]] = OrderedDict()
        metrics.watch("cache_entries", lambda: len(self._kept))

    async def get(self, key: str, fetch: Callable[[], Awaitable[T]]) -> T:
        """The value of a key, fetched when it is not there or too old."""
        found = self._kept.get(key)
        if found is not None and time.monotonic() - found[0] < self._seconds:
            self._kept.move_to_end(key)
            metrics.count("cache_hits")
            return found[1]
        metrics.count("cache_misses")
        value = await fetch()
        self._kept[key] = (time.monotonic(), value)
        self._kept.move_to_end(key)
        while len(self._kept) > self._room:
            self._kept.popitem(last=False)
        return value
