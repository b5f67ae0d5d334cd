"""The risk of one change: named factors in ten-thousandths whose contributions add up to the score.

Every factor grows with what it measures, so the score is monotone; what is unknown fills its factor.
"""

from typing import Literal

from pydantic import AwareDatetime, Field

from incident.decision import SCALE, Allow, Decision, Factor
from incident.evidence import Missing, Neighbours
from incident.value import Value
from policies import limits

NAME = "risk.assess"
VERSION = 1

Place = Literal["none", "function", "config", "module", "shared"]

PLACES: dict[Place, int] = {"none": 0, "function": 2_000, "config": 4_000, "module": 6_000, "shared": SCALE}
"""Where the change is; shared code reaches services that the topology of one does not show."""

KINDS: dict[str, int] = {
    "wait": 0,
    "ask_human": 0,
    "roll_back": 1_500,
    "restart": 2_500,
    "scale": 2_500,
    "revert_config": 3_000,
    "patch": 5_000,
}
"""Going back to what served is safer than new code; nothing is as risky as an unknown kind."""


class Facts(Value):
    """What the change is and whom it can hurt."""

    kind: Literal["patch", "roll_back", "revert_config", "restart", "scale", "wait", "ask_human"]
    neighbours: Neighbours | Missing
    changed_lines: int = Field(ge=0)
    """Lines added plus removed in source, tests not counted; 0 for remedies without a diff."""
    place: Place
    proof: Literal["passed", "failed", "unknown"]
    checks_passed: int = Field(ge=0)
    tests_cover: bool | None
    """Whether tests run the changed lines; None when nobody knows."""
    confidence: int = Field(ge=0, le=SCALE)
    """Of the diagnosis, as `evidence_gate` computed it."""
    reversible: bool
    recent_failures: int = Field(ge=0)
    """Changes to this service that had to be taken back lately."""
    error_rate: float | None = Field(default=None, ge=0, le=1)
    """Measured share of the service's requests that fail; None when it could not be measured."""
    now: AwareDatetime
    limits: limits.Risk


def assess(facts: Facts) -> Decision:
    """Return the score in ``data["score"]``; `reach_gate` decides what it allows."""
    weights = facts.limits.weights()
    factors = tuple(
        Factor(
            name=name,
            value=value,
            weight=weights[name],
            contribution=value * weights[name] // SCALE,
            note=note,
        )
        for name, value, note in _values(facts)
    )
    score = sum(factor.contribution for factor in factors)
    largest = sorted(factors, key=lambda factor: (-factor.contribution, factor.name))[:3]
    reason = "most of it: " + ", ".join(f"{factor.name} {factor.contribution}" for factor in largest)
    return Decision(
        policy=NAME,
        version=VERSION,
        verdict=Allow(reason=f"risk {score} of {SCALE}"),
        choice="scored",
        factors=factors,
        reasoning=reason,
        data={"score": score},
    )


def _values(facts: Facts) -> tuple[tuple[str, int, str], ...]:
    bounds = facts.limits
    dependents, seen = _dependents(facts.neighbours, bounds)
    proof, tested = _proof(facts)
    asleep = not _working(facts.now, bounds.working_hours)
    rate = facts.error_rate
    return (
        ("reach", dependents, seen),
        ("size", _share(facts.changed_lines, bounds.full_lines), f"{facts.changed_lines} changed lines"),
        ("place", PLACES[facts.place], facts.place),
        ("proof", proof, tested),
        ("coverage", 0 if facts.tests_cover else SCALE, _known(facts.tests_cover)),
        ("diagnosis", SCALE - facts.confidence, f"computed confidence {facts.confidence}"),
        (
            "reversibility",
            0 if facts.reversible else SCALE,
            "can be undone" if facts.reversible else "cannot be undone",
        ),
        (
            "recent_failures",
            _share(facts.recent_failures, bounds.full_failures),
            f"{facts.recent_failures} taken back lately",
        ),
        ("hour", 5_000 if asleep else 0, "outside working hours" if asleep else "in working hours"),
        ("remedy", KINDS[facts.kind], facts.kind),
        (
            "severity",
            SCALE if rate is None else round(rate * SCALE),
            "not measured" if rate is None else f"{rate:.1%} of the requests fail",
        ),
    )


def _share(count: int, full: int) -> int:
    return min(SCALE, count * SCALE // full)


def _dependents(neighbours: Neighbours | Missing, bounds: limits.Risk) -> tuple[int, str]:
    if isinstance(neighbours, Missing):
        return SCALE, f"unknown: {neighbours.reason}"
    count = len({*neighbours.dependents, *neighbours.callers})
    return _share(count, bounds.full_dependents), f"{count} services depend on it"


def _proof(facts: Facts) -> tuple[int, str]:
    if facts.proof != "passed":
        return SCALE, facts.proof
    open_share = SCALE - _share(facts.checks_passed, facts.limits.full_checks)
    return open_share, f"{facts.checks_passed} of {facts.limits.full_checks} checks passed"


def _known(answer: bool | None) -> str:  # noqa: FBT001 (a fact that is a yes, a no, or unknown)
    return "unknown" if answer is None else ("tests run the changed lines" if answer else "no test runs the lines")


def _working(now: AwareDatetime, hours: tuple[int, int]) -> bool:
    return now.weekday() < 5 and hours[0] <= now.hour < hours[1]
