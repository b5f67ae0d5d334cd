"""Group commit: every item once, in order, together with those that wait; no failure leaves anybody waiting."""

import signal
import threading
import time
from collections.abc import Callable, Sequence

import pytest

from incident.errors import Tampered, Unavailable
from tools.audit.group_commit import GroupCommit


class Slow:
    """A commit that takes as long as it is told to, and remembers its batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.entered, self.go_on = threading.Semaphore(0), threading.Semaphore(0)
        self.fails: Exception | None = None

    def __call__(self, batch: Sequence[int]) -> list[int]:
        self.batches.append(list(batch))
        self.entered.release()
        assert self.go_on.acquire(timeout=10)
        if self.fails is not None:
            error, self.fails = self.fails, None
            raise error
        return [item * 10 for item in batch]


class Crowd:
    """Threads that each submit one item, and what came of it."""

    def __init__(self, group: GroupCommit[int, int]) -> None:
        self.group = group
        self.came: dict[int, int | BaseException] = {}
        self.threads: list[threading.Thread] = []

    def submit(self, item: int) -> None:
        """Start a thread and wait until its item is in the queue or being committed."""
        before = len(self.group._waiting)
        thread = threading.Thread(target=self._run, args=(item,))
        self.threads.append(thread)
        thread.start()
        if item > 1:
            until(lambda: len(self.group._waiting) > before)

    def join(self) -> dict[int, int | BaseException]:
        for thread in self.threads:
            thread.join(10)
            assert not thread.is_alive()
        return self.came

    def _run(self, item: int) -> None:
        try:
            self.came[item] = self.group.submit(item)
        except (Unavailable, Tampered, TypeError) as error:
            self.came[item] = error


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def queued(count: int, slow: Slow, most: int = 1024) -> Crowd:
    """A crowd whose first item is being committed while the others wait."""
    crowd = Crowd(GroupCommit(slow, most))
    crowd.submit(1)
    assert slow.entered.acquire(timeout=10)
    for item in range(2, count + 1):
        crowd.submit(item)
    return crowd


def test_one_item_alone_is_one_batch() -> None:
    slow = Slow()
    slow.go_on.release()
    assert GroupCommit(slow).submit(4) == 40
    assert slow.batches == [[4]]


def test_what_waits_while_somebody_commits_goes_together_in_the_order_it_came() -> None:
    slow = Slow()
    crowd = queued(6, slow)
    slow.go_on.release(2)
    assert crowd.join() == {item: item * 10 for item in range(1, 7)}
    assert slow.batches == [[1], [2, 3, 4, 5, 6]]


def test_a_batch_is_bounded_and_the_rest_follows() -> None:
    slow = Slow()
    crowd = queued(6, slow, most=2)
    slow.go_on.release(4)
    assert crowd.join() == {item: item * 10 for item in range(1, 7)}
    assert slow.batches == [[1], [2, 3], [4, 5], [6]]


@pytest.mark.parametrize("error", [Unavailable("the disk is full"), Tampered("entry 3")])
def test_an_error_reaches_everybody_in_its_batch_and_nobody_else(error: Exception) -> None:
    slow = Slow()
    crowd = queued(4, slow)
    slow.go_on.release()
    assert slow.entered.acquire(timeout=10)
    slow.fails = error
    slow.go_on.release()
    came = crowd.join()
    assert came[1] == 10
    assert [(type(came[item]), str(came[item])) for item in (2, 3, 4)] == [(type(error), str(error))] * 3
    assert len({id(came[item]) for item in (2, 3, 4)}) == 3, "each thread raises an error of its own"
    slow.go_on.release()
    assert crowd.group.submit(5) == 50


def test_a_defect_in_a_commit_surfaces_in_one_thread_and_leaves_nobody_waiting() -> None:
    slow = Slow()
    crowd = queued(3, slow)
    slow.go_on.release()
    assert slow.entered.acquire(timeout=10)
    slow.fails = TypeError("a defect")
    slow.go_on.release()
    came = crowd.join()
    assert isinstance(came[2], TypeError)
    assert isinstance(came[3], Unavailable)
    assert "may or may not" in str(came[3])
    slow.go_on.release()
    assert crowd.group.submit(5) == 50


class Interrupted(Exception):
    """What Ctrl-C is in this test."""


def test_a_waiter_that_is_interrupted_leaves_the_queue_and_nobody_waits_for_it() -> None:
    slow = Slow()
    crowd = queued(1, slow)

    def interrupt(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGUSR1, interrupt)
    try:

        def soon() -> None:
            until(lambda: len(crowd.group._waiting) == 1)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)

        threading.Thread(target=soon).start()
        with pytest.raises(Interrupted):
            crowd.group.submit(2)
    finally:
        signal.signal(signal.SIGUSR1, before)
    crowd.submit(3)
    slow.go_on.release(2)
    assert crowd.join() == {1: 10, 3: 30}
    assert slow.batches == [[1], [3]]


def test_many_threads_each_get_their_own_result_and_no_two_commit_at_once() -> None:
    inside, most_inside, batches = [0], [0], []

    def commit(batch: Sequence[int]) -> list[int]:
        inside[0] += 1
        most_inside[0] = max(most_inside[0], inside[0])
        batches.append(len(batch))
        time.sleep(0.0005)
        inside[0] -= 1
        return [-item for item in batch]

    group = GroupCommit[int, int](commit)
    wrong: list[int] = []

    def work(first: int) -> None:
        wrong.extend(item for item in range(first, first + 50) if group.submit(item) != -item)

    threads = [threading.Thread(target=work, args=(1 + 50 * number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert wrong == []
    assert sum(batches) == 600
    assert most_inside[0] == 1
    assert len(batches) < 600, "some went together"
