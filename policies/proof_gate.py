"""The second gate: whether the change proved itself.

The proof is per remedy.  A patch needs every check of the sandbox, the inspection of its syntax tree,
and a review without objections.  Going back needs a target that served well and still fits.  A check
that is absent is unknown, and unknown holds.
"""

from typing import Literal, assert_never

from pydantic import Field

from incident.decision import Allow, Constraint, Decision, Deny, Hold, Verdict, worst
from incident.proof import Proof, Review
from incident.value import Value

NAME = "proof_gate.judge"
VERSION = 1

NEEDED: tuple[str, ...] = ("reproduces", "fixed", "same_answers", "own_tests", "scope", "inverse", "bounded")
"""Checks of a patch; every one must be in its proof."""

LIFTABLE: frozenset[str] = frozenset({"same_answers", "own_tests", "bounded"})
"""Unknown checks that a person may take upon themselves; that it mends and can be undone is not among them."""

MIN_SERVED = 50
"""Requests that a version must have served well before traffic goes back to it."""

MAX_FAILED = 0.02
"""Error rate up to which it served well."""


class Target(Value):
    """The version to go back to."""

    served: int = Field(ge=0)
    """Requests that it answered before the incident."""
    failed: int = Field(ge=0)
    schema_fits: bool | None
    """Whether its data still fits; None when nobody knows."""
    config_fits: bool | None


class Inverse(Value):
    """The configuration change to be undone."""

    exact: bool | None
    """Whether undoing restores exactly what was recorded before the change."""
    precedes_onset: bool | None


class Bounds(Value):
    """A restart or a change of the number of replicas."""

    reversible: bool
    within_bounds: bool


class Facts(Value):
    """The proof of one remedy; the fields of other remedies are None."""

    kind: Literal["patch", "roll_back", "revert_config", "restart", "scale", "wait", "ask_human"]
    remedy_digest: str
    base: str
    """Commit or version that runs now."""
    proof: Proof | None = None
    inspection: Decision | Verdict | None = None
    review: Review | None = None
    target: Target | None = None
    inverse: Inverse | None = None
    bounds: Bounds | None = None


def judge(facts: Facts) -> Decision:
    """Allow when everything that this kind of remedy needs is shown."""
    findings = _findings(facts)
    verdict = worst(tuple(verdict for _, verdict in findings))
    return Decision(
        policy=NAME,
        version=VERSION,
        verdict=verdict,
        choice=verdict.kind,
        constraints=tuple(
            Constraint(name=name, held=isinstance(found, Allow), detail=found.reason) for name, found in findings
        ),
        reasoning=verdict.reason,
    )


Finding = tuple[str, Verdict]


def _findings(facts: Facts) -> tuple[Finding, ...]:
    match facts.kind:
        case "patch":
            return (*_checks(facts), ("inspection", _inspection(facts)), ("review", _review(facts)))
        case "roll_back":
            return _target(facts.target)
        case "revert_config":
            return _inverse(facts.inverse)
        case "restart" | "scale":
            return _bounds(facts.bounds)
        case "wait":
            return (("changes_nothing", Allow(reason="waiting changes nothing")),)
        case "ask_human":
            return (("a_person", Hold(reason="a person is asked")),)
        case _:
            assert_never(facts.kind)


def _checks(facts: Facts) -> tuple[Finding, ...]:
    proof = facts.proof
    if proof is None:
        return (("proof", Hold(reason="the patch was not put to the proof")),)
    if proof.remedy_digest != facts.remedy_digest:
        return (("proof", Deny(reason="the proof is of another change")),)
    # What was shown on another base shows nothing about this one.
    if proof.base != facts.base:
        return (("proof", Hold(reason=f"proved on {proof.base}, but {facts.base} runs now")),)
    found = {check.name: check for check in proof.checks}
    absent = tuple((name, _unknown(name, "was not checked")) for name in NEEDED if name not in found)
    return absent + tuple((name, _check(name, check.outcome, check.detail)) for name, check in found.items())


def _check(name: str, outcome: Literal["passed", "failed", "unknown"], detail: str) -> Verdict:
    match outcome:
        case "passed":
            return Allow(reason=detail or "passed")
        case "failed":
            return Deny(reason=f"{name} failed: {detail}")
        case "unknown":
            return _unknown(name, detail)


def _unknown(name: str, detail: str) -> Hold:
    return Hold(reason=f"{name} is unknown: {detail}", liftable=name in LIFTABLE)


def _inspection(facts: Facts) -> Verdict:
    match facts.inspection:
        case None:
            return Hold(reason="the patch was not inspected")
        case Decision(verdict=verdict):
            return verdict
        case verdict:
            return verdict


def _review(facts: Facts) -> Verdict:
    review = facts.review
    if review is None:
        return Hold(reason="the patch was not reviewed", liftable=True)
    if review.remedy_digest != facts.remedy_digest:
        return Deny(reason="the review is of another change")
    if review.objections:
        return Deny(reason=f"the reviewer objects: it {', '.join(review.objections)}")
    return Allow(reason="the reviewer has no objection, which alone approves nothing")


def _target(target: Target | None) -> tuple[Finding, ...]:
    if target is None:
        return (("target", Hold(reason="nothing is known about the version to go back to")),)
    enough = target.served >= MIN_SERVED
    served: Verdict = Hold(reason=f"it served only {target.served} requests", liftable=True)
    if enough and target.failed > MAX_FAILED * target.served:
        served = Deny(reason=f"it failed {target.failed} of {target.served} requests when it served")
    elif enough:
        served = Allow(reason=f"it failed {target.failed} of {target.served} requests")
    return (
        ("served_well", served),
        ("schema_fits", _answer(target.schema_fits, "its data still fits")),
        ("config_fits", _answer(target.config_fits, "its configuration still fits")),
    )


def _inverse(inverse: Inverse | None) -> tuple[Finding, ...]:
    if inverse is None:
        return (("inverse", Hold(reason="nothing is known about the change to be undone")),)
    return (
        ("exact_inverse", _answer(inverse.exact, "undoing restores what was recorded")),
        ("precedes_onset", _answer(inverse.precedes_onset, "the change came before the onset")),
    )


def _bounds(bounds: Bounds | None) -> tuple[Finding, ...]:
    if bounds is None:
        return (("bounds", Hold(reason="nothing is known about the limits of this action")),)
    return (
        ("reversible", _answer(bounds.reversible, "it can be undone")),
        ("within_bounds", _answer(bounds.within_bounds, "it stays within its limits")),
    )


def _answer(answer: bool | None, what: str) -> Verdict:  # noqa: FBT001 (a fact that is a yes, a no, or unknown)
    if answer is None:
        return Hold(reason=f"unknown whether {what}", liftable=True)
    return Allow(reason=what) if answer else Deny(reason=f"not so: {what}")
