"""The second gate: the remedy must be proved.

Each kind of remedy has its own proof.  A patch needs every check of the sandbox, the inspection of its syntax
tree, and a review without objections.  A rollback needs a target that served well, a reverted setting the
exact inverse of what was recorded.  A check that is absent is unknown, and unknown holds.
"""

from typing import Literal, assert_never

from pydantic import Field

from incident.decision import Allow, Decision, Deny, Hold, Kind, Verdict, because
from incident.proof import Proof, Review
from incident.remedy import RemedyKind
from incident.value import Value
from policies.policy import Finding, Judgement, Nothing, Policy, constraints, strictest

NAME = "proof_gate.judge"
VERSION = 6

SHOWN = 12
"""Digits of a plan's digest that a person is shown: enough to name it."""

NEEDED: dict[str, tuple[str, ...]] = {
    "patch": (
        "reproduces",
        "fixed",
        "answer",
        "guarded",
        "unambiguous",
        "same_answers",
        "own_tests",
        "scope",
        "inverse",
        "bounded",
    ),
    "roll_back": ("target served well", "target served better", "target is the recorded one", "target fits the data"),
    "revert_config": ("exact inverse of a change before the onset",),
    "restart": ("reversible", "interrupts nobody"),
    "scale": ("reversible", "within bounds"),
}
"""Checks that a proof of each kind must contain; any other check in it must have passed as well."""

LIFTABLE: frozenset[str] = frozenset(
    {
        "answer",
        "guarded",
        "unambiguous",
        "same_answers",
        "own_tests",
        "bounded",
        "target served well",
        "target served better",
        "target fits the data",
        "interrupts nobody",
    }
)
"""Checks that a person may answer for while they are unknown; that it mends and can be undone is not among them."""


class Choice(Value):
    """One of several patches among which a person picks."""

    plan: str
    """Digest of the patch."""
    answer: str
    """Answer to the failing request, in one line."""
    change: str
    """The change in words."""


class Facts(Value):
    """The proof of one remedy; inspection and review are a patch's."""

    kind: RemedyKind
    remedy_digest: str
    base: str
    """Commit or version that runs now."""
    proof: Proof | None = None
    inspection: Decision | Verdict | None = None
    review: Review | None = None
    choices: tuple[Choice, ...] = Field(default=(), exclude_if=lambda choices: not choices)
    """Patches that answer the failing request otherwise, this one among them, when nothing tells which of them is right."""


def judge(facts: Facts) -> Judgement[Kind, Nothing]:
    """Allow when everything that this kind of remedy needs is shown."""
    findings = _findings(facts)
    verdict = strictest(findings, because("proof_holds", parts=len(findings)))
    return Judgement[Kind, Nothing](
        policy=NAME,
        version=VERSION,
        verdict=verdict,
        choice=verdict.kind,
        constraints=constraints(findings),
        result=Nothing(),
    )


def _findings(facts: Facts) -> tuple[Finding, ...]:
    match facts.kind:
        case "patch":
            return (
                *_one_answer(facts),
                *_checks(facts),
                ("inspection", _inspection(facts)),
                ("review", _review(facts)),
            )
        case "roll_back" | "revert_config" | "restart" | "scale":
            return _checks(facts)
        case "wait":
            return (("changes_nothing", Allow(reason=because("waiting_changes_nothing"))),)
        case "ask_human":
            return (("a_person", Hold(reason=because("person_asked"))),)
        case _:
            assert_never(facts.kind)


def _one_answer(facts: Facts) -> tuple[Finding, ...]:
    if not facts.choices:
        return ()
    answers = tuple(
        because("answer_of_plan", plan=one.plan[:SHOWN], answer=one.answer, change=one.change) for one in facts.choices
    )
    # It comes first, so that among holds that a person may lift this is the one that is asked.
    return (("one_answer", Hold(reason=because("several_answers", answers=answers), liftable=True)),)


def _checks(facts: Facts) -> tuple[Finding, ...]:
    proof = facts.proof
    if proof is None:
        return (("proof", Hold(reason=because("not_proved"))),)
    if proof.remedy_digest != facts.remedy_digest:
        return (("proof", Deny(reason=because("proof_of_another_change"))),)
    # What was shown on another base shows nothing about this one.
    if proof.base != facts.base:
        return (("proof", Hold(reason=because("proved_on_another_base", base=proof.base, running=facts.base))),)
    found = {check.name: check for check in proof.checks}
    absent = tuple((name, _unknown(name, "")) for name in NEEDED[facts.kind] if name not in found)
    return absent + tuple((name, _check(name, check.outcome, check.detail)) for name, check in found.items())


def _check(name: str, outcome: Literal["passed", "failed", "unknown"], detail: str) -> Verdict:
    match outcome:
        case "passed":
            return Allow(reason=because("check_passed", detail=detail))
        case "failed":
            return Deny(reason=because("check_failed", check=name, detail=detail))
        case "unknown":
            return _unknown(name, detail)


def _unknown(name: str, detail: str) -> Hold:
    return Hold(reason=because("check_unknown", check=name, detail=detail), liftable=name in LIFTABLE)


def _inspection(facts: Facts) -> Verdict:
    match facts.inspection:
        case None:
            return Hold(reason=because("not_inspected"))
        case Decision(verdict=verdict):
            return verdict
        case verdict:
            return verdict


def _review(facts: Facts) -> Verdict:
    review = facts.review
    if review is None:
        return Hold(reason=because("not_reviewed"), liftable=True)
    if review.remedy_digest != facts.remedy_digest:
        return Deny(reason=because("review_of_another_change"))
    if review.objections:
        return Deny(reason=because("reviewer_objects", objections=review.objections))
    return Allow(reason=because("no_objection"))


POLICY = Policy(NAME, VERSION, Facts, Nothing, judge)
