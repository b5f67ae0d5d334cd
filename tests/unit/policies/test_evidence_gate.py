"""When a cause is established, and what never establishes one."""

from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from incident.decision import SCALE, Decision, Hold
from incident.diagnosis import ResourceCause, UnknownCause
from incident.evidence import Dossier, ErrorLog, Evidence, Origin
from policies import limits
from policies.diagnosis.disproof import Checked
from policies.gates import evidence_gate
from tests.unit.policies import given
from tests.unit.policies.given import CONFIG, DEPENDENCY, DEPLOY, TRAITS, configured, deployed, dossier, errors, signals

FULL = dossier(errors(), signals(), TRAITS, given.trace())


def judged(facts: Dossier = FULL, outcome: str = "passed", **changed: Any) -> Decision:
    hypothesis = changed.pop("hypothesis", given.hypothesis(evidence=("E1", "E2")))
    check = Checked.model_validate({"name": "errors_elsewhere", "outcome": outcome, "detail": "90 of 100"})
    return evidence_gate.judge(
        evidence_gate.Facts.model_validate({"hypothesis": hypothesis, "dossier": facts, "disproof": check} | changed)
    )


def test_two_kinds_one_of_them_measured_establish_a_cause() -> None:
    assert judged().verdict.kind == "allow"
    assert judged(dossier(errors(), signals())).verdict.kind == "allow"


LOG = ErrorLog(
    service="orders",
    version="v2",
    at=given.at(1),
    route="r",
    trace_id="t",
    exception="TypeError",
    message="",
    signature=given.PLACE,
)

WEAK: dict[str, tuple[Dossier, str]] = {
    "one kind": (dossier(signals()), "too_few_kinds"),
    "only what the workload wrote": (dossier(errors(), TRAITS, given.trace()), "all_forgeable"),
    "a log and its count are one kind": (dossier(errors(), LOG), "all_forgeable"),
    "nothing": (dossier(), "all_forgeable"),
    "errors of another service": (dossier(signals(service="stock")), "all_forgeable"),
    "a service without errors": (dossier(errors(), signals(errors=0)), "all_forgeable"),
    "errors in another function": (
        dossier(errors(place=given.PLACE.model_copy(update={"function": "other"})), signals()),
        "too_few_kinds",
    ),
    "traits that tell nothing apart": (dossier(signals(), TRAITS.model_copy(update={"traits": ()})), "too_few_kinds"),
}


@pytest.mark.parametrize("name", sorted(WEAK))
def test_weak_evidence_holds_and_no_person_may_lift_it(name: str) -> None:
    facts, code = WEAK[name]
    verdict = judged(facts).verdict
    assert isinstance(verdict, Hold)
    assert not verdict.liftable
    assert verdict.reason.code == code


@pytest.mark.parametrize(("outcome", "want"), [("passed", "allow"), ("unknown", "hold"), ("failed", "deny")])
def test_the_disproving_check_decides(outcome: str, want: str) -> None:
    assert judged(outcome=outcome).verdict.kind == want


def test_an_unknown_cause_is_never_established() -> None:
    unknown = given.hypothesis().model_copy(update={"cause": UnknownCause(reason="no logs")})
    assert judged(hypothesis=unknown).verdict.kind == "hold"


@settings(max_examples=30, deadline=None)
@examples(st.floats(0, 1))
def test_what_the_model_claims_of_itself_changes_nothing(claimed: float) -> None:
    said = judged(hypothesis=given.hypothesis(evidence=("E1", "E2"), claimed=claimed))
    assert said.canonical() == judged().canonical()


def test_the_constraints_agree_with_the_verdict() -> None:
    assert [item.held for item in judged().constraints] == [True, True, True, True]
    assert judged(dossier(errors(), signals())).constraints[0].held is True
    assert judged(dossier(signals())).constraints[0].held is False
    assert judged(outcome="unknown").constraints[2].held is False


def test_a_test_that_could_not_run_may_be_lifted_by_a_person() -> None:
    verdict = judged(outcome="unknown").verdict
    assert isinstance(verdict, Hold)
    assert verdict.liftable


def test_confidence_at_the_limit_is_enough_and_below_it_a_person_decides() -> None:
    confidence = judged().data["confidence"]
    assert isinstance(confidence, int)
    assert judged(limits=limits.Evidence(min_confidence=confidence)).verdict.kind == "allow"
    below = judged(limits=limits.Evidence(min_confidence=confidence + 1)).verdict
    assert isinstance(below, Hold)
    assert below.liftable


def test_nothing_supports_not_knowing() -> None:
    unknown = given.hypothesis().model_copy(update={"cause": UnknownCause(reason="no logs")})
    assert judged(hypothesis=unknown).data["supporting"] == []


def test_a_deploys_signals_count_only_for_its_own_service() -> None:
    elsewhere = dossier(signals(30, 100, "stock", version="v2"), signals(30, 100, "stock"))
    assert judged(elsewhere, hypothesis=given.hypothesis(DEPLOY)).data["supporting"] == []
    together = dossier(signals(30, 100))
    assert judged(together, hypothesis=given.hypothesis(DEPLOY)).data["supporting"] == ["E1"]


def test_the_origin_is_the_one_fact_that_tips_it() -> None:
    forged = FULL.model_copy(
        update={"evidence": tuple(item.model_copy(update={"origin": Origin.WORKLOAD}) for item in FULL.evidence)}
    )
    assert judged(FULL).verdict.kind == "allow"
    assert judged(forged).verdict.kind == "hold"


def test_the_factors_add_up_to_the_confidence() -> None:
    decision = judged()
    assert sum(factor.contribution for factor in decision.factors) == decision.data["confidence"]
    assert sum(factor.weight for factor in decision.factors) == SCALE


def test_more_kinds_raise_the_confidence_and_irrelevant_citations_lower_it() -> None:
    few = judged(dossier(errors(), signals())).data["confidence"]
    many = judged().data["confidence"]
    off_topic = given.hypothesis(evidence=("E1", "E2", "E5", "E6"))
    cited = judged(
        FULL.model_copy(
            update={
                "evidence": (
                    *FULL.evidence,
                    Evidence(id="E5", source="t", origin=Origin.MEASURED, fact=signals(service="stock")),
                    Evidence(id="E6", source="t", origin=Origin.MEASURED, fact=given.CONDITION),
                )
            }
        ),
        hypothesis=off_topic,
    ).data["confidence"]
    assert isinstance(few, int)
    assert isinstance(many, int)
    assert isinstance(cited, int)
    assert few < many > cited


CAUSES: list[tuple[str, Any, Dossier, Dossier]] = [
    ("deploy", DEPLOY, dossier(deployed(), errors()), dossier(deployed(version="v9"), errors())),
    ("config", CONFIG, dossier(configured(), errors()), dossier(configured(new="9"), errors())),
    (
        "dependency",
        DEPENDENCY,
        dossier(given.AROUND, given.trace("rates.example:443"), signals(service="rates.example:443")),
        dossier(given.AROUND, given.trace("stock"), signals()),
    ),
]


@pytest.mark.parametrize(("cause", "good", "bad"), [case[1:] for case in CAUSES], ids=[case[0] for case in CAUSES])
def test_each_kind_of_cause_needs_its_own_evidence(cause: Any, good: Dossier, bad: Dossier) -> None:
    hypothesis = given.hypothesis(cause)
    assert judged(good, hypothesis=hypothesis).verdict.kind == "allow"
    assert judged(bad, hypothesis=hypothesis).verdict.kind == "hold"


@pytest.mark.parametrize(("bytes_read", "want"), [(5e8, "allow"), (None, "hold")])
def test_a_short_resource_needs_a_reading_of_it(bytes_read: float | None, want: str) -> None:
    short = given.hypothesis().model_copy(update={"cause": ResourceCause(resource="memory")})
    facts = dossier(signals().model_copy(update={"memory_bytes": bytes_read}), errors())
    assert judged(facts, hypothesis=short).verdict.kind == want


def test_a_deploy_is_supported_by_the_old_version_being_well() -> None:
    hypothesis = given.hypothesis(DEPLOY)
    facts = dossier(signals(0, 100, version="v1"), signals(30, 100, version="v2"), errors())
    assert judged(facts, hypothesis=hypothesis).data["supporting"] == ["E1", "E2", "E3"]
    sick = dossier(signals(30, 100, version="v1"), errors())
    assert judged(sick, hypothesis=hypothesis).data["supporting"] == ["E2"]
