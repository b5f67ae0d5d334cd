"""Bench of rollback: requests until a worse canary is rolled back, and the share of good ones that are.

Runs are simulated from one event (an error or a slow answer) to the next: between two of them no alarm
can rise, so that looking at each event is looking at every time.
"""

import math

import numpy as np

from evals.bench.canary import information, mirror
from evals.bench.canary.information import Cell
from evals.bench.canary.mirror import Floats
from incident.value import Value
from policies import limits
from policies.rollout import evalues, questions

ALPHA = limits.Canary().alpha
SLOW = 0.01
"""Share of slow answers of both versions."""
EVENTS = 20_000
"""Events after which a run that has not alarmed is a miss; none is in the full form."""


class Found(Value):
    """Result of one cell of the grid; requests are of both versions together."""

    cell: Cell
    runs: int
    bound: float
    """Requests that no test can beat."""
    test: float
    """Mean requests until the comparison with stable, alone at alpha, rolls back."""
    policy: float
    """Mean requests until the policy with all its alarms does."""
    oracle: float
    """The same for the likelihood ratio that knows both rates."""
    missed: float
    """Share of the runs that never alarmed."""


class Quiet(Value):
    """Share of rollbacks of a canary that is as good as stable, looking at every event."""

    cell: Cell
    runs: int
    requests: float
    """Mean length of a run."""
    test: float
    policy: float


def detect(cell: Cell, seed: int, runs: int) -> Found:
    """A worse canary, until it is found."""
    bound = math.log(1.0 / ALPHA) / information.worse(cell)
    alarms = _events(cell, np.random.default_rng(seed), runs, EVENTS)
    return Found(
        cell=cell,
        runs=runs,
        bound=bound,
        test=float(np.nanmean(alarms.test)),
        policy=float(np.nanmean(alarms.policy)),
        oracle=_oracle(cell, np.random.default_rng(seed + 1), max(200, runs // 5)),
        missed=float(np.isnan(alarms.policy).mean()),
    )


def false_alarms(cell: Cell, seed: int, runs: int, events: int) -> Quiet:
    """A good canary, watched far longer than any is."""
    alarms = _events(cell, np.random.default_rng(seed), runs, events)
    test, policy = (float((~np.isnan(times)).mean()) for times in (alarms.test, alarms.policy))
    return Quiet(cell=cell, runs=runs, requests=float(alarms.requests.mean()), test=test, policy=policy)


class _Runs:
    """Running logarithms of many runs, and when each first alarmed (NaN: not yet)."""

    def __init__(self, cell: Cell, runs: int) -> None:
        self.requests: Floats = np.zeros(runs)
        self.test: Floats = np.full(runs, np.nan)
        self.policy: Floats = np.full(runs, np.nan)
        risks = len(evalues.RISKS)
        self.other, self.everything, self.slow = (np.zeros((runs, risks)) for _ in range(3))
        known = mirror.standard(cell.stable, 0.025)
        self.on_canary, self.on_stable = mirror.split(cell.share)
        self.bad, self.good = mirror.rate(known.alarm)


def _events(cell: Cell, chance: np.random.Generator, runs: int, events: int) -> _Runs:
    """Go from event to event until both alarms of every run are known, or for so many events."""
    state, level = _Runs(cell, runs), questions.level(ALPHA)
    for _ in range(events):
        alive = np.flatnonzero(np.isnan(state.test) | np.isnan(state.policy))
        if not alive.size:
            break
        _advance(state, alive, cell, chance)
        for times, log in (
            (state.test, mirror.mixture(state.other[alive])),
            (state.policy, mirror.harm(state.other[alive], state.everything[alive], state.slow[alive])),
        ):
            new = alive[(log >= level) & np.isnan(times[alive])]
            times[new] = state.requests[new]
    return state


def _advance(state: _Runs, alive: mirror.Indices, cell: Cell, chance: np.random.Generator) -> None:
    """One event more for the runs that are alive."""
    eventful_canary = 1.0 - (1.0 - cell.canary) * (1.0 - SLOW)
    eventful_stable = 1.0 - (1.0 - cell.stable) * (1.0 - SLOW)
    eventful = cell.share * eventful_canary + (1.0 - cell.share) * eventful_stable
    gap = chance.geometric(eventful, alive.size)
    state.requests[alive] += gap
    on_canary = chance.random(alive.size) < cell.share * eventful_canary / eventful
    failed_share = np.where(on_canary, cell.canary / eventful_canary, cell.stable / eventful_stable)
    failed = chance.random(alive.size) < failed_share
    slow = ~failed | (chance.random(alive.size) < SLOW)
    quiet = chance.binomial(gap - 1, cell.share * (1.0 - eventful_canary) / (1.0 - eventful))
    step = np.where(on_canary[:, None], state.on_canary, state.on_stable)
    state.other[alive] += failed[:, None] * step
    state.slow[alive] += slow[:, None] * step
    state.everything[alive] += (quiet + (on_canary & ~failed))[:, None] * state.good
    state.everything[alive] += (on_canary & failed)[:, None] * state.bad


def _oracle(cell: Cell, chance: np.random.Generator, runs: int, block: int = 512) -> float:
    """Mean requests of the likelihood ratio of both true rates against the pooled one, looked at after each request."""
    rates = ((cell.canary, cell.pooled), (cell.stable, cell.pooled))
    (canary_bad, canary_good), (stable_bad, stable_good) = (
        (evalues.rate_step(true, pooled, 1, 0), evalues.rate_step(true, pooled, 0, 1)) for true, pooled in rates
    )
    logs, used, level = np.zeros(runs), np.zeros(runs), questions.level(ALPHA)
    alive = np.arange(runs)
    while alive.size:
        on_canary = chance.random((alive.size, block)) < cell.share
        bad = chance.random((alive.size, block)) < np.where(on_canary, cell.canary, cell.stable)
        steps = np.where(
            on_canary, np.where(bad, canary_bad, canary_good), np.where(bad, stable_bad, stable_good)
        )  # fmt: skip
        sums = logs[alive, None] + np.cumsum(steps, axis=1)
        over = sums >= level
        done = over.any(axis=1)
        used[alive] += np.where(done, over.argmax(axis=1) + 1, block)
        logs[alive] = sums[:, -1]
        alive = alive[~done]
    return float(used.mean())
