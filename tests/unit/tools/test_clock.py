"""Virtual time does what a single thread needs to play several parties; real time is in UTC."""

from datetime import UTC, datetime, timedelta

import pytest

from tools.clock import SystemClock
from tools.scripted.clock import EPOCH, ManualClock


def test_sleeping_advances_both_clocks() -> None:
    clock = ManualClock()
    started = clock.monotonic()
    clock.sleep(2.5)
    assert clock.monotonic() - started == 2.5
    assert clock.now() == EPOCH + timedelta(seconds=2.5)


def test_what_falls_due_happens_at_its_time_and_in_order() -> None:
    clock, seen = ManualClock(), list[tuple[str, float]]()
    for name, after in (("late", 3.0), ("early", 1.0), ("also early", 1.0), ("never", 9.0)):
        clock.after(after, lambda name=name: seen.append((name, clock.monotonic() - 1_000.0)))  # type: ignore[misc]
    clock.sleep(5.0)
    assert seen == [("early", 1.0), ("also early", 1.0), ("late", 3.0)]
    assert clock.monotonic() == 1_005.0


def test_something_that_happens_may_itself_sleep_and_time_does_not_go_back() -> None:
    clock = ManualClock()
    clock.after(1.0, lambda: clock.sleep(10.0))
    clock.sleep(2.0)
    assert clock.monotonic() == 1_011.0


def test_a_jump_of_the_wall_clock_leaves_the_other_alone() -> None:
    clock = ManualClock()
    clock.set_wall(EPOCH - timedelta(days=1))
    assert clock.monotonic() == 1_000.0
    clock.sleep(1.0)
    assert clock.now() == EPOCH - timedelta(days=1) + timedelta(seconds=1)


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf")])
def test_time_goes_neither_back_nor_nowhere(seconds: float) -> None:
    with pytest.raises(ValueError, match="advance"):
        ManualClock().advance(seconds)


def test_real_time_is_in_utc_and_goes_on() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    clock.sleep(0.01)
    clock.sleep(-5.0)
    assert clock.monotonic() - before >= 0.01
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
