"""A model may blame only what the evidence shows."""

from typing import Any

import pytest

from incident.diagnosis import CodeCause, ConfigCause, DependencyCause, DeployCause, Diagnosis, Hypothesis, UnknownCause
from policies.diagnosis import assertions
from policies.diagnosis.disproof import Checked
from policies.policy import Judgement
from tests.unit.policies import given
from tests.unit.policies.given import PASSED, configured, deployed, dossier, errors, hypothesis, signals

DOSSIER = dossier(errors(), signals(), deployed(), configured(), given.AROUND)


def checked(
    *hypotheses: Hypothesis, results: tuple[Checked, ...] | None = None
) -> Judgement[assertions.Choice, assertions.Result]:
    given_results = tuple(PASSED for _ in hypotheses) if results is None else results
    return assertions.check(
        assertions.Facts(diagnosis=Diagnosis(hypotheses=hypotheses, model="m"), dossier=DOSSIER, results=given_results)
    )


def kept(*hypotheses: Hypothesis, results: tuple[Checked, ...] | None = None) -> Any:
    return checked(*hypotheses, results=results).data["kept"]


def test_a_claim_that_the_evidence_bears_out_leads() -> None:
    decision = checked(hypothesis())
    assert (decision.choice, decision.data["kept"]) == ("leading", [0])


def unknown(check: str = "unknown") -> Checked:
    return PASSED.model_copy(update={"outcome": check})


STRUCK: dict[str, tuple[Hypothesis, tuple[Checked, ...] | None, str]] = {
    "cites what does not exist": (hypothesis(evidence=("E1", "E99")), None, "cites_nothing_known"),
    "cites nothing": (hypothesis(evidence=()), None, "cites_nothing"),
    "a service nobody mentions": (hypothesis(service="ghost"), None, "service_not_seen"),
    "a file in no trace": (hypothesis(CodeCause(path="x.py", function="tier_of", line=1)), None, "place_not_seen"),
    "a function in no trace": (
        hypothesis(CodeCause(path="orders/tiers.py", function="f", line=1)),
        None,
        "place_not_seen",
    ),
    "a deploy that was not": (hypothesis(DeployCause(version="v9", previous="v8")), None, "deploy_not_seen"),
    "a config value that was not": (
        hypothesis(ConfigCause(key="TIMEOUT_MS", old="1", new="2")),
        None,
        "setting_not_seen",
    ),
    "a key that was not": (hypothesis(ConfigCause(key="OTHER", old="500", new="5")), None, "setting_not_seen"),
    "a dependency that is none": (hypothesis(DependencyCause(host="evil.example")), None, "dependency_not_seen"),
    "disproved": (hypothesis(), (unknown("failed"),), "disproved_by"),
    "could not be tested": (hypothesis(), (unknown(),), "not_checked"),
    "was not tested": (hypothesis(), (), "not_checked"),
}


@pytest.mark.parametrize("name", sorted(STRUCK))
def test_a_false_claim_is_struck_out_and_told_why(name: str) -> None:
    claim, results, why = STRUCK[name]
    decision = checked(claim, results=results)
    assert (decision.choice, decision.verdict.kind) == ("none", "hold")
    (struck,) = decision.result.struck
    assert (struck.index, struck.why.code) == (0, why)


@pytest.mark.parametrize(
    "cause", [given.CODE, given.DEPLOY, given.CONFIG, given.DEPENDENCY, UnknownCause(reason="?")], ids=lambda c: c.kind
)
def test_each_kind_of_cause_can_stand(cause: Any) -> None:
    claim = hypothesis().model_copy(update={"cause": cause})
    assert kept(claim) == [0]


def test_an_honest_not_knowing_needs_no_evidence_and_no_check() -> None:
    honest = hypothesis(evidence=()).model_copy(update={"cause": UnknownCause(reason="no logs")})
    assert kept(honest, results=()) == [0]


def test_the_second_hypothesis_takes_over_when_the_first_is_disproved() -> None:
    first, second = hypothesis(given.DEPLOY), hypothesis()
    decision = checked(first, second, results=(unknown("failed"), PASSED))
    assert decision.data["kept"] == [1]
    assert [item.name for item in decision.alternatives] == ["hypothesis 0"]


def test_the_order_of_the_model_is_kept() -> None:
    assert kept(hypothesis(given.DEPLOY), hypothesis(), hypothesis(given.CONFIG)) == [0, 1, 2]


def test_one_more_piece_of_evidence_is_the_difference() -> None:
    claim = hypothesis(evidence=("E1", "E5"))
    assert kept(claim) == [0]
    assert kept(claim.model_copy(update={"evidence": ("E1", "E6")})) == []
