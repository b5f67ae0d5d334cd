"""Risk of one change: named factors in ten-thousandths whose contributions add up to the score.

Every factor grows with what it measures, so the score is monotone; what is unknown fills its factor.
"""

import difflib
from datetime import timedelta
from typing import Literal

from pydantic import AwareDatetime, Field

from incident.decision import SCALE, Allow, Factor, Reason, because
from incident.evidence import Missing, Neighbours, Signals
from incident.proof import Proof
from incident.remedy import Patch, Remedy
from incident.value import Value
from policies import limits
from policies.policy import Judgement, Policy

NAME = "risk.assess"
VERSION = 4

Choice = Literal["scored"]

PLACES: dict[str, tuple[int, Reason]] = {
    "wait": (0, because("in_nothing")),
    "ask_human": (0, because("in_nothing")),
    "roll_back": (1_000, because("in_routing")),
    "restart": (1_000, because("in_process")),
    "scale": (1_000, because("in_processes")),
    "patch": (2_000, because("in_function")),
    "revert_config": (4_000, because("in_configuration")),
}
"""Place that each kind of remedy changes, and its value; `policies.patch.rules` keeps a patch inside one function."""

REVERSIBLE: frozenset[str] = frozenset(PLACES)
"""Kinds of remedy that can be undone: all of the closed set; a new kind is irreversible until it is added here."""

KINDS: dict[str, int] = {
    "wait": 0,
    "ask_human": 0,
    "roll_back": 1_500,
    "restart": 2_500,
    "scale": 2_500,
    "revert_config": 3_000,
    "patch": 5_000,
}
"""Value of each kind of remedy: going back to what served is safer than new code."""


class Facts(Value):
    """The change, and the services it can hurt.  A field that is left out is unknown, and fills its factor."""

    remedy: Remedy
    proof: Proof | None
    neighbours: Neighbours | Missing | None
    error_rate: float | None = Field(ge=0, le=1)
    """Measured share of the service's requests that fail; None when it could not be measured."""
    now: AwareDatetime
    weights: limits.Risk
    confidence: int | None = Field(default=None, ge=0, le=SCALE)
    """Of the diagnosis, as `evidence_gate` computed it."""
    recent_failures: int | None = Field(default=None, ge=0)
    """Changes to this service that had to be taken back lately."""
    # Left out of the encoding where it is zero, as in every record from before the field was there.
    failed_before: int | None = Field(default=0, ge=0, exclude_if=lambda count: count == 0)
    """Past incidents of the same signature in which this remedy was taken back, or called wrong by a person."""
    objective: limits.Objective = limits.Objective()
    """Objective of the service."""
    served: Signals | Missing | None = None
    """Answers of the service over the whole window of its objective."""
    freezes: tuple[limits.Freeze, ...] = ()
    """Times without changes; `reach_gate` refuses inside of them."""


class Result(Value):
    """The score, in ten-thousandths."""

    score: int


def assess(facts: Facts) -> Judgement[Choice, Result]:
    """Add up the score; `reach_gate` decides what it allows."""
    weights = facts.weights.weights()
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
    return Judgement[Choice, Result](
        policy=NAME,
        version=VERSION,
        verdict=Allow(reason=because("risk_scored", risk=score)),
        choice="scored",
        factors=factors,
        result=Result(score=score),
    )


def _values(facts: Facts) -> tuple[tuple[str, int, Reason], ...]:
    bounds, remedy = facts.weights, facts.remedy
    lines = changed_lines(remedy)
    reversible = remedy.kind in REVERSIBLE
    return (
        ("reach", *_dependents(facts.neighbours, bounds)),
        ("size", _share(lines, bounds.full_lines), because("changed_lines", count=lines)),
        ("place", *PLACES[remedy.kind]),
        ("proof", *_proof(facts)),
        ("coverage", *_coverage(facts)),
        ("diagnosis", *_doubt(facts.confidence)),
        ("reversibility", 0 if reversible else SCALE, because("undoable" if reversible else "not_undoable")),
        ("recent_failures", *_failures(facts)),
        ("budget", *_budget(facts.served, facts.objective)),
        ("hour", *_hour(facts)),
        ("remedy", KINDS[remedy.kind], because("remedy_kind", remedy=remedy.kind)),
        ("severity", *_severity(facts.error_rate)),
    )


def _failures(facts: Facts) -> tuple[int, Reason]:
    lately, before = facts.recent_failures, facts.failed_before
    if lately is None or before is None:
        return SCALE, because("unknown")
    if before:
        return SCALE, because("failed_here_before", count=before, taken_back=lately)
    return _share(lately, facts.weights.full_failures), because("taken_back_lately", count=lately)


def changed_lines(remedy: Remedy) -> int:
    """Lines of source that a remedy adds and removes; new files beside the source are tests and not counted."""
    if not isinstance(remedy, Patch):
        return 0
    return sum(_distance(edit.before, edit.after) for edit in remedy.edits if edit.before is not None)


def _distance(before: str, after: str) -> int:
    codes = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False).get_opcodes()
    return sum((i2 - i1) + (j2 - j1) for tag, i1, i2, j1, j2 in codes if tag != "equal")


def _share(count: int, full: int) -> int:
    return min(SCALE, count * SCALE // full)


def _dependents(neighbours: Neighbours | Missing | None, bounds: limits.Risk) -> tuple[int, Reason]:
    if not isinstance(neighbours, Neighbours):
        return SCALE, because("unknown_because", why=neighbours.reason if neighbours else "no topology")
    count = len({*neighbours.dependents, *neighbours.callers})
    return _share(count, bounds.full_dependents), because("depended_on", count=count)


def _proof(facts: Facts) -> tuple[int, Reason]:
    if facts.proof is None or facts.proof.outcome != "passed":
        return SCALE, because("proof_outcome", outcome=facts.proof.outcome if facts.proof else "")
    # Only a patch has many things to prove; going back has few, and the proof gate names them.
    full = facts.weights.full_checks if facts.remedy.kind == "patch" else 1
    passed = len({check.name for check in facts.proof.checks})
    return SCALE - _share(passed, full), because("checks_passed", passed=passed, full=full)


def _coverage(facts: Facts) -> tuple[int, Reason]:
    if not isinstance(facts.remedy, Patch):
        return 0, because("no_code_changed")
    covered = facts.proof.coverage if facts.proof is not None else None
    if covered is None:
        return SCALE, because("not_measured")
    changed, ran = set(covered.changed), set(covered.ran)
    # A patch that changed nothing that can run was not measured on what it changes.
    left = len(changed - ran) * SCALE // len(changed) if changed else SCALE
    return left, because("lines_tested", ran=len(changed & ran), changed=len(changed))


def _budget(served: Signals | Missing | None, objective: limits.Objective) -> tuple[int, Reason]:
    if not isinstance(served, Signals):
        return SCALE, because("unknown_because", why=served.reason if served else "not measured")
    if served.requests == 0:
        return SCALE, because("unknown_because", why="no requests in the window")
    # Millionths keep objectives such as 99.999 % exact in integers.
    allowed = served.requests * round((1 - objective.objective) * 1_000_000)
    spent = served.errors * 1_000_000 * SCALE
    used = min(SCALE, spent // allowed) if allowed else (SCALE if spent else 0)
    return used, because(
        "errors_against_objective",
        errors=served.errors,
        requests=served.requests,
        percent=100 * objective.objective,
        seconds=objective.window_seconds,
    )


def _hour(facts: Facts) -> tuple[int, Reason]:
    margin = timedelta(seconds=facts.weights.freeze_margin_seconds)
    for freeze in facts.freezes:
        covers = not freeze.services or facts.remedy.service in freeze.services
        if covers and freeze.start - margin <= facts.now < freeze.end:
            return SCALE, because("freeze_begins", start=freeze.start.isoformat(), why=freeze.reason)
    if _working(facts.now, facts.weights.working_hours):
        return 0, because("working_hours")
    return 5_000, because("outside_working_hours")


def _doubt(confidence: int | None) -> tuple[int, Reason]:
    return (
        (SCALE, because("unknown"))
        if confidence is None
        else (SCALE - confidence, because("computed_confidence", confidence=confidence))
    )


def _severity(rate: float | None) -> tuple[int, Reason]:
    return (
        (SCALE, because("not_measured")) if rate is None else (round(rate * SCALE), because("requests_fail", rate=rate))
    )


def _working(now: AwareDatetime, hours: tuple[int, int]) -> bool:
    return now.weekday() < 5 and hours[0] <= now.hour < hours[1]


POLICY = Policy(NAME, VERSION, Facts, Result, assess)
