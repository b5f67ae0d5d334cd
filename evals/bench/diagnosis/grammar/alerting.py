"""Alerts: the rule of a caller that fires, evaluated on what was simulated as a rule engine would."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from evals.bench.diagnosis.grammar.records import Told, Visit
from evals.bench.diagnosis.grammar.system import System

Measure = Literal["errors", "latency"]

LEAST = 10
"""Requests in a window below which a rule has no value."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of one service."""

    service: str
    measure: Measure
    threshold: float
    """Share of failed requests, or milliseconds at the 95th percentile."""
    window: float
    holds: float
    step: float


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule with the time at which it began to fire."""

    rule: Rule
    at: float


def values(visits: Sequence[Visit], rule: Rule, seconds: float) -> list[tuple[float, float]]:
    """Time and value of the rule's expression at each step; steps with too few requests are left out."""
    found: list[tuple[float, float]] = []
    first = last = failed = 0
    ordered = sorted(visits, key=lambda one: one.at + min(one.inside_ms, 60_000) / 1000)
    ends = [one.at + min(one.inside_ms, 60_000) / 1000 for one in ordered]
    for number in range(1, int(seconds / rule.step) + 1):
        at = number * rule.step
        while last < len(ordered) and ends[last] <= at:
            failed += ordered[last].failed
            last += 1
        while first < last and ends[first] <= at - rule.window:
            failed -= ordered[first].failed
            first += 1
        if last - first < LEAST:
            continue
        if rule.measure == "errors":
            found.append((at, failed / (last - first)))
        else:
            times = sorted(one.inside_ms for one in ordered[first:last])
            found.append((at, times[int(0.95 * len(times))]))
    return found


def fires(points: Sequence[tuple[float, float]], rule: Rule) -> float | None:
    """First time at which the condition has held for as long as the rule asks; None when it never does."""
    since: float | None = None
    for at, value in points:
        if value <= rule.threshold:
            since = None
            continue
        since = at if since is None else since
        if at - since >= rule.holds:
            return at
    return None


def choose(
    dice: Random, system: System, told: Told, victims: Sequence[str], frame: Rule, onset: float, seconds: float
) -> Fired | None:
    """An alert of a victim or, likelier, of one of its callers; None when none fires after the onset.

    Each rule's threshold lies above everything that its own healthy time shows.
    """
    far = {name: 0 for name in victims if system.nodes[name].sort == "service"}
    for victim in victims:
        far |= system.above(victim)
    found: list[Fired] = []
    weights: list[float] = []
    for name, distance in sorted(far.items()):
        visits = told.visits.get(name, [])
        for measure in ("errors", "latency"):
            rule = _rule(visits, Rule(name, measure, 0.0, frame.window, frame.holds, frame.step), onset)
            if rule is None:
                continue
            at = fires(values(visits, rule, seconds), rule)
            if at is not None and onset < at < seconds:
                found.append(Fired(rule, at))
                weights.append(0.4 + distance)
    return dice.choices(found, weights)[0] if found else None


def _rule(visits: Sequence[Visit], rule: Rule, onset: float) -> Rule | None:
    healthy = [value for _, value in values(visits, rule, onset)]
    if len(healthy) < 10:
        return None
    most = max(healthy)
    # A rule's author looks at weeks: its threshold has room above an ordinary hour, and above three chance failures.
    few = 3.5 * onset / rule.window / max(1, sum(one.at <= onset for one in visits))
    threshold = max(0.03, 1.6 * most + 0.02, few) if rule.measure == "errors" else 1.5 * most + 20
    if rule.measure == "errors" and threshold > 0.5:
        return None
    return Rule(rule.service, rule.measure, float(f"{threshold:.2g}"), rule.window, rule.holds, rule.step)
