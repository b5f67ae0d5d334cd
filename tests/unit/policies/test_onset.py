"""The estimated time of the first bad request."""

import random
from datetime import datetime

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from policies.diagnosis import onset
from tests.unit.policies import given

ALERT = given.at(100)


def points(values: list[float]) -> onset.Points:
    return tuple((given.at(second), value) for second, value in enumerate(values))


def estimated(values: list[float]) -> float:
    return (onset.estimate(points(values), ALERT, 10.0) - given.ONSET).total_seconds()


def test_a_step_is_found_at_the_start_of_its_interval() -> None:
    assert estimated([0.0] * 60 + [12.0] * 40) == 59.0


@pytest.mark.parametrize("seed", range(10))
def test_a_noisy_step_is_found_within_two_seconds(seed: int) -> None:
    chance = random.Random(seed)
    calm = [float(sum(chance.random() < 0.003 for _ in range(80))) for _ in range(70)]
    bad = [float(sum(chance.random() < 0.15 for _ in range(80))) for _ in range(30)]
    assert abs(estimated(calm + bad) - 69.0) <= 2.0


@pytest.mark.parametrize("values", [[], [5.0], [0.0] * 50, [3.0] * 50, [9.0] * 20 + [0.0] * 30], ids=str)
def test_without_a_visible_step_it_is_the_window_before_the_alert(values: list[float]) -> None:
    assert estimated(values) == 90.0


def test_values_that_are_no_numbers_are_left_out() -> None:
    assert estimated([0.0] * 30 + [float("nan")] * 3 + [0.0] * 27 + [12.0] * 40) == 59.0


def test_a_step_at_the_very_second_of_the_alert_is_still_seen() -> None:
    assert estimated([0.0] * 100 + [40.0]) == 99.0


def test_what_came_after_the_alert_does_not_move_it() -> None:
    worse_later = [0.0] * 60 + [12.0] * 41 + [80.0] * 50
    assert estimated(worse_later) == 59.0


@examples(st.lists(st.tuples(st.integers(-500, 500), st.floats(0, 1000)), max_size=60))
def test_it_never_lies_after_the_alert(raw: list[tuple[int, float]]) -> None:
    series: tuple[tuple[datetime, float], ...] = tuple((given.at(second), value) for second, value in raw)
    assert onset.estimate(series, ALERT, 10.0) <= ALERT


def test_the_order_of_the_points_changes_nothing() -> None:
    series = points([0.0] * 60 + [12.0] * 40)
    assert onset.estimate(series[::-1], ALERT, 10.0) == onset.estimate(series, ALERT, 10.0)
