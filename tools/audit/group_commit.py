"""Group commit: the first thread leads, and the items of those who wait go along with the next commit.

While a leader is committing, later items queue up; when it is done, the first of them leads and
commits all of them at once.  The slower a commit, the more go with it (group commit: DeWitt et al.,
Implementation Techniques for Main Memory Database Systems, SIGMOD 1984).
"""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from incident.errors import SutureError, Unavailable

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST = 1024
"""Items of one commit: bounds what a single write holds in memory."""


class _Place(Generic[Item, Result]):
    """One thread's place in the queue."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.turn = threading.Lock()
        """Held until it is done or is to lead.  A lock, because a semaphore takes ten times as long to wake."""
        self.turn.acquire()
        self.leads = False
        self.result: Result | None = None
        self.error: SutureError | None = None


class GroupCommit(Generic[Item, Result]):
    """Turns a function that commits many items at once into one that threads call with one item each.

    `commit` returns one result an item, in order.  It is never called by two threads at once.
    """

    def __init__(self, commit: Callable[[Sequence[Item]], Sequence[Result]], most: int = MOST) -> None:
        self._commit, self._most = commit, most
        self._gate = threading.Lock()
        self._waiting: list[_Place[Item, Result]] = []
        self._led = False

    def submit(self, item: Item) -> Result:
        """Commit the item, with whatever others wait, and return its result.

        Raises what `commit` raised, in every thread whose item was in that batch.
        """
        mine: _Place[Item, Result] = _Place(item)
        with self._gate:
            self._waiting.append(mine)
            mine.leads, self._led = not self._led, True
        if not mine.leads:
            self._wait(mine)
        if mine.leads:
            self._lead(mine)
        elif mine.error is not None:
            # One error reached several threads: each raises its own, with the first as the cause.
            raise type(mine.error)(*mine.error.args) from mine.error
        assert mine.result is not None  # noqa: S101 (results are never None: `commit` says so)
        return mine.result

    def _wait(self, mine: _Place[Item, Result]) -> None:
        woken = False
        try:
            mine.turn.acquire()
            woken = True
        finally:
            if not woken:  # interrupted: leave the queue, and never with the lead in hand
                with self._gate:
                    if mine in self._waiting:
                        self._waiting.remove(mine)
                    if mine.leads:
                        self._hand_on()

    def _lead(self, mine: _Place[Item, Result]) -> None:
        batch: list[_Place[Item, Result]] = []
        # For the others in the batch when this thread is interrupted (KeyboardInterrupt) inside of the
        # commit.
        error: SutureError = Unavailable("the batch was given up half-way: it may or may not have been written")
        results: Sequence[Result] = ()
        try:
            with self._gate:
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            results = self._commit([place.item for place in batch])
        except SutureError as raised:
            error = raised
            raise
        finally:
            with self._gate:
                self._hand_on()
            for number, place in enumerate(batch):
                if number < len(results):
                    place.result = results[number]
                else:
                    place.error = error
                if place is not mine:
                    place.turn.release()

    def _hand_on(self) -> None:
        self._led = bool(self._waiting)
        if self._waiting:
            self._waiting[0].leads = True
            self._waiting[0].turn.release()
