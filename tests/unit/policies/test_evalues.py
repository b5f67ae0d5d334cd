"""E-values: their expectation under the null is at most one, whatever the null."""

import math
import random

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from policies.rollout import evalues

RATES = st.floats(0.0005, 0.6)
SHARES = st.sampled_from([0.05, 0.1, 0.3, 0.5])
DELTAS = st.sampled_from([0.01, 0.02, 0.025, 0.05])


def test_the_relative_risks_are_log_spaced_from_two_to_fifty() -> None:
    assert evalues.RISKS[0] == 2.0
    assert evalues.RISKS[-1] == pytest.approx(50.0)
    steps = [b / a for a, b in zip(evalues.RISKS, evalues.RISKS[1:], strict=False)]
    assert steps == pytest.approx([steps[0]] * 3)


@examples(SHARES, st.sampled_from(evalues.RISKS), st.floats(0.0, 1.0))
def test_an_error_that_falls_by_chance_is_no_evidence(share: float, risk: float, below: float) -> None:
    truth = share * below
    on_canary, on_stable = evalues.split_step(risk, share, 1, 0), evalues.split_step(risk, share, 0, 1)
    assert truth * math.exp(on_canary) + (1 - truth) * math.exp(on_stable) <= 1.0 + 1e-9


@examples(st.floats(0.001, 0.3), st.floats(1.5, 50.0), st.floats(0.0, 1.0))
def test_a_rate_at_or_below_the_known_one_is_no_evidence_that_it_is_above(
    known: float, risk: float, below: float
) -> None:
    worse, truth = evalues.odds_times(known, risk), known * below
    bad, good = evalues.rate_step(worse, known, 1, 0), evalues.rate_step(worse, known, 0, 1)
    assert truth * math.exp(bad) + (1 - truth) * math.exp(good) <= 1.0 + 1e-9


@examples(st.floats(0.01, 0.5), st.floats(0.01, 0.9), st.floats(0.0, 1.0))
def test_a_rate_at_or_above_the_known_one_is_no_evidence_that_it_is_below(
    known: float, fraction: float, above: float
) -> None:
    better, truth = known * fraction, known + (1 - known) * above
    bad, good = evalues.rate_step(better, known, 1, 0), evalues.rate_step(better, known, 0, 1)
    assert truth * math.exp(bad) + (1 - truth) * math.exp(good) <= 1.0 + 1e-9


@examples(RATES, DELTAS, SHARES, st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_canary_worse_by_the_margin_is_no_evidence_that_it_is_not(
    rate: float, delta: float, share: float, where: float, how_much: float
) -> None:
    stable = where * (1 - delta)
    canary = stable + delta + how_much * (1 - stable - delta)
    steps = [
        (share * canary, (1, 0, 0, 0)),
        (share * (1 - canary), (0, 1, 0, 0)),
        ((1 - share) * stable, (0, 0, 1, 0)),
        ((1 - share) * (1 - stable), (0, 0, 0, 1)),
    ]
    mean = sum(chance * math.exp(evalues.margin_step(rate, delta, share, *counts)) for chance, counts in steps)
    assert mean <= 1.0 + 1e-9


@settings(deadline=None)
@examples(st.floats(0.001, 0.4), DELTAS, SHARES)
def test_the_boundary_point_is_the_nearest_one(rate: float, delta: float, share: float) -> None:
    def kl(p: float, q: float) -> float:
        return p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))

    def distance(stable: float) -> float:
        return share * kl(rate, stable + delta) + (1 - share) * kl(rate, stable)

    found = evalues.boundary(rate, delta, share)
    grid = [(1 - delta) * step / 2000 for step in range(1, 2000)]
    assert distance(found) <= min(distance(point) for point in grid) + 1e-9


@pytest.mark.parametrize("rate", [0.0, 1e-12, 1.0])
def test_a_rate_at_the_edge_stays_finite(rate: float) -> None:
    assert math.isfinite(evalues.margin_step(rate, 0.02, 0.1, 3, 100, 2, 900))


def test_equal_rates_earn_evidence_for_no_worse_and_a_worse_canary_does_not() -> None:
    good = evalues.margin_step(0.003, 0.025, 0.5, 3, 997, 3, 997)
    bad = evalues.margin_step(0.003, 0.025, 0.5, 28, 972, 3, 997)
    assert good > math.log(20) > bad


@examples(st.lists(st.floats(-50, 50), min_size=1, max_size=6))
def test_a_mixture_lies_between_its_parts(logs: list[float]) -> None:
    mixed = evalues.mixture(tuple(logs))
    assert min(logs) - 1e-9 <= mixed <= max(logs) + 1e-9


def test_a_mixture_of_huge_products_does_not_overflow() -> None:
    assert evalues.mixture((5000.0, 0.0)) == pytest.approx(5000.0 - math.log(2))


@examples(st.lists(st.floats(-50, 50), min_size=3, max_size=3))
def test_a_weighted_mean_is_never_later_than_sharing_alpha_among_the_parts(logs: list[float]) -> None:
    shares = (0.65, 0.2, 0.15)
    mean = evalues.average(tuple(logs), shares)
    assert mean == pytest.approx(math.log(sum(s * math.exp(log) for s, log in zip(shares, logs, strict=True))))
    bonferroni = any(log >= math.log(100 / share) for log, share in zip(logs, shares, strict=True))
    assert mean >= math.log(100) - 1e-9 or not bonferroni


def crossed(chance: random.Random, share: float, errors: int, level: float) -> bool:
    logs = [0.0] * len(evalues.RISKS)
    for _ in range(errors):
        on_canary = chance.random() < share
        for index, risk in enumerate(evalues.RISKS):
            logs[index] += evalues.split_step(risk, 0.1, on_canary, not on_canary)
        if evalues.mixture(tuple(logs)) >= level:
            return True
    return False


def test_looking_after_every_error_alarms_no_more_often_than_alpha() -> None:
    chance = random.Random(5)
    level = math.log(1 / 0.05)
    false = sum(crossed(chance, 0.1, 300, level) for _ in range(400))
    assert false / 400 <= 0.05
    # The control: a canary with five times the errors is found nearly always.
    found = sum(crossed(chance, evalues.odds_times(0.1, 5.0), 300, level) for _ in range(50))
    assert found >= 49
