"""A process that has run out of descriptors finds some."""

import errno
import os
import resource
from collections.abc import Iterator

import pytest

from tools.room import Room


@pytest.fixture
def few() -> Iterator[list[int]]:
    """Every descriptor below a low limit is taken, all but the ones that a room keeps."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(name) for name in os.listdir("/proc/self/fd"))  # noqa: PTH208 (names only)
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 30, hard))
    taken: list[int] = []
    yield taken
    for descriptor in taken:
        os.close(descriptor)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def exhaust(taken: list[int]) -> None:
    for _ in range(1000):
        try:
            taken.append(os.open(os.devnull, os.O_RDONLY))
        except OSError as error:
            assert error.errno == errno.EMFILE  # noqa: PT017 (the loop ends here)
            return
    pytest.fail("there was no limit")


def test_what_was_kept_back_can_be_opened_again(few: list[int]) -> None:
    room = Room()
    room.keep()
    exhaust(few)
    room.release()
    few.append(os.open(os.devnull, os.O_RDONLY))


def test_a_soft_limit_does_not_stand_in_the_way(few: list[int]) -> None:
    room = Room()
    exhaust(few)
    room.make()
    few.append(os.open(os.devnull, os.O_RDONLY))


def test_control_without_room_nothing_can_be_opened(few: list[int]) -> None:
    exhaust(few)
    exhaust(few)


def test_making_room_twice_closes_nothing_of_others(few: list[int]) -> None:
    room = Room()
    room.keep()
    room.make()
    few.append(os.open(os.devnull, os.O_RDONLY))
    room.make()
    assert os.fstat(few[-1])
