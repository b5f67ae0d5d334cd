"""The smallest change that flips a gate: it really flips it, and nothing smaller in the same field does."""

from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from incident.control import Control
from incident.decision import SCALE
from incident.evidence import Neighbours
from incident.value import Value
from policies import limits, registry
from policies.counterfactual import counterfactuals, reach, search, variations
from policies.gates import reach_gate, risk
from tests.unit.policies import test_reach_gate, test_registry, test_risk


def checked(
    decide: counterfactuals.Decide[Any], facts: Any, declared: tuple[counterfactuals.Variation[Any], ...]
) -> tuple[counterfactuals.Counterfactual, ...]:
    """Find the counterfactuals and hold each against the policy itself, step by step."""
    was = counterfactuals.answer(decide(facts))
    found = counterfactuals.find(decide, facts, declared)
    for counterfactual in found:
        turned = tuple((knob_of(declared, facts, turn), turn.steps) for turn in counterfactual.turns)
        after = counterfactuals.applied(facts, turned)
        assert type(facts).model_validate(after.model_dump()) == after
        assert counterfactuals.answer(decide(after)) == (counterfactual.verdict, counterfactual.choice) != was
        for index, (variation, steps) in enumerate(turned):
            sign = 1 if steps > 0 else -1
            for fewer in range(abs(steps)):
                less = (*turned[:index], (variation, sign * fewer), *turned[index + 1 :])
                smaller = counterfactuals.answer(
                    decide(counterfactuals.applied(facts, tuple(item for item in less if item[1])))
                )
                # The least of one field changes the answer at all; the others allow what was not allowed.
                opened = smaller != was and "allow" in (was[0], smaller[0])
                assert smaller == was if counterfactual == least(found, counterfactual) else not opened, (
                    counterfactual,
                    fewer,
                )
    return found


def least(
    found: tuple[counterfactuals.Counterfactual, ...], counterfactual: counterfactuals.Counterfactual
) -> counterfactuals.Counterfactual | None:
    """The smallest flip of the same one field in the same direction; None when there are several fields."""
    same = [
        one
        for one in found
        if len(one.turns) == len(counterfactual.turns) == 1
        and one.turns[0].variation == counterfactual.turns[0].variation
        and (one.turns[0].steps > 0) == (counterfactual.turns[0].steps > 0)
    ]
    return min(same, key=lambda one: one.effort, default=None)


def knob_of(
    declared: tuple[counterfactuals.Variation[Any], ...], facts: Any, turn: counterfactuals.Turn
) -> counterfactuals.Variation[Any]:
    return next(
        variation
        for variation in declared
        if variation.name == turn.variation
        and variation.range(facts)[0] <= turn.steps <= variation.range(facts)[1]
        and variation.shown(variation.turn(facts, turn.steps)) == turn.after
    )


@pytest.mark.parametrize("name", sorted(search.VARIATIONS))
def test_every_flip_of_every_gate_holds_against_that_gate(name: str) -> None:
    facts = test_registry.FACTS[name]
    found = checked(registry.POLICIES[name].decide, facts, search.VARIATIONS[name](facts))
    assert found == search.of(name, facts)
    assert found


GATED: Any = test_registry.FACTS["reach_gate.judge"]


def reached() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "risk": st.integers(0, SCALE),
            "neighbours": st.one_of(st.none(), st.integers(0, 12).map(test_reach_gate.around)),
            "error_rate": st.one_of(st.none(), st.floats(0, 1)),
            "actions_last_hour": st.integers(0, 9),
            "tries": st.integers(0, 5),
            "moves": st.sampled_from([None, (), test_reach_gate.SWING]),
            "control": st.sampled_from([Control(), Control(paused=True), Control(stop_all=True)]),
        }
    )


@settings(max_examples=12, deadline=None)
@examples(reached())
def test_flips_of_the_gate_reach_on_any_facts(changed: dict[str, Any]) -> None:
    facts = GATED.model_copy(update=changed)
    checked(reach_gate.judge, facts, reach.reach(facts))


@settings(max_examples=10, deadline=None)
@examples(test_risk.facts(), reached())
def test_flips_through_the_risk_on_any_facts(scored: dict[str, Any], gated: dict[str, Any]) -> None:
    """One fact that is different is different for the score and for the gate, and both policies run again."""
    both = reach.Weighed(
        risk=risk.Facts.model_validate(test_risk.BASE | scored),
        reach=GATED.model_copy(update=gated),
    )
    checked(reach.weigh, both, reach.weighed(both))


def test_two_reasons_need_two_changes() -> None:
    """Neither alone opens the gate; each is as small as it can be beside the other."""
    facts = GATED.model_copy(update={"tries": 5, "actions_last_hour": 8})
    found = checked(reach_gate.judge, facts, reach.reach(facts))
    (opens,) = [counterfactual for counterfactual in found if counterfactual.verdict == "allow"]
    assert {(turn.variation, turn.before, turn.after) for turn in opens.turns} == {
        ("changes in the last hour", "8", "5"),
        ("earlier tries at this alert", "5", "2"),
    }


def test_one_field_turned_further_comes_before_several() -> None:
    """Just below the upper threshold a person decides; what allows it is the risk alone, and nothing beside it."""
    facts = GATED.model_copy(update={"risk": facts_limit("never_from"), "moves": ()})
    found = checked(reach_gate.judge, facts, reach.reach(facts))
    (opens,) = [counterfactual for counterfactual in found if counterfactual.verdict == "allow"]
    assert [(turn.variation, turn.after) for turn in opens.turns] == [("risk", "0.3499")]


def facts_limit(name: str) -> int:
    return int(getattr(GATED.limits, name))


def test_the_smallest_comes_first() -> None:
    facts = GATED
    found = search.of(reach_gate.NAME, facts)
    assert [counterfactual.effort for counterfactual in found] == sorted(
        counterfactual.effort for counterfactual in found
    )
    assert found[0].turns[0].variation == "earlier tries at this alert"


def test_the_facts_of_the_risk_are_asked_where_the_gate_weighed_a_score() -> None:
    """With a topology of one dependent less than too many, one more is the smallest change."""
    near = Neighbours(service="orders", callers=(), callees=(), dependents=tuple(f"s{n}" for n in range(6)))
    scored = risk.Facts.model_validate(test_risk.BASE | {"neighbours": near})
    gated = GATED.model_copy(update={"neighbours": near})
    (first, *_) = search.of_risk(scored, gated)
    (turn,) = first.turns
    assert (turn.variation, turn.before, turn.after, first.verdict) == ("services that depend on it", "6", "7", "deny")


def test_a_decision_of_another_version_is_not_turned() -> None:
    facts = GATED
    version = registry.POLICIES["reach_gate.judge"].version
    recorded = facts.model_dump(mode="json")
    assert search.recorded("reach_gate.judge", version, recorded) == search.of("reach_gate.judge", facts)
    assert search.recorded("reach_gate.judge", version + 1, recorded) == ()
    assert search.recorded("tarot.draw", 1, {}) == ()


class Level(Value):
    """Facts of one number."""

    level: float | None


@pytest.mark.parametrize(
    ("level", "steps", "after"), [(12.53, 1, 13.0), (12.53, -1, 12.0), (12.0, 1, 13.0), (12.0, -2, 10.0)], ids=str
)
def test_a_number_is_turned_along_its_grid(level: float, steps: int, after: float) -> None:
    assert variations.number("level", "level", 0, 20).turn(Level(level=level), steps) == Level(level=after)


@pytest.mark.parametrize(
    ("level", "span"), [(12.5, (-13, 8)), (0.0, (0, 20)), (20.0, (-20, 0)), (25.0, (-25, 0)), (None, (0, 0))], ids=str
)
def test_a_number_stays_within_its_range(level: float | None, span: tuple[int, int]) -> None:
    assert variations.number("level", "level", 0, 20).range(Level(level=level)) == span


def test_the_limits_are_no_facts_that_could_have_been_different() -> None:
    """What a person set is not turned; only freeze windows, which are a matter of time."""
    facts = GATED
    for variation in reach.reach(facts):
        down, up = variation.range(facts)
        for steps in filter(None, (down, up)):
            turned: Any = variation.turn(facts, steps)
            assert turned.limits.model_copy(update={"freezes": ()}) == limits.Reach()
