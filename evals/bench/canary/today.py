"""Today's tools on the same canaries: fixed thresholds with failure counts, and Mann-Whitney.

Each as its own documentation shows it, at 80 requests a second:

- Flagger: https://docs.flagger.app/tutorials/nginx-progressive-delivery (every 10 s the success rate of the last
  minute must be at least 99 %; from 5 % in steps of 5 to 50 %; the tenth failed check rolls back);
- Argo Rollouts: https://argo-rollouts.readthedocs.io/en/stable/features/analysis/ (20, 40, 60, 80 % for ten
  minutes each; from 40 % on every 5 minutes at least 95 % success; the third failed measurement aborts);
- Kayenta: `MannWhitneyClassifier` of https://github.com/spinnaker/kayenta at the judge's defaults (confidence 0.98,
  tolerance 0.25 of the Hodges-Lehmann estimate), on half an hour of one error rate a minute at the cell's share,
  judged once. Its outlier filter is left out.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from incident.value import Value

RATE = 80
"""Requests a second of the service."""
Outcome = tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]
"""Of each run: whether it was rolled back, and how many requests the service had served by then."""


class Canary(Value):
    """Error rates of two versions, and what should happen to the second."""

    name: str
    stable: float
    canary: float
    share: float
    good: bool


class Verdict(Value):
    """Result of one tool on one canary."""

    tool: str
    canary: Canary
    rolled_back: float
    requests: float | None
    """Mean requests of the service until roll back; None when there was none."""

    @property
    def wrong(self) -> float:
        """Share of the runs with the wrong ending."""
        return self.rolled_back if self.canary.good else 1.0 - self.rolled_back


def flagger(canary: Canary, chance: np.random.Generator, runs: int) -> Outcome:
    """The success rate of the last minute, every ten seconds."""
    window: list[npt.NDArray[np.int64]] = []
    weight, failed = np.full(runs, 5), np.zeros(runs, int)
    requests, rolled, alive = np.zeros(runs), np.zeros(runs, bool), np.ones(runs, bool)
    while alive.any():
        served = 10 * RATE * weight // 100
        window = [*window, np.array([served, chance.binomial(served, canary.canary)])][-6:]
        total = np.sum(window, axis=0)
        bad = total[1] > 0.01 * total[0]
        requests[alive] += 10 * RATE
        failed[alive & bad] += 1
        weight[alive & ~bad] += 5
        rolled |= alive & (failed >= 10)
        alive &= ~rolled & (weight <= 50)
    return rolled, requests


def argo(canary: Canary, chance: np.random.Generator, runs: int) -> Outcome:
    """Success of the last five minutes, six times."""
    failed, requests = np.zeros(runs, int), np.full(runs, 600.0 * RATE)
    for weight in (40, 40, 60, 60, 80, 80):
        served = 300 * RATE * weight // 100
        requests[failed < 3] += 300 * RATE
        failed[failed < 3] += (chance.binomial(served, canary.canary, runs) > 0.05 * served)[failed < 3]
    return failed >= 3, requests


def kayenta(direction: Literal["either", "increase"]) -> Callable[[Canary, np.random.Generator, int], Outcome]:
    """Mann-Whitney with a tolerance, either for any difference (the default) or for more errors only."""

    def judge(canary: Canary, chance: np.random.Generator, runs: int) -> Outcome:
        served = round(60 * RATE * canary.share)
        experiment = chance.binomial(served, canary.canary, (runs, 30)) / served
        control = chance.binomial(60 * RATE - served, canary.stable, (runs, 30)) / (60 * RATE - served)
        rolled = _above(experiment, control)
        if direction == "either":
            rolled = rolled | _above(control, experiment)
        return rolled, np.full(runs, 1800.0 * RATE)

    return judge


def _above(more: npt.NDArray[np.float64], less: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """True when the lower end of the 98 % interval of the shift exceeds a quarter of its estimate.

    The interval's end is the shift at which the test turns, so asking the test at the tolerance is the same.
    """
    shift = np.median((more[:, :, None] - less[:, None, :]).reshape(len(more), -1), axis=1)
    moved = more - 0.25 * np.abs(shift)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        found = stats.mannwhitneyu(moved, less, alternative="greater", method="asymptotic", axis=1)
    # All values tied: the original gives up with an error, which decides nothing.
    return np.asarray(np.nan_to_num(found.pvalue, nan=1.0) < 0.01, bool)


TOOLS: dict[str, Callable[[Canary, np.random.Generator, int], Outcome]] = {
    "Flagger": flagger,
    "Argo Rollouts": argo,
    "Kayenta, either": kayenta("either"),
    "Kayenta, increase": kayenta("increase"),
}


def judge(tool: str, canary: Canary, seed: int, runs: int) -> Verdict:
    """Let one tool roll out one canary many times."""
    rolled, requests = TOOLS[tool](canary, np.random.default_rng(seed), runs)
    mean = float(requests[rolled].mean()) if rolled.any() else None
    return Verdict(tool=tool, canary=canary, rolled_back=float(rolled.mean()), requests=mean)
