"""Triage of an alert: a false alarm, or worth an investigation.

Only computes.  A false alarm has to be measured; missing data never makes one.
"""

from typing import Literal

from incident.decision import Allow, Constraint, Reason, because
from incident.evidence import Condition, Measurement, Missing, Signals
from incident.value import Value
from policies import limits
from policies.policy import Judgement, Nothing, Policy, points

NAME = "triage.assess"
VERSION = 2

Choice = Literal["investigate", "no_action"]


class Facts(Value):
    """The alert's own condition as the world measures it now, and the service's golden signals."""

    firing: bool
    """True when the payload says that the alert fires."""
    condition: Condition | Missing
    measurement: Measurement | Missing
    signals: Signals | Missing
    limits: limits.Triage


def assess(facts: Facts) -> Judgement[Choice, Nothing]:
    """Choose `no_action` when everything is known and well, `investigate` otherwise."""
    constraints = (_known(facts), _samples(facts), _inside(facts), _calm(facts))
    open_points = tuple(item for item in constraints if not item.held)
    choice: Choice = "investigate" if open_points else "no_action"
    reason = (
        because("open_points", points=points(open_points))
        if open_points
        else because("back_inside", measured=constraints[2].detail)
    )
    return Judgement[Choice, Nothing](
        policy=NAME,
        version=VERSION,
        verdict=Allow(reason=reason),
        choice=choice,
        constraints=constraints,
        result=Nothing(),
    )


def _known(facts: Facts) -> Constraint:
    missing = [item.reason for item in (facts.condition, facts.measurement, facts.signals) if isinstance(item, Missing)]
    return Constraint(
        name="everything_known",
        held=not missing,
        detail=because("missing", what=tuple(missing)) if missing else Reason(),
    )


def _samples(facts: Facts) -> Constraint:
    measured = facts.measurement.samples if isinstance(facts.measurement, Measurement) else 0
    requests = facts.signals.requests if isinstance(facts.signals, Signals) else 0
    least = min(measured, requests)
    needed = facts.limits.min_samples
    return Constraint(
        name="enough_samples", held=least >= needed, detail=because("requests_of", least=least, needed=needed)
    )


def _inside(facts: Facts) -> Constraint:
    condition, measurement = facts.condition, facts.measurement
    if isinstance(condition, Missing) or isinstance(measurement, Missing):
        return Constraint(name="inside_threshold", held=False, detail=because("not_measured"))
    # A payload that says "resolved" is a second voice: then no margin is asked for.
    room = facts.limits.margin * abs(condition.threshold) if facts.firing else 0.0
    worse = measurement.value + (room if condition.comparison in (">", ">=") else -room)
    detail = because(
        "measured_against",
        value=measurement.value,
        comparison=condition.comparison,
        threshold=condition.threshold,
    )
    return Constraint(name="inside_threshold", held=not condition.breached(worse), detail=detail)


def _calm(facts: Facts) -> Constraint:
    if isinstance(facts.signals, Missing):
        return Constraint(name="no_excess_errors", held=False, detail=because("not_measured"))
    rate = facts.signals.error_rate
    held = facts.signals.requests > 0 and rate <= facts.limits.max_error_rate
    return Constraint(name="no_excess_errors", held=held, detail=because("error_rate", rate=rate))


POLICY = Policy(NAME, VERSION, Facts, Nothing, assess)
