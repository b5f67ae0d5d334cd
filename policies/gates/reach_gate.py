"""The third gate: the reach of the change, and the time for it.

A change that reaches too far, in a freeze or too often, is refused with the factors named.  Between the risk
thresholds, and whenever the damage is critical, a person decides, unless the change is the exact inverse of a recorded
one; the same where nothing could tell afterwards whether the change helped.
"""

from typing import Literal

from pydantic import AwareDatetime, Field

from incident.control import Control
from incident.decision import SCALE, Allow, Deny, Factor, Hold, Kind, Reason, Verdict, because
from incident.evidence import Change, Missing, Neighbours
from incident.value import Value
from policies import limits
from policies.gates import flapping, switches
from policies.policy import Finding, Judgement, Policy, constraints, strictest

NAME = "reach_gate.judge"
VERSION = 4


class Facts(Value):
    """The score, the topology, what was used up, and the switches."""

    service: str = ""
    """For freeze windows; empty: the neighbours' centre."""
    risk: int = Field(ge=0, le=SCALE)
    risk_factors: tuple[Factor, ...] = ()
    """From `risk.assess`, so that a refusal can name them."""
    neighbours: Neighbours | Missing | None
    error_rate: float | None = Field(ge=0, le=1)
    """Measured error rate of the service; None when it could not be measured."""
    actions_last_hour: int = Field(ge=0)
    tries: int = Field(ge=0)
    """Earlier tries at this fingerprint within a day, this one not counted."""
    moves: tuple[Change, ...] | None = None
    """Recorded changes of the service within the flap window, whoever made them; None when nobody knows."""
    control: Control
    autonomy: Literal["observe", "propose", "approve", "auto"]
    verified_by: Literal["own rule", "a person's rule", "nobody"] = "nobody"
    """Owner of the condition that tells afterwards whether it helped: the alert, or a person who named one."""
    unserved: str = ""
    """Reason that the world serves no condition for the alert."""
    severities: tuple[str, ...] = ()
    """Values of the label `severity` of the alert and its rule; empty when there is no such label."""
    waiting: tuple[str, ...] = ()
    """Other incidents about the same service whose question to a person is open."""
    refused: tuple[str, ...] = ()
    """Other incidents in which a person refused this very plan within a day."""
    # Left out of the encoding where they are empty, as in every record from before the fields were there.
    doubted: tuple[str, ...] = Field(default=(), exclude_if=lambda doubted: not doubted)
    """People who doubt what the plan blames, or what it changes."""
    steered: tuple[str, ...] = Field(default=(), exclude_if=lambda steered: not steered)
    """People whose words led to what the plan blames."""
    inverse: bool = Field(default=False, exclude_if=lambda inverse: not inverse)
    """True for the exact inverse of a recorded change of configuration, as its proof shows."""
    idle: bool = Field(default=False, exclude_if=lambda idle: not idle)
    """True for the restart of a version that answers nobody, as its proof shows."""
    now: AwareDatetime
    limits: limits.Reach


class Result(Value):
    """Risk, broken constraints and dependents that the gate weighed."""

    risk: int
    """In ten-thousandths."""
    against: tuple[str, ...]
    """Names of the constraints that do not hold."""
    dependents: tuple[str, ...]


def judge(facts: Facts) -> Judgement[Kind, Result]:
    """Allow, or hold for a person, or deny; the strictest finding decides."""
    findings = _findings(facts)
    against = tuple(name for name, found in findings if not isinstance(found, Allow))
    verdict = strictest(findings, because("limits_hold", count=len(findings), risk=_risk(facts).reason))
    return Judgement[Kind, Result](
        policy=NAME,
        version=VERSION,
        verdict=verdict,
        choice=verdict.kind,
        factors=facts.risk_factors,
        constraints=constraints(findings),
        result=Result(risk=facts.risk, against=against, dependents=_dependents(facts.neighbours)),
    )


def _findings(facts: Facts) -> tuple[Finding, ...]:
    return (
        ("switches", _switches(facts.control)),
        ("freeze_window", _freeze(facts)),
        ("blast_radius", _blast_radius(facts)),
        ("budget", _budget(facts)),
        ("breaker", _breaker(facts)),
        ("flap", _flap(facts)),
        ("severity", _severity(facts)),
        ("risk", _risk(facts)),
        ("verifiable", _verifiable(facts)),
        ("severity_label", _label(facts)),
        ("other_answers", _others(facts)),
    )


def _switches(control: Control) -> Verdict:
    return switches.verdict(control, "gate") or Allow(reason=because("no_switch"))


def _freeze(facts: Facts) -> Verdict:
    service = facts.service or (facts.neighbours.service if isinstance(facts.neighbours, Neighbours) else "")
    for freeze in facts.limits.freezes:
        # A service that nobody named may be a frozen one.
        covers = not freeze.services or not service or service in freeze.services
        if freeze.start <= facts.now < freeze.end and covers:
            return Deny(reason=because("frozen", until=freeze.end.isoformat(), why=freeze.reason))
    return Allow(reason=because("no_freeze"))


def _dependents(neighbours: Neighbours | Missing | None) -> tuple[str, ...]:
    if not isinstance(neighbours, Neighbours):
        return ()
    return tuple(sorted({*neighbours.dependents, *neighbours.callers}))


def _blast_radius(facts: Facts) -> Verdict:
    if not isinstance(facts.neighbours, Neighbours):
        why = facts.neighbours.reason if facts.neighbours else "no topology"
        return Hold(reason=because("blast_radius_unknown", why=why), liftable=True)
    count = len(_dependents(facts.neighbours))
    if count > facts.limits.max_dependents:
        return Deny(reason=because("too_many_depend", count=count, most=facts.limits.max_dependents))
    return Allow(reason=because("depended_on", count=count))


def _budget(facts: Facts) -> Verdict:
    used, most = facts.actions_last_hour, facts.limits.max_actions_per_hour
    if used >= most:
        return Hold(reason=because("too_many_changes", used=used, most=most), liftable=True)
    return Allow(reason=because("changes_left", used=used, most=most))


def _breaker(facts: Facts) -> Verdict:
    tries, most = facts.tries, facts.limits.max_tries
    # What came back after several remedies is not understood; the next one would not help either.
    if tries >= most:
        return Hold(reason=because("too_many_tries", tries=tries, most=most), liftable=True)
    return Allow(reason=because("tries_at_this_alert", tries=tries, most=most))


def _flap(facts: Facts) -> Verdict:
    if facts.limits.flap_seconds == 0:
        return Allow(reason=because("flapping_not_looked_for"))
    if facts.moves is None:
        return Hold(reason=because("moves_unknown"), liftable=True)
    again = sum(move.what == "restart" for move in facts.moves)
    if facts.idle and again:
        return Hold(reason=because("restarted_before", count=again), liftable=True)
    swing = flapping.returned(facts.moves, facts.now, facts.limits.flap_seconds)
    return Hold(reason=swing, liftable=True) if swing else Allow(reason=because("not_flapping"))


def _severity(facts: Facts) -> Verdict:
    if facts.idle:
        return Allow(reason=because("nobody_to_interrupt"))
    if facts.error_rate is None:
        return Hold(reason=because("error_rate_unknown"), liftable=True)
    if facts.error_rate >= facts.limits.critical_error_rate:
        if facts.inverse and facts.error_rate < facts.limits.critical_inverse_error_rate:
            return Allow(reason=because("critical_way_back", rate=facts.error_rate))
        return Hold(reason=because("critical", rate=facts.error_rate), liftable=True)
    return Allow(reason=because("requests_fail", rate=facts.error_rate))


def _risk(facts: Facts) -> Verdict:
    low, high = facts.limits.auto_below, facts.limits.never_from
    if facts.risk >= high:
        return Deny(reason=because("risk_too_high", risk=facts.risk, high=high, largest=_largest(facts.risk_factors)))
    if facts.risk >= low:
        return Hold(reason=because("risk_between", risk=facts.risk, low=low, high=high), liftable=True)
    return Allow(reason=because("risk_low", risk=facts.risk, low=low))


def _verifiable(facts: Facts) -> Verdict:
    match facts.verified_by:
        case "own rule":
            return Allow(reason=because("own_rule"))
        case "a person's rule":
            return Hold(reason=because("named_rule"), liftable=True)
        case "nobody":
            return Hold(reason=because("no_rule", why=facts.unserved), liftable=True)


def ungraded(severities: tuple[str, ...], bounds: limits.Reach) -> tuple[str, ...]:
    """Return the severities at which we may not act alone."""
    known = bounds.severities
    return () if "*" in known else tuple(word for word in severities if word.strip().lower() not in known)


def _label(facts: Facts) -> Verdict:
    odd = ungraded(facts.severities, facts.limits)
    if odd:
        return Hold(reason=because("ungraded", severities=odd), liftable=True)
    return Allow(reason=because("graded", severities=facts.severities) if facts.severities else because("no_severity"))


def _others(facts: Facts) -> Verdict:
    if facts.waiting:
        # Acting here would answer the question in the person's place.
        return Hold(reason=because("person_not_answered", incidents=facts.waiting), liftable=True)
    if facts.refused:
        return Hold(reason=because("person_refused", incidents=facts.refused), liftable=True)
    if facts.doubted:
        return Hold(reason=because("person_doubts", people=facts.doubted), liftable=True)
    if facts.steered:
        # Whoever points at a service may be wrong, and nobody else would have looked there.
        return Hold(reason=because("person_pointed", people=facts.steered), liftable=True)
    return Allow(reason=because("nobody_else_asked"))


def _largest(factors: tuple[Factor, ...]) -> tuple[Reason, ...]:
    largest = sorted(factors, key=lambda factor: (-factor.contribution, factor.name))[:3]
    named = tuple(because("factor", name=factor.name, contribution=factor.contribution) for factor in largest)
    return named or (because("no_factors"),)


POLICY = Policy(NAME, VERSION, Facts, Result, judge)
