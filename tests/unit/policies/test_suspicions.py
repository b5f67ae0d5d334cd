"""Ranked suspects as evidence: what they establish, what they refute, and when they are asked for."""

from typing import Any

import pytest

from incident.diagnosis import ConfigCause, Disproof, Hypothesis
from incident.evidence import Change, Dossier, Evidence, Origin
from incident.suspicion import Suspicion
from policies import limits
from policies.diagnosis import charges, disproof, search, support
from policies.gates import evidence_gate
from tests.unit.policies import given, test_reach_gate
from tests.unit.policies.given import configured, deployed, dossier, errors
from tests.unit.policies.test_search import KNOWN, LIMITS, blames, code, looked, setback, step

CONVICTED: dict[str, Any] = {"standing": "convicted", "firm": True, "confidence": 9_000}


def suspicion(change: str, **said: Any) -> Suspicion:
    return Suspicion.model_validate(
        {"what": "change", "name": "config TIERS", "service": "orders", "change": change} | CONVICTED | said
    )


def accused(*facts: Any, **said: Any) -> tuple[Dossier, Change]:
    """A dossier whose first evidence is the change that a suspicion is about."""
    bare = dossier(*facts)
    ((name, change),) = ((item.id, item.fact) for item in bare.evidence if isinstance(item.fact, Change))
    told = Evidence(id="E99", source="suspects", origin=Origin.WORKLOAD, fact=suspicion(name, **said))
    return bare.model_copy(update={"evidence": (*bare.evidence, told)}), change


# the charge


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, ("blamed", "ranked_guilty")),
        ({"firm": False}, ("suspected", "ranked_by_texts")),
        ({"standing": "suspected", "firm": False}, ("unknown", "no_error_known")),
        ({"standing": "cleared", "firm": False}, ("innocent", "ranked_innocent")),
    ],
    ids=["firm", "by texts alone", "suspected", "cleared"],
)
def test_without_errors_the_ranking_decides(said: dict[str, Any], expected: tuple[str, str]) -> None:
    whole, change = accused(configured(-30), **said)
    charge = charges.weigh(whole, change)
    assert (charge.verdict, charge.why.code) == expected


def test_traffic_that_clears_a_change_is_stronger_than_the_ranking() -> None:
    whole, change = accused(deployed(-30), errors(versions=("v1",)))
    assert charges.weigh(whole, change).verdict == "innocent"


def test_the_ranking_of_another_change_says_nothing() -> None:
    whole, change = accused(configured(-30))
    other = change.model_copy(update={"key": "OTHER"})
    assert charges.weigh(whole, other).why.code == "no_error_known"


# the evidence


def config_of(change: Change) -> Hypothesis:
    cause = ConfigCause(key=str(change.key), old=change.old or "", new=change.new or "")
    return given.hypothesis(cause, evidence=("E99",), disproof=Disproof.ERRORS_BEFORE_CHANGE)


@pytest.mark.parametrize(("said", "opens"), [({}, True), ({"firm": False}, False)], ids=["firm", "by texts alone"])
def test_a_firm_conviction_establishes_a_change_and_one_by_texts_does_not(said: dict[str, Any], opens: bool) -> None:
    whole, change = accused(configured(-30), **said)
    hypothesis = config_of(change)
    judged = evidence_gate.judge(
        evidence_gate.Facts(hypothesis=hypothesis, dossier=whole, disproof=disproof.run(hypothesis, whole))
    )
    assert (judged.choice == "allow") is opens
    assert "E99" in {item.id for item in support.supporting(hypothesis, whole)}


# the search


def test_all_services_are_ranked_once_when_nothing_is_left_and_before_the_callers_are_looked_at() -> None:
    assert step(looked("orders"), unranked=True, path=("orders", "edge")) == ("widen", -1, -1, "orders")
    assert step(looked("orders"), path=("orders", "edge"))[0] == "look"
    assert step(looked("orders", blames("stock")), unranked=True)[:1] == ("look",)
    assert step(looked("orders", code()), unranked=True)[0] == "follow"


def test_a_cause_that_too_little_speaks_for_waits_for_the_ranking() -> None:
    thin = looked("orders", code(), code()).model_copy(update={"thin": (0,)})
    assert step(thin, unranked=True)[0] == "widen"
    assert step(thin)[0] == "follow"


def test_what_was_tried_in_vain_is_not_found_once_more() -> None:
    assert step(looked("orders", code(), struck=(0,)), unranked=True, setbacks=(setback(),))[0] == "end"


def test_an_ending_names_the_suspects() -> None:
    facts = search.Facts.model_validate(
        {"rounds": (looked("orders"),), "known": KNOWN, "limits": LIMITS, "suspects": ("service stock",)}
    )
    reason = search.next(facts).verdict.reason
    assert (reason.code, reason.values["suspects"]) == ("with_suspects", ("service stock",))


# the way back at any rate


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ({"inverse": True}, "allow"),
        ({}, "liftable"),
        ({"inverse": True, "limits": limits.Reach(critical_inverse_error_rate=0.9)}, "liftable"),
        ({"inverse": True, "risk": 5_000}, "liftable"),
    ],
    ids=["an exact inverse", "anything else", "with a limit of its own", "where another limit holds it"],
)
def test_an_exact_inverse_waits_for_nobody_when_nearly_all_fails(said: dict[str, Any], verdict: str) -> None:
    assert test_reach_gate.kind(error_rate=0.97, **said) == verdict
