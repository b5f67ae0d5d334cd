"""Recorded answers in the judgement of a canary: they take back or hold, and never let anything through."""

from typing import Any, get_args

import pytest
from hypothesis import given as generated
from hypothesis import settings
from hypothesis import strategies as st

from incident.decision import Decision
from incident.rollout import Answers, Difference
from policies.rollout import canary
from tests.unit.policies import rolled

GOOD = ("good enough to widen", "good enough for everything", "at full traffic for long enough")
"""Looks that let a canary go on: by one stage, to full traffic, and to the end."""

_PERMISSIVE = {"roll_back": 0, "hold": 1, "advance": 2, "promote": 2, "finish": 2}

differences = st.builds(
    Difference,
    what=st.sampled_from(get_args(Difference.model_fields["what"].annotation)),
    of_failing_kind=st.booleans(),
    status=st.integers(0, 599),
    names=st.lists(st.text(max_size=5), max_size=3).map(tuple),
    seen=st.integers(0, 300),
    new=st.integers(0, 300),
    old=st.integers(0, 300),
)
compared = st.builds(
    Answers,
    route=st.just("POST /orders"),
    new=st.integers(0, 300),
    old=st.integers(0, 300),
    differences=st.lists(differences, max_size=3).map(tuple),
)


def found(**changed: Any) -> Answers:
    """Answers of which nine are unlike all of two hundred."""
    plain = {"what": "shape", "of_failing_kind": False, "status": 200, "seen": 9, "new": 20, "old": 200}
    one = Difference.model_validate({**plain, "names": ("body.total:string",)} | changed)
    return Answers(route="POST /orders", new=one.new, old=one.old, differences=(one,))


def decided(look: str, answers: Answers | None) -> Decision:
    facts = rolled.LOOKS[look]
    assert isinstance(facts, canary.Facts)
    return canary.judge(facts.model_copy(update={"answers": answers}))


@settings(deadline=None)
@generated(st.sampled_from(sorted(rolled.LOOKS)), compared)
def test_answers_never_make_a_verdict_more_permissive(look: str, answers: Answers) -> None:
    """Whatever they say, and whatever the look: as permissive as without them, or less."""
    without, with_them = decided(look, None), decided(look, answers)
    assert _PERMISSIVE[with_them.choice] <= _PERMISSIVE[without.choice]
    # And they never lead to another step forward than the look itself does.
    assert with_them.choice in (without.choice, "hold", "roll_back")


@pytest.mark.parametrize("look", GOOD)
def test_a_clear_difference_rolls_back_what_would_go_on(look: str) -> None:
    """The same look without the finding goes on: that is the control."""
    assert decided(look, None).verdict.kind == "allow"
    made = decided(look, found())
    assert (made.choice, made.verdict.reason.code) == ("roll_back", "answers_differ")
    assert made.verdict.reason.values["route"] == "POST /orders"


@pytest.mark.parametrize("look", GOOD)
@pytest.mark.parametrize("seen", [1, 2])
def test_one_that_was_seen_fewer_times_holds(look: str, seen: int) -> None:
    made = decided(look, found(seen=seen))
    assert (made.choice, made.verdict.reason.code) == ("hold", "answers_may_differ")
    assert made.verdict.kind == "hold"
    assert not made.verdict.liftable


def test_a_held_canary_stays_in_its_stage() -> None:
    """The next stage would be judged by counts that it never had."""
    made = decided("good enough to widen", found(seen=1))
    assert made.data["memory"]["stage"] == 0  # type: ignore[index, call-overload]


def test_what_chance_may_have_given_to_the_canary_holds_only() -> None:
    """Three of as many answers as stable's are one in eight; seven are one in 128."""
    assert decided(GOOD[0], found(seen=3, new=200)).choice == "hold"
    assert decided(GOOD[0], found(seen=7, new=200)).choice == "roll_back"


@pytest.mark.parametrize("look", GOOD)
@pytest.mark.parametrize(
    "answers",
    [
        Answers(route="POST /orders", new=0, old=0),
        Answers(route="POST /orders", new=200, old=200),
        found(old=19),
        found(what="value", seen=2),
        found(seen=0),
    ],
    ids=["none", "alike", "too few to compare with", "a value, twice", "never"],
)
def test_what_is_no_difference_changes_nothing(look: str, answers: Answers) -> None:
    assert decided(look, answers).choice == decided(look, None).choice


def test_a_value_that_was_seen_often_enough_counts() -> None:
    assert decided(GOOD[0], found(what="value", seen=3)).choice == "roll_back"


def test_a_clear_difference_is_not_hidden_by_too_few_requests() -> None:
    """Harm needs no evidence for a promotion."""
    assert decided("too few requests", None).choice == "hold"
    assert decided("too few requests", found()).choice == "roll_back"


def test_facts_without_answers_are_written_as_before() -> None:
    """Records from before the field was there keep their bytes."""
    facts = rolled.LOOKS[GOOD[0]]
    assert "answers" not in facts.model_dump(mode="json")
