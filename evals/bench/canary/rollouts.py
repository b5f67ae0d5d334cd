"""Whole rollouts of a patch beside a sick stable version, judged look by look by `policies.rollout.canary.judge` itself."""

from datetime import timedelta

import numpy as np

from evals.bench.canary.mirror import START
from incident.rollout import Arm, Baseline, Look
from incident.value import Value
from policies import profiles
from policies.rollout import canary

LAB = profiles.lab().canary
BASELINE = Baseline(healthy_requests=3000, healthy_errors=9, alert_threshold=0.05, signature_rate=0.15)
KIND = 0.15
"""Share of the requests that are of the kind that fails on stable."""
BASE = 0.003
"""Share of errors of other kinds on both versions."""
RATE = 80.0
"""Requests a second."""


class Patch(Value):
    """Behaviour of a canary, and the right ending of its rollout."""

    name: str
    uncured: float = 0.0
    """Share of the failing kind that still fails."""
    new: float = 0.0
    """Share of errors of new kinds."""
    slow: float = 0.0
    """Share of slow answers on top of stable's 1 %."""
    real_share: float | None = None
    """Share of the requests that really reach the canary when it is not what the weight says."""
    reached: bool = True
    """True when requests of the failing kind reach the canary at all."""
    right: str = ""
    """promote or roll_back; empty where either is defensible."""


class Ended(Value):
    """Endings of the rollouts of one patch."""

    patch: Patch
    runs: int
    promoted: float
    rolled_back: float
    requests: float
    """Mean requests of both versions until then."""
    seconds: float
    """Median."""

    @property
    def right(self) -> float | None:
        """Share of right endings; None where either is defensible."""
        return {"promote": self.promoted, "roll_back": self.rolled_back}.get(self.patch.right)


PATCHES = (
    Patch(name="cured, 0.3 % as before", right="promote"),
    Patch(name="cured, +1 % of new kinds", new=0.01),
    Patch(name="cured, 2 %, new kinds", new=0.017),
    Patch(name="cured, +5 % of new kinds", new=0.05, right="roll_back"),
    Patch(name="cured, 8 %, new kinds", new=0.077, right="roll_back"),
    Patch(name="cured, +10 % of new kinds", new=0.10, right="roll_back"),
    Patch(name="2 %, the old kind", uncured=0.017 / KIND),
    Patch(name="8 %, the old kind", uncured=0.077 / KIND, right="roll_back"),
    Patch(name="15 %, cures nothing", uncured=1.0, right="roll_back"),
    Patch(name="cured, +10 % slow", slow=0.10, right="roll_back"),
    Patch(name="users stick: 3x the share", real_share=3.0, right="roll_back"),
    Patch(name="the kind never reaches it", reached=False, right="roll_back"),
)


def roll_out(patch: Patch, seed: int, runs: int) -> Ended:
    """Many rollouts of one patch, each until full traffic or roll back."""
    chance = np.random.default_rng(seed)
    ended = [_one(patch, chance) for _ in range(runs)]
    choices = [choice for choice, _, _ in ended]
    return Ended(
        patch=patch,
        runs=runs,
        promoted=choices.count("promote") / runs,
        rolled_back=choices.count("roll_back") / runs,
        requests=float(np.mean([requests for _, requests, _ in ended])),
        seconds=float(np.median([seconds for _, _, seconds in ended])),
    )


def _one(patch: Patch, chance: np.random.Generator) -> tuple[str, int, int]:
    """Choice, requests served, and seconds.  One look a second."""
    memory, weight = canary.start(START, LAB), 10
    new, old = _arm("new"), _arm("old")
    for second in range(1000):
        now = START + timedelta(seconds=second)
        look = Look(at=now, weight=weight, canary=new, stable=old)
        facts = canary.Facts(memory=memory, look=look, baseline=BASELINE, limits=LAB, now=now)
        decision = canary.judge(facts)
        if decision.choice in ("promote", "roll_back"):
            return decision.choice, new.requests + old.requests, second
        memory = decision.result.memory
        weight = 50 if decision.choice == "advance" else weight
        served = int(chance.poisson(RATE))
        share = min(0.95, weight / 100 * (patch.real_share or 1.0))
        reached = int(chance.binomial(served, share))
        new = _more(new, reached, patch, chance)
        old = _more(old, served - reached, None, chance)
    raise AssertionError("a rollout never ends")


def _arm(version: str) -> Arm:
    return Arm(
        version=version, requests=0, errors=0, signature=0, slow=0, exposed=0, exposed_failed=0, memory_bytes=6e7
    )


def _more(arm: Arm, served: int, patch: Patch | None, chance: np.random.Generator) -> Arm:
    """One second more on one version; `patch` is None for stable.  The recorder keeps a twentieth of the successes."""
    kind = int(chance.binomial(served, KIND)) if patch is None or patch.reached else 0
    failed = int(chance.binomial(kind, 1.0 if patch is None else patch.uncured))
    other = int(chance.binomial(served - failed, BASE + (0.0 if patch is None else patch.new)))
    slow = int(chance.binomial(served, 0.01 + (0.0 if patch is None else patch.slow)))
    seen = failed + int(chance.binomial(kind - failed, 0.05))
    return arm.model_copy(
        update={
            "requests": arm.requests + served,
            "errors": arm.errors + failed + other,
            "signature": arm.signature + failed,
            "slow": arm.slow + slow,
            "exposed": (arm.exposed or 0) + seen,
            "exposed_failed": (arm.exposed_failed or 0) + failed,
        }
    )
