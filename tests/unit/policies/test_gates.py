"""The three gates together: who may open them, and what no approval opens."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from incident.control import Approval
from incident.decision import Allow, Deny, Hold, Verdict, because
from policies.gates import permission
from tests.unit.policies import given

YES, LIFTABLE, STUCK, NO = Allow(reason="yes"), Hold(reason="?", liftable=True), Hold(reason="?!"), Deny(reason="no")
VERDICTS: dict[str, Verdict] = {"allow": YES, "liftable": LIFTABLE, "stuck": STUCK, "deny": NO}


def approval(**changed: Any) -> Approval:
    values: dict[str, Any] = {
        "plan_digest": "plan",
        "base": "base",
        "approved": True,
        "by": "ada",
        "os_user": "ada",
        "at": given.at(0),
        "expires_at": given.at(100),
    }
    return Approval.model_validate(values | changed)


def opened(**changed: Any) -> Verdict:
    values: dict[str, Any] = {
        "evidence": YES,
        "proof": YES,
        "reach": YES,
        "autonomy": "auto",
        "dry_run": False,
        "approval": None,
        "plan_digest": "plan",
        "base": "base",
        "verified_by": "own rule",
        "now": given.at(50),
    }
    return permission.open(permission.Facts.model_validate(values | changed)).verdict


TABLE = [
    (autonomy, dry_run, gate, answer)
    for autonomy in ("observe", "propose", "approve", "auto")
    for dry_run in (False, True)
    for gate in VERDICTS
    for answer in ("none", "yes", "no")
]


def expected(autonomy: str, dry_run: bool, gate: str, answer: str) -> str:
    if answer == "no" or gate == "deny":
        return "deny"
    if dry_run or autonomy in ("observe", "propose") or gate == "stuck":
        return "stuck"
    if answer == "yes" or (gate == "allow" and autonomy == "auto"):
        return "allow"
    return "liftable"


@pytest.mark.parametrize(("autonomy", "dry_run", "gate", "answer"), TABLE, ids=str)
@pytest.mark.parametrize("which", ["evidence", "proof", "reach"])
def test_every_combination_opens_exactly_when_it_should(
    which: str, autonomy: str, dry_run: bool, gate: str, answer: str
) -> None:
    given_answer = {"none": None, "yes": approval(), "no": approval(approved=False)}[answer]
    verdict = opened(**{which: VERDICTS[gate]}, autonomy=autonomy, dry_run=dry_run, approval=given_answer)
    want = expected(autonomy, dry_run, gate, answer)
    kind = verdict.kind if not isinstance(verdict, Hold) else ("liftable" if verdict.liftable else "stuck")
    assert kind == want


@pytest.mark.parametrize(("gate", "answer", "want"), [
    ("allow", "none", "liftable"), ("allow", "yes", "allow"), ("allow", "no", "deny"),
    ("liftable", "none", "liftable"), ("liftable", "yes", "allow"), ("stuck", "yes", "stuck"), ("deny", "yes", "deny"),
])  # fmt: skip
def test_what_a_person_was_asked_about_only_an_answer_opens(gate: str, answer: str, want: str) -> None:
    """Also where the reason for asking is gone by now: an hour later, say, the budget of changes is free again."""
    given_answer = {"none": None, "yes": approval(), "no": approval(approved=False)}[answer]
    verdict = opened(reach=VERDICTS[gate], approval=given_answer, asked=True)
    assert ("liftable" if isinstance(verdict, Hold) and verdict.liftable else verdict.kind) == want.replace(
        "stuck", "hold"
    )


@pytest.mark.parametrize("reach", ["allow", "liftable"])
def test_a_yes_lifts_nothing_where_nothing_would_tell_whether_it_was_right(reach: str) -> None:
    facts: dict[str, Any] = {"reach": VERDICTS[reach], "approval": approval()}
    assert opened(**facts, verified_by="nobody").kind == "hold"
    assert opened(**facts, verified_by="a person's rule").kind == "allow", "the control: the person named a rule"
    assert opened(verified_by="nobody").kind == "hold", "nor does it go through alone"


def test_control_what_nobody_was_asked_about_goes_through_alone() -> None:
    assert opened(asked=False).kind == "allow"


@pytest.mark.parametrize(
    "wrong",
    [
        {"plan_digest": "another"},
        {"base": "another"},
        {"expires_at": given.at(50)},
        {"at": given.at(51)},
    ],
    ids=["another plan", "another base", "expired", "from the future"],
)
def test_an_approval_that_does_not_fit_lifts_nothing(wrong: dict[str, Any]) -> None:
    assert opened(reach=LIFTABLE, approval=approval()).kind == "allow"
    verdict = opened(reach=LIFTABLE, approval=approval(**wrong))
    assert isinstance(verdict, Hold)
    assert verdict.liftable


def test_a_rejection_stands_even_after_it_expired() -> None:
    late = approval(approved=False, expires_at=given.at(1), reason="not tonight")
    verdict = opened(approval=late)
    assert verdict.kind == "deny"
    assert verdict.reason == because("rejected_by", by="ada", why="not tonight")


def test_a_rejection_of_another_plan_says_nothing_about_this_one() -> None:
    assert opened(approval=approval(approved=False, plan_digest="another")).kind == "allow"


def test_the_reason_says_what_was_lifted_and_by_whom() -> None:
    critical = because("critical", rate=0.5)
    verdict = opened(reach=Hold(reason=critical, liftable=True), approval=approval())
    assert verdict.reason == because("approved_by", by="ada", os_user="ada", asked=critical)


@examples(st.tuples(*(st.sampled_from(sorted(VERDICTS)) for _ in range(3))), st.booleans())
def test_one_gate_that_does_not_allow_is_enough_to_stay_shut(names: tuple[str, str, str], approved: bool) -> None:
    evidence, proof, reach = (VERDICTS[name] for name in names)
    answer = approval() if approved else None
    verdict = opened(evidence=evidence, proof=proof, reach=reach, approval=answer)
    may_open = set(names) <= ({"allow", "liftable"} if approved else {"allow"})
    assert (verdict.kind == "allow") is may_open


def test_time_is_the_only_difference_between_a_valid_and_a_stale_approval() -> None:
    fresh = opened(reach=LIFTABLE, approval=approval(), now=given.at(99))
    stale = opened(reach=LIFTABLE, approval=approval(), now=given.at(99) + timedelta(seconds=1))
    assert (fresh.kind, stale.kind) == ("allow", "hold")
