"""Questions that a canary has to answer, as products of likelihoods carried from look to look.

A canary is rolled back for errors of *other* kinds against stable, for *all* errors against the healthy rate
from before the incident, or for *slow* answers against stable.  It is promoted by evidence of its own: all
three are no worse than a margin, and the incident's signature is gone (*cured*).
"""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from incident.decision import Reason, because
from incident.rollout import Baseline, CanaryMemory, Product
from incident.value import Value
from policies import limits
from policies.rollout import evalues
from policies.rollout.looks import Step

Question = Literal["other", "all", "slow", "cured"]

ALARMS: tuple[Question, ...] = ("other", "all", "slow")
"""Questions that can roll back, together at alpha."""

SHARES: Mapping[Question, float] = MappingProxyType({"other": 0.7, "all": 0.17, "slow": 0.13})
"""Weight of each alarm in their mean.  Most is on the comparison with stable: only that one sees what the alert's
threshold hides, and it starts from nothing, while *all* knows the healthy rate and is fast with little weight."""

PROMOTIONS: tuple[Question, ...] = ("cured", "other", "all", "slow")
"""Questions that must all be answered before full traffic."""

_CURED = 40.0
"""The cured rate that "gone" is tested with, as a fraction of the rate that counts as not cured."""


class Standard(Value):
    """Rates that the canary is compared with, worked out from the baseline."""

    healthy: float
    """Error rate from before the incident, half an error added so that it is never 0."""
    history: int
    """Requests that it rests on, at most 300: a longer past does not outweigh the present."""
    delta: float
    """Difference of rates that still counts as no worse."""
    ceiling: float
    """All errors on the canary must be shown to lie below this rate."""

    @property
    def alarm(self) -> float:
        """All errors on the canary above this rate count against it: half the margin is noise of the past."""
        return self.healthy + self.delta / 2.0


def standard(baseline: Baseline, bounds: limits.Canary) -> Standard | Reason:
    """Return the standard, or the reason that nothing can be judged by this baseline."""
    if baseline.healthy_requests < bounds.min_healthy_requests:
        return because("too_little_history", requests=baseline.healthy_requests)
    if not 0 <= baseline.healthy_errors <= baseline.healthy_requests:
        return because("healthy_counts_contradict")
    healthy = (baseline.healthy_errors + 0.5) / (baseline.healthy_requests + 1.0)
    threshold = baseline.alert_threshold
    delta = max(bounds.min_margin, (threshold or 0.0) / 2.0)
    ceiling = healthy + delta if threshold is None else min(healthy + delta, threshold)
    if not healthy + delta / 2.0 < ceiling < 1.0:
        return because("healthy_rate_outside", rate=healthy)
    return Standard(healthy=healthy, history=min(baseline.healthy_requests, 300), delta=delta, ceiling=ceiling)


def fold(memory: CanaryMemory, step: Step, known: Standard, bounds: limits.Canary) -> tuple[Product, ...]:
    """Return the products with one more step, rounded so that replay is exact."""
    logs = {product.name: product.log for product in memory.products}
    for name, log in {**_alarms(step, known), **_margins(memory, step, known, bounds), **_cured(step, bounds)}.items():
        logs[name] = logs.get(name, 0.0) + log
    return tuple(Product(name=name, log=round(log, 9)) for name, log in sorted(logs.items()))


def alarm(products: tuple[Product, ...], question: Question) -> float:
    """Log e-value against "no worse": the mixture over the relative risks, averaged last."""
    logs = tuple(product.log for product in products if product.name.startswith(f"alarm.{question}."))
    return evalues.mixture(logs) if logs else 0.0


def harm(products: tuple[Product, ...]) -> float:
    """Log e-value against "this canary does no harm of any kind": the weighted mean of the alarms.

    A mean of e-processes is one, so that alpha bounds the false alarms of all questions together.
    """
    return evalues.average(tuple(alarm(products, name) for name in ALARMS), tuple(SHARES[name] for name in ALARMS))


def loud(products: tuple[Product, ...], bar: float) -> tuple[Question, ...]:
    """Alarms that reach the bar by their own part of the mean; where none does, the one that adds most."""
    parts = {name: alarm(products, name) + math.log(SHARES[name]) for name in ALARMS}
    return tuple(name for name in ALARMS if parts[name] >= bar) or (max(ALARMS, key=parts.__getitem__),)


def promotion(products: tuple[Product, ...], question: Question) -> float:
    """Log e-value against "worse by the margin", or against "not cured"."""
    if question != "cured":
        return next((product.log for product in products if product.name == f"margin.{question}"), 0.0)
    logs = {product.name: product.log for product in products}
    split = logs.get("cured.split", 0.0)
    if "cured.exposed" not in logs:
        return split
    # Averaged with fixed weights where both are known.  The split weighs more, because recorders sample
    # successes and see only a part of what the canary served.
    return evalues.mixture((split, split, split, logs["cured.exposed"]))


def _alarms(step: Step, known: Standard) -> dict[str, float]:
    found: dict[str, float] = {}
    good = step.canary.requests - step.canary.errors
    for index, risk in enumerate(evalues.RISKS):
        worse = evalues.odds_times(known.alarm, risk)
        found[f"alarm.all.{index}"] = evalues.rate_step(worse, known.alarm, step.canary.errors, good)
        # At 100 % there is no control group, and nothing to compare.
        if step.share < 1.0:
            found[f"alarm.other.{index}"] = evalues.split_step(risk, step.share, step.canary.other, step.stable.other)
            found[f"alarm.slow.{index}"] = evalues.split_step(risk, step.share, step.canary.slow, step.stable.slow)
    return found


def _margins(memory: CanaryMemory, step: Step, known: Standard, bounds: limits.Canary) -> dict[str, float]:
    """Log factors of one look against "worse than stable by the margin"."""
    # Rates come from before this look only: with its own outcomes in them it would be no e-value.
    last = memory.last
    if last is None or step.share >= 1.0:
        return {}
    others, slows, seen = memory.tally
    other = (known.healthy * known.history + others) / (known.history + seen)
    slow = (0.5 + slows) / (50.0 + seen)
    own = (known.healthy * known.history + last.canary.errors) / (known.history + last.canary.requests)
    own = min(max(own, 1e-4), 0.9 * known.ceiling)
    canary, stable = step.canary, step.stable
    return {
        "margin.all": evalues.rate_step(own, known.ceiling, canary.errors, canary.requests - canary.errors),
        "margin.other": evalues.margin_step(
            other,
            known.delta,
            step.share,
            canary.other,
            canary.requests - canary.other,
            stable.other,
            stable.requests - stable.other,
        ),
        "margin.slow": evalues.margin_step(
            slow,
            bounds.slow_margin,
            step.share,
            canary.slow,
            canary.requests - canary.slow,
            stable.slow,
            stable.requests - stable.slow,
        ),
    }


def _cured(step: Step, bounds: limits.Canary) -> dict[str, float]:
    """Two views of "the canary still fails what used to fail".

    By exposure: of the requests of that kind that reached it.  By the split: errors of that kind
    that stable still has, of which chance would have given the canary its share.
    """
    found: dict[str, float] = {}
    sick = bounds.signature_share
    if step.exposed is not None:
        good = step.exposed - step.exposed_failed
        found["cured.exposed"] = evalues.rate_step(sick / _CURED, sick, step.exposed_failed, good)
    if step.share < 1.0:
        null = evalues.odds_times(step.share, sick)
        canary, stable = step.canary.signature, step.stable.signature
        found["cured.split"] = evalues.rate_step(null / _CURED, null, canary, stable)
    return found


def level(chance: float) -> float:
    """Log of the e-value that an error probability asks for."""
    return math.log(1.0 / chance)
