"""Cache of items read from the files of one service, in order of time, within bounds."""

import bisect
from collections.abc import Callable, Hashable
from datetime import datetime
from operator import attrgetter
from typing import Generic, Protocol, TypeVar

from tools.embedded import lines
from tools.embedded.tail import Tail, Written


class Item(Protocol):
    """Something that happened at a time in a version."""

    @property
    def at(self) -> datetime:
        """The item's time."""

    @property
    def version(self) -> str:
        """The service's version that it happened in."""


T = TypeVar("T", bound=Item)
_at = attrgetter("at")


class Shelf(Generic[T]):
    """Items made from lines.  Asking again reads only what was added since."""

    def __init__(
        self,
        tail: Tail,
        make: Callable[[Written], T | None],
        same: Callable[[T], Hashable | None],
        most: int,
    ) -> None:
        """`same` tells items that are one and the same, or None for one that is like no other; `most` items are kept."""
        self._tail = tail
        self._make = make
        self._same = same
        self._most = most
        self._items: list[T] = []
        self._seen: set[Hashable] = set()
        self.forgotten: datetime | None = None
        """Time of the newest item that had to go because there were too many; None when none had to."""

    def catch_up(self, since: datetime) -> None:
        """Read what was added; everything from `since` on when that is earlier than ever asked.

        Raises Unavailable when more was added than one question reads.
        """
        if not self._tail.covers(since):
            self._tail.rewind(since)
            self._items, self._seen, self.forgotten = [], set(), None
        for written in self._tail.fresh():
            item = self._make(written)
            if item is not None:
                self._put(item)

    def between(self, start: datetime, end: datetime, version: str | None) -> tuple[T, ...]:
        """Items from `start` to `end`, oldest first."""
        first = bisect.bisect_left(self._items, start, key=_at)
        last = bisect.bisect_right(self._items, end, key=_at)
        return tuple(item for item in self._items[first:last] if version in (None, item.version))

    def _put(self, item: T) -> None:
        same = self._same(item)
        if same is not None and same in self._seen:
            return
        if same is not None:
            self._seen.add(same)
        # Files of several processes are read one after the other, so their items do not come in order.
        bisect.insort(self._items, item, key=_at)
        if len(self._items) > self._most:
            oldest = self._items.pop(0)
            self._seen.discard(self._same(oldest))
            self.forgotten = oldest.at


class Shelves(Generic[T]):
    """One shelf for each service, made when first asked for."""

    def __init__(
        self,
        folder: lines.Folder,
        key: str,
        make: Callable[[Written], T | None],
        same: Callable[[T], Hashable | None],
        most: int,
    ) -> None:
        """`key` names a line's time."""
        self._folder = folder
        self._key = key
        self._make = make
        self._same = same
        self._most = most
        self._shelves: dict[str, Shelf[T]] = {}

    def of(self, service: str) -> Shelf[T]:
        """The shelf of a service."""
        if service not in self._shelves:
            tail = Tail(self._folder, service, self._key)
            self._shelves[service] = Shelf(tail, self._make, self._same, self._most)
        return self._shelves[service]
