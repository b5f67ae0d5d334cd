"""Memory and CPU by their trend."""

import random

import pytest

from policies import limits
from policies.rollout import trend

BOUNDS = limits.Canary().memory
MIB = 1024.0 * 1024.0


def points(canary: list[float], stable: float = 100.0) -> trend.Points:
    return tuple((float(second), value * MIB, stable * MIB) for second, value in enumerate(canary))


def noisy(values: list[float], seed: int = 1) -> list[float]:
    chance = random.Random(seed)
    return [value + chance.gauss(0, 0.5) for value in values]


CASES = {
    "flat": ([100.0] * 20, "steady"),
    "noise": (noisy([100.0] * 20), "steady"),
    "leak": (noisy([100.0 + 3 * t for t in range(20)]), "growing"),
    "fast leak, six points": ([100.0 + 10 * t for t in range(6)], "growing"),
    "five points are too few": ([100.0 + 10 * t for t in range(5)], "unknown"),
    "warm-up that levels off": ([100.0 + min(t, 5) * 8 for t in range(20)], "steady"),
    "below the noise floor": ([100.0 + 0.5 * t for t in range(20)], "steady"),
    "shrinking": ([200.0 - 3 * t for t in range(20)], "steady"),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_shapes_of_memory(name: str) -> None:
    values, want = CASES[name]
    assert trend.verdict(points(values), BOUNDS) == want


def test_growth_that_stable_shares_is_no_leak() -> None:
    both = tuple((float(t), (100 + 5 * t) * MIB, (100 + 5 * t) * MIB) for t in range(20))
    assert trend.verdict(both, BOUNDS) == "steady"
    alone = tuple((t, canary, 100 * MIB) for t, canary, _ in both)
    assert trend.verdict(alone, BOUNDS) == "growing"


def test_a_clock_that_stands_still_is_unknown() -> None:
    assert trend.verdict(tuple((1.0, 1e8, 1e8) for _ in range(9)), BOUNDS) == "unknown"


def test_a_point_without_one_of_the_two_is_no_point() -> None:
    assert trend.add((), 1.0, None, 1e8) == ()
    assert trend.add((), 1.0, 1e8, None) == ()
    assert trend.add((), 1.0, 1e8, 1e8) == ((1.0, 1e8, 1e8),)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_no_point(value: float) -> None:
    assert trend.add((), 1.0, value, 1e8) == ()
    assert trend.add((), 1.0, 1e8, value) == ()


def test_the_same_mechanism_judges_cpu_in_its_own_unit() -> None:
    cpu = limits.Canary().cpu
    rising = tuple((float(t), 4.0 + 1.5 * t, 4.0) for t in range(12))
    falling = tuple((float(t), 40.0 - 1.5 * t, 4.0) for t in range(12))
    assert trend.verdict(rising, cpu) == "growing"
    assert trend.verdict(falling, cpu) == "steady"
    assert trend.verdict(tuple((t, 4.0 + 0.5 * t, 4.0) for t, _, _ in rising), cpu) == "steady"


def test_a_look_that_is_taken_again_is_no_further_point() -> None:
    assert trend.add(((1.0, 1e8, 1e8),), 1.0, 2e8, 1e8) == ((1.0, 1e8, 1e8),)


def test_points_stay_bounded_and_keep_the_newest() -> None:
    kept: trend.Points = ()
    for second in range(1000):
        kept = trend.add(kept, float(second), 1.0, 1.0)
        assert len(kept) <= trend.MAX_POINTS
        assert kept[-1][0] == second
    assert [point[0] for point in kept] == sorted(point[0] for point in kept)


def test_a_new_stage_counts_from_its_own_start() -> None:
    assert trend.shift(((10.0, 1.0, 2.0),), 12.5) == ((-2.5, 1.0, 2.0),)
