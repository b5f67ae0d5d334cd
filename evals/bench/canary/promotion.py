"""Bench of promotion: requests until a good canary passes, and the share of canaries at the margin that pass."""

import math

import numpy as np

from evals.bench.canary import information, mirror
from evals.bench.canary.mirror import Floats
from incident.value import Value
from policies import limits
from policies.rollout import questions

BETA = limits.Canary().beta
LOOKS = 64
"""Looks within the bound's number of requests; the pooled rate is renewed, and the evidence judged, at each."""
HORIZON = 3
"""Times the bound's number of requests for which a canary at the margin is watched."""


class Shown(Value):
    """One margin at one base rate and share."""

    rate: float
    delta: float
    share: float
    runs: int
    bound: float
    """Requests that no test can beat."""
    mean: float
    """Mean requests until an equally good canary is promoted; looks are coarse, so a little too many."""
    wrong: float
    """Share of the canaries exactly at the margin that passed at any look."""

    @property
    def name(self) -> str:
        """As people write it."""
        return f"{100 * self.rate:g} %, margin {100 * self.delta:g}, at {100 * self.share:g} %"


CELLS = tuple(
    (rate, delta, share) for rate in (0.002, 0.003, 0.01) for delta in information.MARGINS for share in (0.1, 0.5)
)


def show(rate: float, delta: float, share: float, seed: int, runs: int) -> Shown:
    """Good canaries until they are promoted, and bad ones for a long time."""
    bound = math.log(1.0 / BETA) / information.no_worse(rate, delta, share)
    chance = np.random.default_rng(seed)
    good = _promoted(rate, rate, (delta, share), chance, runs, _size(bound), 40 * LOOKS)
    return Shown(
        rate=rate,
        delta=delta,
        share=share,
        runs=runs,
        bound=bound,
        mean=float(np.mean(good)),
        wrong=_wrong(rate, delta, share, bound, chance, runs),
    )


def again(cell: Shown, seed: int, runs: int) -> Shown:
    """The same cell with other canaries exactly at the margin."""
    wrong = _wrong(cell.rate, cell.delta, cell.share, cell.bound, np.random.default_rng(seed), runs)
    return cell.model_copy(update={"runs": runs, "wrong": wrong})


def _size(bound: float) -> int:
    """Requests between two looks."""
    return max(1, int(bound / LOOKS))


def _wrong(rate: float, delta: float, share: float, bound: float, chance: np.random.Generator, runs: int) -> float:
    size = _size(bound)
    bad = _promoted(rate, rate + delta, (delta, share), chance, runs, size, math.ceil(HORIZON * bound / size))
    return float(np.isfinite(bad).mean())


def _promoted(
    stable: float,
    canary: float,
    test: tuple[float, float],
    chance: np.random.Generator,
    runs: int,
    size: int,
    looks: int,
) -> Floats:
    """Requests of each run until promotion; infinite for one that is not promoted within so many looks.

    The pooled rate starts as the policy's does, from what was measured before the incident.
    """
    delta, share = test
    history = 300.0
    healthy = (chance.binomial(10_000, stable, runs) + 0.5) / 10_001.0
    log, errors, seen = np.zeros(runs), np.zeros(runs), 0.0
    taken = np.full(runs, np.inf)
    for number in range(1, looks + 1):
        alive = np.flatnonzero(np.isinf(taken))
        if not alive.size:
            break
        on_canary = chance.binomial(size, share, alive.size).astype(float)
        bad = chance.binomial(on_canary.astype(int), canary).astype(float)
        other = chance.binomial((size - on_canary).astype(int), stable).astype(float)
        pooled = (healthy[alive] * history + errors[alive]) / (history + seen)
        log[alive] += mirror.margin(pooled, delta, share, (bad, on_canary - bad, other, size - on_canary - other))
        errors[alive] += bad + other
        seen += size
        taken[alive[log[alive] >= questions.level(BETA)]] = number * size
    return taken
