"""What each kind of remedy has to show."""

from typing import Any, get_args

import pytest

from incident.decision import Allow, Deny, Hold, Verdict
from incident.proof import Check, Proof, Review
from policies import limits
from policies.gates import proof_gate
from policies.patch import rules
from tests.unit.policies import patches

REVIEW = Review(
    remedy_digest="d",
    right_cause=True,
    hides_error=False,
    changes_meaning=False,
    compatible_data=True,
    tests_meaningful=True,
    comment="",
    model="m",
)


def proof(kind: str, digest: str = "d", base: str = "b", **outcomes: str) -> Proof:
    names = dict.fromkeys(proof_gate.NEEDED.get(kind, ()), "passed") | outcomes
    checks = tuple(
        Check.model_validate({"name": name, "outcome": outcome, "detail": "seen"})
        for name, outcome in names.items()
        if outcome != "absent"
    )
    return Proof(remedy_digest=digest, base=base, checks=checks)


def judged(kind: str = "patch", **changed: Any) -> Verdict:
    facts: dict[str, Any] = {"kind": kind, "remedy_digest": "d", "base": "b", "proof": proof(kind)}
    if kind == "patch":
        facts |= {"inspection": Allow(reason="clean"), "review": REVIEW}
    return proof_gate.judge(proof_gate.Facts.model_validate(facts | changed)).verdict


PROVED = sorted(proof_gate.NEEDED)
EACH = [(kind, name) for kind in PROVED for name in proof_gate.NEEDED[kind]]


@pytest.mark.parametrize("kind", PROVED)
def test_a_complete_proof_is_let_through(kind: str) -> None:
    assert judged(kind).kind == "allow"


@pytest.mark.parametrize(("kind", "name"), EACH)
def test_one_check_that_failed_is_a_no(kind: str, name: str) -> None:
    assert judged(kind, proof=proof(kind, **{name: "failed"})).kind == "deny"


@pytest.mark.parametrize("outcome", ["unknown", "absent"])
@pytest.mark.parametrize(("kind", "name"), EACH)
def test_one_check_that_is_unknown_or_absent_holds(kind: str, name: str, outcome: str) -> None:
    verdict = judged(kind, proof=proof(kind, **{name: outcome}))
    assert isinstance(verdict, Hold)
    assert verdict.liftable is (name in proof_gate.LIFTABLE)


@pytest.mark.parametrize("name", ["reproduces", "fixed", "scope", "inverse"])
def test_no_person_can_wave_through_that_it_mends_and_can_be_undone(name: str) -> None:
    assert name not in proof_gate.LIFTABLE


def test_a_further_check_that_failed_counts_too() -> None:
    assert judged(proof=proof("patch", extra="failed")).kind == "deny"


@pytest.mark.parametrize("kind", PROVED)
@pytest.mark.parametrize(
    ("changed", "want"),
    [({"proof": None}, "hold"), ({"remedy_digest": "other"}, "deny"), ({"base": "other"}, "hold")],
    ids=["no proof", "of another change", "on another base"],
)
def test_a_proof_is_bound_to_the_change_and_its_base(kind: str, changed: dict[str, Any], want: str) -> None:
    assert judged(kind, **changed).kind == want


@pytest.mark.parametrize(
    ("inspection", "want"),
    [
        (None, "hold"),
        (Deny(reason="hides"), "deny"),
        (Hold(reason="?", liftable=True), "hold"),
        (Allow(reason=""), "allow"),
    ],
    ids=["none", "deny", "hold", "allow"],
)
def test_the_inspection_is_part_of_the_proof(inspection: Verdict | None, want: str) -> None:
    assert judged(inspection=inspection).kind == want


def test_a_whole_decision_serves_as_the_inspection() -> None:
    change = patches.patch(patches.edited(patches.LINE, patches.GUARD))
    decision = rules.inspect(rules.Facts(patch=change, component="orders", tests="orders/tests", limits=limits.Patch()))
    assert judged(inspection=decision).kind == "allow"


OBJECTIONS = {
    "right_cause": False,
    "hides_error": True,
    "changes_meaning": True,
    "compatible_data": False,
    "tests_meaningful": False,
}


@pytest.mark.parametrize("name", sorted(OBJECTIONS))
def test_one_objection_of_the_reviewer_is_a_no(name: str) -> None:
    assert judged(review=REVIEW.model_copy(update={name: OBJECTIONS[name]})).kind == "deny"


def test_a_review_of_another_change_is_a_no() -> None:
    assert judged(review=REVIEW.model_copy(update={"remedy_digest": "other"})).kind == "deny"


def test_a_patch_that_nobody_reviewed_waits() -> None:
    assert judged(review=None).kind == "hold"


def test_a_reviewer_approves_nothing_by_itself() -> None:
    assert judged(proof=None, review=REVIEW).kind == "hold"


def test_waiting_needs_no_proof_and_asking_holds() -> None:
    assert judged("wait", proof=None).kind == "allow"
    assert judged("ask_human", proof=None).kind == "hold"


def test_every_kind_of_remedy_is_judged() -> None:
    kinds = get_args(proof_gate.Facts.model_fields["kind"].annotation)
    assert {*PROVED, "wait", "ask_human"} == set(kinds)


def choices(*answers: str) -> tuple[proof_gate.Choice, ...]:
    return tuple(
        proof_gate.Choice(plan=f"{number:064x}", answer=said, change="") for number, said in enumerate(answers)
    )


def test_several_answers_are_a_persons_to_pick_from_and_open_nothing_that_was_closed() -> None:
    asked = judged(choices=choices("200 {}", "422 {}"))
    assert isinstance(asked, Hold)
    assert asked.liftable
    assert asked.reason.code == "several_answers"
    failed = judged(choices=choices("200 {}", "422 {}"), proof=proof("patch", fixed="failed"))
    assert failed.kind == "deny"
    barred = judged(choices=choices("200 {}", "422 {}"), proof=proof("patch", inverse="unknown"))
    assert isinstance(barred, Hold)
    assert not barred.liftable
