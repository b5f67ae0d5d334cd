"""The score: factors that add up, grow with what they measure, and fear what is unknown."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from incident.decision import SCALE, Decision, because
from incident.evidence import Missing, Neighbours, Signals
from incident.proof import Check, Coverage, Proof
from incident.remedy import AskHuman, Remedy, Restart, RevertConfig, RollBack, Scale, Wait
from policies import limits
from policies.gates import risk
from tests.unit.policies import given, patches

PATCH = patches.patch(patches.edited(patches.LINE, patches.GUARD), "tier_of", patches.added())
BACK = RollBack(service="orders", from_version="v2", to_version="v1", to_commit="a" * 40)
CHECKS = ("reproduces", "fixed", "same_answers", "own_tests", "scope", "inverse", "bounded")


def proof(*names: str, spoilt: str = "", outcome: str = "passed", ran: tuple[int, ...] = (4, 5)) -> Proof:
    checks = (
        Check.model_validate({"name": name, "outcome": outcome if name == spoilt else "passed", "detail": ""})
        for name in names
    )
    return Proof(remedy_digest="d", base="b", checks=tuple(checks), coverage=Coverage(changed=(4, 5), ran=ran))


def served(errors: int = 30, requests: int = 100_000) -> Signals:
    return Signals(service="orders", start=given.at(-60), end=given.at(0), requests=requests, errors=errors)


def around(dependents: int) -> Neighbours:
    names = tuple(f"s{n}" for n in range(dependents))
    return Neighbours(service="orders", callers=(), callees=(), dependents=names)


BASE: dict[str, Any] = {
    "remedy": PATCH,
    "proof": proof(*CHECKS),
    "neighbours": around(2),
    "error_rate": 0.15,
    "now": given.ONSET,
    "weights": limits.Risk(),
    "confidence": 9_000,
    "recent_failures": 0,
    "objective": limits.Objective(),
    "served": served(),
}


def assessed(**changed: Any) -> Decision:
    return risk.assess(risk.Facts.model_validate(BASE | changed))


def score(**changed: Any) -> int:
    value = assessed(**changed).data["score"]
    assert isinstance(value, int)
    return value


def value_of(name: str, **changed: Any) -> int:
    return next(factor.value for factor in assessed(**changed).factors if factor.name == name)


def test_a_small_proven_patch_of_a_lightly_used_service_is_below_the_automatic_limit() -> None:
    assert score() < limits.Reach().auto_below


NOTHING: dict[str, Any] = dict.fromkeys(
    ("proof", "neighbours", "error_rate", "confidence", "recent_failures", "served"), None
)
"""Facts of which none is known."""


def test_everything_unknown_is_above_the_limit_for_acting_alone() -> None:
    assert score(**NOTHING) >= limits.Reach().never_from


UNKNOWN: dict[str, dict[str, Any]] = {
    "reach": {"neighbours": None},
    "proof": {"proof": None},
    "diagnosis": {"confidence": None},
    "recent_failures": {"recent_failures": None},
    "severity": {"error_rate": None},
    "coverage": {"proof": None},
    "budget": {"served": Missing(reason="the samples are too young")},
}


@pytest.mark.parametrize("name", sorted(UNKNOWN))
def test_an_unknown_fact_fills_its_factor(name: str) -> None:
    assert value_of(name) < SCALE
    assert value_of(name, **UNKNOWN[name]) == SCALE


def test_a_topology_that_is_missing_fills_the_reach_and_says_why() -> None:
    decision = assessed(neighbours=Missing(reason="no spans"))
    reach = next(factor for factor in decision.factors if factor.name == "reach")
    assert (reach.value, reach.note) == (SCALE, because("unknown_because", why="no spans"))


REMEDIES: dict[str, Remedy] = {
    "patch": PATCH,
    "roll_back": BACK,
    "revert_config": RevertConfig(service="orders", version="v2", key="K", now="1", back_to="2"),
    "restart": Restart(service="orders", version="v2"),
    "scale": Scale(service="orders", replicas=2),
    "wait": Wait(service="orders", seconds=5),
    "ask_human": AskHuman(service="orders", question="?"),
}


def facts() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "remedy": st.sampled_from(sorted(REMEDIES)).map(lambda name: REMEDIES[name]),
            "proof": st.sampled_from(
                [None, proof(), proof("fixed"), proof(*CHECKS), proof("a", spoilt="a", outcome="unknown")]
            ),
            "neighbours": st.one_of(st.none(), st.integers(0, 30).map(around)),
            "error_rate": st.one_of(st.none(), st.floats(0, 1)),
            "now": st.integers(0, 10_000_000).map(given.at),
            "confidence": st.one_of(st.none(), st.integers(0, SCALE)),
            "recent_failures": st.one_of(st.none(), st.integers(0, 20)),
            "served": st.one_of(st.none(), st.integers(0, 300).map(served)),
            "objective": st.sampled_from([0.9, 0.99, 0.999, 0.99999, 1.0]).map(lambda o: limits.Objective(objective=o)),
        }
    )


@settings(max_examples=40, deadline=None)
@examples(facts())
def test_contributions_add_up_exactly_to_the_score(changed: dict[str, Any]) -> None:
    decision = assessed(**changed)
    assert tuple(factor.name for factor in decision.factors) == limits.FACTORS
    assert sum(factor.contribution for factor in decision.factors) == decision.data["score"]
    assert sum(factor.weight for factor in decision.factors) == SCALE
    assert all(factor.contribution == factor.value * factor.weight // SCALE for factor in decision.factors)
    assert 0 <= score(**changed) <= SCALE


@settings(max_examples=40, deadline=None)
@examples(facts(), st.integers(0, 30), st.integers(0, 10))
def test_more_reach_never_lowers_the_risk(changed: dict[str, Any], few: int, more: int) -> None:
    assert score(**changed | {"neighbours": around(few)}) <= score(**changed | {"neighbours": around(few + more)})


@settings(max_examples=40, deadline=None)
@examples(facts(), st.integers(0, SCALE), st.integers(0, SCALE))
def test_more_confidence_never_raises_the_risk(changed: dict[str, Any], one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert score(**changed | {"confidence": high}) <= score(**changed | {"confidence": low})


@settings(max_examples=40, deadline=None)
@examples(facts(), st.floats(0, 1), st.floats(0, 1))
def test_more_errors_never_lower_the_risk(changed: dict[str, Any], one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert score(**changed | {"error_rate": low}) <= score(**changed | {"error_rate": high})


@settings(max_examples=40, deadline=None)
@examples(facts(), st.integers(0, 20), st.integers(0, 5))
def test_more_failures_never_lower_the_risk(changed: dict[str, Any], few: int, more: int) -> None:
    assert score(**changed | {"recent_failures": few}) <= score(**changed | {"recent_failures": few + more})


@settings(max_examples=40, deadline=None)
@examples(facts(), st.integers(0, 7))
def test_more_proof_never_raises_the_risk(changed: dict[str, Any], count: int) -> None:
    assert score(**changed | {"proof": proof(*CHECKS)}) <= score(**changed | {"proof": proof(*CHECKS[:count])})


def test_a_longer_patch_is_riskier() -> None:
    longer = "".join(f"    step{n} = 1\n" for n in range(10)) + patches.GUARD
    wide = patches.patch(patches.edited(patches.LINE, longer), "tier_of", patches.added())
    assert risk.changed_lines(PATCH) == 2
    assert risk.changed_lines(wide) == 12
    assert score(remedy=wide) > score()


def test_added_tests_are_not_counted_as_changed_source() -> None:
    bare = PATCH.model_copy(update={"edits": PATCH.edits[:1]})
    assert risk.changed_lines(bare) == risk.changed_lines(PATCH)


@pytest.mark.parametrize(
    ("ran", "value"),
    [((4, 5), 0), ((4,), 5_000), ((), SCALE), ((1, 2, 3), SCALE)],
    ids=["all", "half", "none", "other"],
)
def test_the_changed_lines_that_no_test_runs_count(ran: tuple[int, ...], value: int) -> None:
    assert value_of("coverage", proof=proof(*CHECKS, ran=ran)) == value


def test_coverage_that_was_not_measured_is_unknown() -> None:
    bare = proof(*CHECKS).model_copy(update={"coverage": None})
    assert value_of("coverage", proof=bare) == SCALE
    empty = bare.model_copy(update={"coverage": Coverage(changed=(), ran=())})
    assert value_of("coverage", proof=empty) == SCALE


@settings(max_examples=40, deadline=None)
@examples(facts(), st.sets(st.integers(1, 6)), st.sets(st.integers(1, 6)))
def test_more_coverage_never_raises_the_risk(changed: dict[str, Any], few: set[int], more: set[int]) -> None:
    def covered(lines: set[int]) -> Proof:
        measured = Coverage(changed=(1, 2, 3, 4, 5, 6), ran=tuple(sorted(lines)))
        return proof(*CHECKS).model_copy(update={"coverage": measured})

    assert score(**changed | {"proof": covered(few | more)}) <= score(**changed | {"proof": covered(few)})


@pytest.mark.parametrize(
    ("errors", "requests", "objective", "value"),
    [
        (0, 1_000, 0.999, 0),
        (50, 100_000, 0.999, 5_000),
        (100, 100_000, 0.999, SCALE),
        (1, 1_000_000, 0.99999, 1_000),
        (0, 1_000, 1.0, 0),
        (1, 1_000, 1.0, SCALE),
        (0, 0, 0.999, SCALE),
    ],
    ids=["untouched", "half", "used up", "five nines", "no budget, no error", "no budget, one error", "no requests"],
)
def test_the_error_budget(errors: int, requests: int, objective: float, value: int) -> None:
    asked = limits.Objective(objective=objective)
    assert value_of("budget", served=served(errors, requests), objective=asked) == value


@settings(max_examples=40, deadline=None)
@examples(facts(), st.integers(0, 300), st.integers(0, 300), st.floats(0.9, 1), st.floats(0.9, 1))
def test_a_smaller_budget_never_lowers_the_risk(
    changed: dict[str, Any], few: int, more: int, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    easy = changed | {"served": served(few), "objective": limits.Objective(objective=low)}
    hard = changed | {"served": served(few + more), "objective": limits.Objective(objective=high)}
    assert score(**easy) <= score(**hard)


def test_going_back_is_less_risky_than_new_code() -> None:
    assert score(remedy=BACK) < score()


@pytest.mark.parametrize(
    ("when", "value"),
    [("2026-03-04T08:00Z", 0), ("2026-03-04T17:59Z", 0), ("2026-03-04T18:00Z", 5000), ("2026-03-07T12:00Z", 5000)],
    ids=["first minute", "last minute", "evening", "Saturday"],
)
def test_the_hour(when: str, value: int) -> None:
    assert value_of("hour", now=datetime.fromisoformat(when)) == value


def freeze(start: float, *services: str) -> tuple[limits.Freeze, ...]:
    window = {"start": given.at(start), "end": given.at(start + 60), "reason": "quarter end", "services": services}
    return (limits.Freeze.model_validate(window),)


@pytest.mark.parametrize(
    ("freezes", "value"),
    [
        ((), 0),
        (freeze(3_601), 0),
        (freeze(3_600), SCALE),
        (freeze(0), SCALE),
        (freeze(-60), 0),
        (freeze(10, "orders"), SCALE),
        (freeze(10, "stock"), 0),
    ],
    ids=["none", "later", "within the margin", "now", "over", "of this service", "of another"],
)
def test_a_freeze_window_that_begins_soon_fills_the_hour(freezes: tuple[limits.Freeze, ...], value: int) -> None:
    assert value_of("hour", freezes=freezes) == value


@pytest.mark.parametrize("name", limits.FACTORS)
def test_each_weight_counts(name: str) -> None:
    """Moving a weight away from a full factor lowers the score, moving it away from an empty one does not."""
    weights = limits.Risk().weights()
    other = "hour" if name != "hour" else "reach"
    moved = limits.Risk.model_validate(weights | {name: 0, other: weights[other] + weights[name]})
    full = value_of(name)
    difference = score() - score(weights=moved)
    expected = (full - value_of(other)) * weights[name] / SCALE
    assert difference == pytest.approx(expected, abs=2)
