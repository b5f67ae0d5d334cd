"""The policy's arithmetic over many runs at once, and the check that it is the policy's.

The factors come from `policies.rollout.evalues` itself; only sums, means and the bisection are done by numpy.
"""

import math
from datetime import UTC, datetime
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from evals.bench.canary.information import GRID, MARGINS
from incident.rollout import Arm, Baseline, CanaryMemory, Look
from policies import limits
from policies.rollout import evalues, looks, questions

Floats: TypeAlias = npt.NDArray[np.float64]
"""One number a run, or one a run and relative risk."""
Indices: TypeAlias = npt.NDArray[np.intp]
"""Numbers of the runs."""

BOUNDS = limits.Canary()
START = datetime(2026, 1, 1, tzinfo=UTC)
CLOSE = 1e-9
"""Largest difference allowed between the two, look by look."""


def split(share: float) -> tuple[Floats, Floats]:
    """Sums that one error on the canary, and one on stable, adds for each relative risk."""
    on_canary = [evalues.split_step(risk, share, 1, 0) for risk in evalues.RISKS]
    return np.array(on_canary), np.array([evalues.split_step(risk, share, 0, 1) for risk in evalues.RISKS])


def rate(null: float) -> tuple[Floats, Floats]:
    """Sums that one bad, and one good answer of the canary adds for each relative risk over a known rate."""
    worse = [evalues.odds_times(null, risk) for risk in evalues.RISKS]
    bad = [evalues.rate_step(rate, null, 1, 0) for rate in worse]
    return np.array(bad), np.array([evalues.rate_step(rate, null, 0, 1) for rate in worse])


def mixture(logs: Floats) -> Floats:
    """`evalues.mixture` of each row."""
    return _log_sum(logs) - math.log(logs.shape[1])


def _log_sum(logs: Floats) -> Floats:
    """Log of each row's sum of exponentials, several times faster than `numpy.logaddexp.reduce`."""
    top = logs.max(axis=1)
    summed: Floats = top + np.log(np.exp(logs - top[:, None]).sum(axis=1))
    return summed


def harm(other: Floats, everything: Floats, slow: Floats) -> Floats:
    """`questions.harm` of each run."""
    parts = {"other": mixture(other), "all": mixture(everything), "slow": mixture(slow)}
    weighted = [parts[name] + math.log(questions.SHARES[name]) for name in questions.ALARMS]
    return _log_sum(np.stack(weighted, axis=1))


def boundary(rates: Floats, delta: float, share: float) -> Floats:
    """`evalues.boundary` of each rate."""
    low = np.full_like(rates, 1e-9)
    high = np.minimum(rates, 1.0 - delta - 1e-9)
    for _ in range(80):
        middle = (low + high) / 2.0
        canary = middle + delta
        slope = share * (canary - rates) / (canary * (1.0 - canary))
        slope += (1.0 - share) * (middle - rates) / (middle * (1.0 - middle))
        high, low = np.where(slope > 0.0, middle, high), np.where(slope > 0.0, low, middle)
    found: Floats = (low + high) / 2.0
    return found


def margin(rates: Floats, delta: float, share: float, counts: tuple[Floats, Floats, Floats, Floats]) -> Floats:
    """`evalues.margin_step` of each run; counts are bad and good answers of the canary, then of stable."""
    kinds, place = np.unique(np.clip(rates, 1e-6, 1.0 - delta - 1e-6), return_inverse=True)
    stable = boundary(kinds, delta, share)
    canary = stable + delta
    most = np.ones_like(kinds)
    for true_stable, true_canary in ((0.0, delta), (0.0, 1.0), (1.0 - delta, 1.0)):
        mean = share * _mean(kinds, canary, true_canary) + (1.0 - share) * _mean(kinds, stable, true_stable)
        most = np.maximum(most, mean)
    factors = [kinds / canary, (1.0 - kinds) / (1.0 - canary), kinds / stable, (1.0 - kinds) / (1.0 - stable)]
    steps = [np.log(factor) - np.log(most) for factor in factors]
    total: Floats = sum((count * step[place] for count, step in zip(counts, steps, strict=True)), np.zeros(rates.shape))
    return total


def _mean(rates: Floats, null: Floats, true: float) -> Floats:
    mean: Floats = true * rates / null + (1.0 - true) * (1.0 - rates) / (1.0 - null)
    return mean


def furthest(seed: int, runs: int) -> float:
    """The largest difference between the mirror and the policy over random looks; it must not exceed `CLOSE`."""
    chance = np.random.default_rng(seed)
    return max(_difference(chance, number) for number in range(runs))


def _difference(chance: np.random.Generator, number: int) -> float:
    """One random look through `questions.fold`, and the same counts through the mirror."""
    cell, delta = GRID[number % len(GRID)], MARGINS[number % len(MARGINS)]
    known, canary, stable = standard(cell.stable, delta), _counts(chance, cell.canary), _counts(chance, cell.stable)
    step = looks.Step(share=cell.share, canary=canary, stable=stable, exposed=None, exposed_failed=0)
    others, seen = int(chance.integers(0, 40)), int(chance.integers(400, 9000))
    memory = CanaryMemory(stage_started=START, deadline=START, last=_nothing(), tally=(others, others, seen))
    found = questions.fold(memory, step, known, BOUNDS)
    (a, b), (bad, good) = split(cell.share), rate(known.alarm)
    other = (a * canary.other + b * stable.other)[None, :]
    everything = (bad * canary.errors + good * (canary.requests - canary.errors))[None, :]
    slow = (a * canary.slow + b * stable.slow)[None, :]
    pooled = (known.healthy * known.history + others) / (known.history + seen)
    counted = (canary.other, canary.requests - canary.other, stable.other, stable.requests - stable.other)
    arrays = tuple(np.array([float(count)]) for count in counted)
    shown = margin(np.array([pooled]), known.delta, cell.share, (arrays[0], arrays[1], arrays[2], arrays[3]))
    return max(
        abs(float(harm(other, everything, slow)[0]) - questions.harm(found)),
        abs(float(mixture(other)[0]) - questions.alarm(found, "other")),
        abs(float(shown[0]) - questions.promotion(found, "other")),
    )


def standard(healthy: float, delta: float) -> questions.Standard:
    """The standard of a canary, when this was the rate before the incident and the alert makes the margin `delta`."""
    before = Baseline(
        healthy_requests=10_000,
        healthy_errors=round(10_000 * healthy),
        alert_threshold=max(2.0 * delta, 4.0 * healthy),
        signature_rate=0.15,
    )
    known = questions.standard(before, BOUNDS)
    assert isinstance(known, questions.Standard), known
    return known


def _counts(chance: np.random.Generator, rate: float) -> looks.Counts:
    requests = int(chance.integers(1, 200))
    errors, slow = int(chance.binomial(requests, rate)), int(chance.binomial(requests, 0.02))
    return looks.Counts(requests=requests, errors=errors, other=errors, signature=0, slow=slow)


def _nothing() -> Look:
    arm = Arm(version="v", requests=0, errors=0, signature=0, slow=0)
    return Look(at=START, weight=10, canary=arm, stable=arm)
