"""Users and routing: the schedule, the mix and the split, each with a seed of its own."""

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.lab.traffic import mix, split


def test_arrivals_come_at_the_rate_and_are_the_same_for_a_seed() -> None:
    first = list(itertools.islice(mix.arrivals(random.Random(5), lambda: 100.0), 5000))
    assert first == list(itertools.islice(mix.arrivals(random.Random(5), lambda: 100.0), 5000))
    assert 5000 / first[-1] == pytest.approx(100.0, rel=0.05)


def test_gaps_between_arrivals_vary_as_a_poisson_process_does() -> None:
    times = list(itertools.islice(mix.arrivals(random.Random(5), lambda: 10.0), 5000))
    gaps = [after - before for before, after in itertools.pairwise(times)]
    mean = sum(gaps) / len(gaps)
    deviation = math.sqrt(sum((gap - mean) ** 2 for gap in gaps) / len(gaps))
    assert deviation == pytest.approx(mean, rel=0.1)


@given(st.floats(0, 1))
def test_a_shift_gives_the_new_kind_its_share_and_leaves_the_rest_in_proportion(share: float) -> None:
    mixed = mix.shifted({"browse": 3, "buy": 1}, {"import": share})
    assert mixed["import"] == pytest.approx(share)
    assert mixed["browse"] == pytest.approx(3 * mixed["buy"])
    assert sum(mixed.values()) == pytest.approx(1)


@pytest.mark.parametrize("kinds", [{"import": 1.5}, {"import": -0.1}, {"a": 0.6, "b": 0.6}])
def test_shares_that_make_no_sense_are_refused(kinds: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        mix.shifted({"browse": 1}, kinds)


@pytest.mark.parametrize("weight", [1, 10, 50])
def test_the_split_stays_within_binomial_bounds(weight: int) -> None:
    routed = split.Split(random.Random(3))
    routed.route([split.Share("old", 1, 100 - weight), split.Share("new", 2, weight)])
    picks = [routed.pick() for _ in range(20_000)]
    got = sum(pick is not None and pick.version == "new" for pick in picks)
    expected = 20_000 * weight / 100
    assert abs(got - expected) < 5 * math.sqrt(expected * (1 - weight / 100))


@given(st.integers(0, 2**32))
def test_a_version_without_weight_never_gets_a_request(seed: int) -> None:
    routed = split.Split(random.Random(seed))
    routed.route([split.Share("a", 1, 0), split.Share("b", 2, 100), split.Share("c", 3, 0)])
    assert {pick.version for pick in (routed.pick() for _ in range(20)) if pick} == {"b"}


def test_nothing_routed_picks_nobody() -> None:
    routed = split.Split(random.Random(1))
    assert routed.pick() is None
    routed.route([split.Share("a", 1, 0)])
    assert routed.pick() is None


def test_counts_are_of_real_outcomes_and_survive_a_new_split() -> None:
    routed = split.Split(random.Random(1))
    routed.route([split.Share("a", 1, 100)])
    for status, seconds in ((200, 0.1), (404, 0.1), (500, 0.1), (None, 0.1), (200, 1.0)):
        routed.count("a", status, seconds)
    routed.route([split.Share("a", 9, 90), split.Share("b", 2, 10)])
    counts = routed.counts["a"]
    assert (counts.requests, counts.errors, counts.slow) == (5, 2, 1)


def test_counts_begin_anew_for_a_version_that_comes_back() -> None:
    routed = split.Split(random.Random(1))
    routed.route([split.Share("a", 1, 100)])
    routed.count("a", 500, 0.1)
    routed.route([split.Share("b", 2, 100)])
    routed.count("a", 500, 0.1)  # an answer that comes after the removal counts for nobody
    routed.route([split.Share("a", 1, 100)])
    assert routed.counts["a"].requests == 0


def test_more_users_come_from_the_moment_at_which_the_rate_is_raised() -> None:
    times = [0.0]
    arriving = mix.arrivals(random.Random(5), lambda: 50.0 if times[-1] < 20 else 200.0)
    while times[-1] < 40:
        times.append(next(arriving))
    assert sum(at < 20 for at in times) == pytest.approx(1000, rel=0.15)
    assert sum(at >= 20 for at in times) == pytest.approx(4000, rel=0.15)
