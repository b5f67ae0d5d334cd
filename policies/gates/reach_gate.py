"""The third gate: how far the change reaches, and whether this is the time for it.

Too wide, frozen, too often or in conflict is refused with the factors named.  Between the risk
thresholds, and whenever the damage is critical, a person decides; so it is where nothing could tell
afterwards whether the change helped.
"""

from typing import Literal

from pydantic import AwareDatetime, Field

from incident.control import Control
from incident.decision import SCALE, Allow, Constraint, Deny, Factor, Hold, Kind, Verdict, worst
from incident.evidence import Change, Missing, Neighbours
from incident.value import Value
from policies import limits
from policies.gates import flapping
from policies.gates.risk import shown
from policies.policy import Answer, Policy

NAME = "reach_gate.judge"
VERSION = 3


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
    """Whose condition tells afterwards whether it helped: the alert's own, or one that a person named instead."""
    unserved: str = ""
    """Why the world serves no condition for the alert."""
    severities: tuple[str, ...] = ()
    """What the alert's and its rule's label `severity` say; empty when there is no such label."""
    waiting: tuple[str, ...] = ()
    """Other incidents about the same service whose question to a person is open."""
    refused: tuple[str, ...] = ()
    """Other incidents in which a person refused this very plan within a day."""
    now: AwareDatetime
    limits: limits.Reach


class Result(Value):
    """What the gate weighed."""

    risk: int
    """In ten-thousandths."""
    against: tuple[str, ...]
    """Names of the constraints that do not hold."""
    dependents: tuple[str, ...]


def judge(facts: Facts) -> Answer[Kind, Result]:
    """Allow, or hold for a person, or deny; the strictest finding decides."""
    findings = _findings(facts)
    against = tuple(name for name, found in findings if not isinstance(found, Allow))
    strictest = worst(tuple(found for _, found in findings))
    # The first of many reasons to go on would read as if it were the only one.
    verdict = strictest if against else Allow(reason=f"all {len(findings)} limits hold; {_risk(facts).reason}")
    return Answer[Kind, Result](
        policy=NAME,
        version=VERSION,
        verdict=verdict,
        choice=verdict.kind,
        factors=facts.risk_factors,
        constraints=tuple(
            Constraint(name=name, held=isinstance(found, Allow), detail=found.reason) for name, found in findings
        ),
        reasoning=f"against it: {', '.join(against)}" if against else verdict.reason,
        result=Result(risk=facts.risk, against=against, dependents=_dependents(facts.neighbours)),
    )


def _findings(facts: Facts) -> tuple[tuple[str, Verdict], ...]:
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
    if control.stop_all or control.aborted:
        what = "the kill switch is set" if control.stop_all else "the incident was aborted"
        return Deny(reason=f"{what} by {control.by or 'nobody named'}: {control.reason or 'no reason given'}")
    if control.paused:
        return Hold(reason=f"the incident is paused by {control.by or 'nobody named'}")
    return Allow(reason="no switch is set")


def _freeze(facts: Facts) -> Verdict:
    service = facts.service or (facts.neighbours.service if isinstance(facts.neighbours, Neighbours) else "")
    for freeze in facts.limits.freezes:
        # A service that nobody named may be a frozen one.
        covers = not freeze.services or not service or service in freeze.services
        if freeze.start <= facts.now < freeze.end and covers:
            return Deny(reason=f"freeze window until {freeze.end.isoformat()}: {freeze.reason}")
    return Allow(reason="no freeze window")


def _dependents(neighbours: Neighbours | Missing | None) -> tuple[str, ...]:
    if not isinstance(neighbours, Neighbours):
        return ()
    return tuple(sorted({*neighbours.dependents, *neighbours.callers}))


def _blast_radius(facts: Facts) -> Verdict:
    if not isinstance(facts.neighbours, Neighbours):
        why = facts.neighbours.reason if facts.neighbours else "no topology"
        return Hold(reason=f"the blast radius is unknown: {why}", liftable=True)
    count = len(_dependents(facts.neighbours))
    if count > facts.limits.max_dependents:
        return Deny(reason=f"blast radius: {count} services depend on it, {facts.limits.max_dependents} are allowed")
    return Allow(reason=f"{count} services depend on it")


def _budget(facts: Facts) -> Verdict:
    used, most = facts.actions_last_hour, facts.limits.max_actions_per_hour
    if used >= most:
        return Hold(reason=f"{used} changes in the last hour, {most} are allowed", liftable=True)
    return Allow(reason=f"{used} of {most} changes in the last hour")


def _breaker(facts: Facts) -> Verdict:
    # What came back after several remedies is not understood; the next one would not help either.
    if facts.tries >= facts.limits.max_tries:
        return Hold(reason=f"{facts.tries} tries at this alert, {facts.limits.max_tries} are allowed", liftable=True)
    return Allow(reason=f"{facts.tries} of {facts.limits.max_tries} tries at this alert")


def _flap(facts: Facts) -> Verdict:
    if facts.limits.flap_seconds == 0:
        return Allow(reason="going back and forth is not looked for")
    if facts.moves is None:
        return Hold(reason="what was changed here lately is unknown", liftable=True)
    swing = flapping.returned(facts.moves, facts.now, facts.limits.flap_seconds)
    if swing:
        return Hold(reason=f"it goes back and forth: {swing}; a person decides", liftable=True)
    return Allow(reason="it did not go back and forth lately")


def _severity(facts: Facts) -> Verdict:
    if facts.error_rate is None:
        return Hold(reason="the error rate could not be measured: a person decides", liftable=True)
    if facts.error_rate >= facts.limits.critical_error_rate:
        return Hold(reason=f"critical: {facts.error_rate:.0%} of the requests fail, a person decides", liftable=True)
    return Allow(reason=f"{facts.error_rate:.1%} of the requests fail")


def _risk(facts: Facts) -> Verdict:
    low, high = facts.limits.auto_below, facts.limits.never_from
    if facts.risk >= high:
        return Deny(reason=f"risk {shown(facts.risk)} is not below {shown(high)}: {_named(facts.risk_factors)}")
    if facts.risk >= low:
        return Hold(
            reason=f"risk {shown(facts.risk)} is between {shown(low)} and {shown(high)}: a person decides",
            liftable=True,
        )
    return Allow(reason=f"risk {shown(facts.risk)} is below {shown(low)}")


def _verifiable(facts: Facts) -> Verdict:
    match facts.verified_by:
        case "own rule":
            return Allow(reason="the world serves the alert's own rule")
        case "a person's rule":
            return Hold(reason="the alert's own rule is not served, a person named another one", liftable=True)
        case "nobody":
            why = facts.unserved or "the world serves no rule for the alert"
            said = f"{why}: whether it helped could not be told; a person must name a rule to verify by"
            return Hold(reason=said, liftable=True)


def ungraded(severities: tuple[str, ...], bounds: limits.Reach) -> tuple[str, ...]:
    """The severities that are not among those which may be acted upon alone."""
    known = bounds.severities
    return () if "*" in known else tuple(word for word in severities if word.strip().lower() not in known)


def _label(facts: Facts) -> Verdict:
    odd = ungraded(facts.severities, facts.limits)
    if odd:
        return Hold(reason=f"the alert's severity is {', '.join(odd)}: a person decides", liftable=True)
    return Allow(reason=f"severity {', '.join(facts.severities)}" if facts.severities else "no severity is named")


def _others(facts: Facts) -> Verdict:
    if facts.waiting:
        # Acting here would answer the question in the person's place.
        named = ", ".join(facts.waiting)
        return Hold(reason=f"a person was asked about this service and has not answered: {named}", liftable=True)
    if facts.refused:
        return Hold(reason=f"a person refused this very plan in {', '.join(facts.refused)}", liftable=True)
    return Allow(reason="no person is asked about this service elsewhere, and none refused this plan")


def _named(factors: tuple[Factor, ...]) -> str:
    largest = sorted(factors, key=lambda factor: (-factor.contribution, factor.name))[:3]
    return ", ".join(f"{factor.name} {shown(factor.contribution)}" for factor in largest) or "no factors given"


POLICY = Policy(NAME, VERSION, Facts, Result, judge)
