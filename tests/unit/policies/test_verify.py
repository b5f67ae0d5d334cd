"""Healed is what was measured for long enough; everything unclear is watched, then asked about."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from incident.decision import Decision
from incident.evidence import Measurement, Missing
from policies import limits
from policies.rollout import verify
from tests.unit.policies import given

LIMITS = limits.Verify(
    bake_seconds=8, watch_seconds=45, extension_seconds=45, min_samples=30, max_gap_seconds=4, sustained_seconds=8
)
Reading = tuple[datetime, Measurement | Missing]


def readings(until: int, value: Callable[[int], float] = lambda _: 0.0, **changed: Any) -> tuple[Reading, ...]:
    return tuple(
        (given.at(second), given.measured(value(second), 500, second).model_copy(update=changed))
        for second in range(1, until + 1)
    )


def choice(now: int = 20, **changed: Any) -> str:
    return decide(now, **changed).choice


def decide(now: int = 20, **changed: Any) -> Decision:
    facts = {
        "started": given.at(0),
        "now": given.at(now),
        "bake_seconds": 8.0,
        "deadline": given.at(45),
        "condition": given.CONDITION,
        "readings": readings(now),
        "neighbours_worse": False,
        "signature_seen_since": 0,
        "limits": LIMITS,
    }
    return verify.judge(verify.Facts.model_validate(facts | changed))


def test_a_service_that_was_well_for_the_whole_bake_is_healed() -> None:
    assert choice() == "healed"


GONE = Missing(reason="scraper down")


def spoilt(at: int, reading: Measurement | Missing) -> tuple[Reading, ...]:
    return tuple((when, reading if when == given.at(at) else old) for when, old in readings(20))


@pytest.mark.parametrize(
    ("changed", "want"),
    [
        ({"now": 7, "readings": readings(7)}, "watch"),
        ({"readings": ()}, "extend"),
        ({"readings": spoilt(15, GONE)}, "extend"),
        ({"readings": spoilt(20, GONE)}, "extend"),
        ({"readings": spoilt(20, given.measured(0.0, 500, 10.0))}, "extend"),
        ({"readings": spoilt(20, given.measured(0.0, 500, 30.0))}, "extend"),
        ({"readings": spoilt(15, given.measured(0.0, 29, 15))}, "watch"),
        ({"readings": spoilt(20, given.measured(0.0, 500, 20, firing=True))}, "watch"),
        ({"readings": spoilt(15, given.measured(0.2, 500, 15))}, "watch"),
        ({"readings": readings(13)}, "watch"),
        ({"readings": readings(20)[:12] + readings(20)[17:]}, "watch"),
        ({"neighbours_worse": True}, "extend"),
        ({"neighbours_worse": None}, "extend"),
        ({"signature_seen_since": 1}, "extend"),
        ({"signature_seen_since": None}, "extend"),
        ({"condition": None}, "ask"),
        ({"condition": GONE}, "ask"),
    ],
    ids=[
        "not long enough",
        "nothing read",
        "one missing",
        "the last one missing",
        "the last one stale",
        "the last one from the future",
        "too few samples",
        "still firing",
        "a breach in the window",
        "the last readings absent",
        "a gap",
        "a neighbour is worse",
        "neighbours unknown",
        "the old error again",
        "logs unknown",
        "no condition",
        "condition missing",
    ],
)
def test_one_fact_alone_keeps_it_from_being_healed(changed: dict[str, Any], want: str) -> None:
    assert choice() == "healed"
    assert choice(**changed) == want


def test_a_breach_while_the_window_still_holds_the_past_is_expected() -> None:
    """The rule looks ten seconds back: until then it sees what was before the change."""
    flushing = readings(20, lambda second: 0.15 if second < 10 else 0.0)
    assert choice(readings=flushing) == "healed"
    assert choice(now=9, readings=flushing[:9]) == "watch"


def test_a_sustained_breach_is_rolled_back() -> None:
    sick = readings(30, lambda second: 0.15 if second > 18 else 0.0)
    assert [choice(now, readings=sick[:now]) for now in (19, 24, 26, 27, 30)] == [
        "extend",
        "extend",
        "extend",
        "roll_back",
        "roll_back",
    ]


def test_a_blip_is_watched_for_longer_and_then_healed() -> None:
    blip = readings(40, lambda second: 0.15 if 15 <= second < 20 else 0.0)
    chosen = [choice(now, readings=blip[:now]) for now in range(12, 41)]
    assert "roll_back" not in chosen
    assert chosen[-1] == "healed"
    assert chosen[16 - 12] == "extend"


def test_a_sustained_breach_that_comes_from_elsewhere_is_no_reason_to_bring_the_bug_back() -> None:
    sick = readings(30, lambda second: 0.15 if second > 15 else 0.0)
    assert choice(30, readings=sick, neighbours_worse=True) == "extend"
    assert choice(30, readings=sick, neighbours_worse=True, signature_seen_since=3) == "roll_back"
    assert choice(30, readings=sick, neighbours_worse=True, signature_seen_since=None) == "roll_back"
    assert choice(30, readings=sick, neighbours_worse=None) == "roll_back"


def test_a_breach_followed_by_silence_is_not_counted_as_a_breach_all_the_while() -> None:
    silent = tuple(
        (at, given.measured(0.2, 500, 12) if at == given.at(12) else (GONE if at > given.at(12) else reading))
        for at, reading in readings(30)
    )
    assert choice(30, readings=silent) == "extend"


def test_a_breach_on_too_few_samples_is_no_breach() -> None:
    thin = readings(30, lambda _: 0.5, samples=5)
    assert choice(30, readings=thin) == "watch"
    assert choice(30, readings=readings(30, lambda _: 0.5)) == "roll_back"


@pytest.mark.parametrize(
    "unclear", [{"neighbours_worse": None}, {"readings": ()}, {"signature_seen_since": 2}], ids=str
)
def test_what_stays_unclear_is_extended_and_then_asked_about(unclear: dict[str, Any]) -> None:
    assert choice(44, **unclear) == "extend"
    assert choice(89, **unclear) == "extend"
    assert choice(90, **unclear) == "ask"


def test_a_breach_on_just_enough_samples_counts() -> None:
    assert choice(30, readings=readings(30, lambda _: 0.5, samples=30)) == "roll_back"
    assert choice(30, readings=readings(30, lambda _: 0.5, samples=29)) == "watch"


def test_a_world_that_keeps_firing_with_good_numbers_ends_as_a_question() -> None:
    firing = readings(90, firing=True)
    assert choice(20, readings=firing[:20]) == "watch"
    assert choice(60, readings=firing[:60]) == "extend"
    assert choice(90, readings=firing) == "ask"


def test_healed_late_is_still_healed() -> None:
    assert choice(100, readings=readings(100)) == "healed"


def test_readings_from_before_the_change_do_not_shorten_the_bake() -> None:
    early = tuple((given.at(second), given.measured(0.0, 500, second)) for second in range(-30, 8))
    assert choice(7, readings=early) == "watch"


@examples(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 500), st.booleans(), st.booleans()), max_size=40),
    st.integers(0, 120),
    st.sampled_from([True, False, None]),
    st.sampled_from([None, 0, 1]),
)
def test_healed_is_never_said_without_a_full_bake_of_good_readings(
    raw: list[tuple[float, int, bool, bool]], now: int, worse: bool | None, seen: int | None
) -> None:
    taken: tuple[Reading, ...] = tuple(
        (given.at(n), GONE if lost else given.measured(value, samples, n, firing=firing))
        for n, (value, samples, firing, lost) in enumerate(raw)
    )
    decision = decide(now, readings=taken, neighbours_worse=worse, signature_seen_since=seen)
    if decision.choice == "healed":
        bake = [reading for at, reading in taken if given.at(now) - timedelta(seconds=8) <= at <= given.at(now)]
        assert worse is False
        assert seen == 0
        assert now >= 8
        assert len(bake) >= 2
        assert all(isinstance(r, Measurement) and r.value <= 0.05 and r.samples >= 30 for r in bake)


def test_each_constraint_has_the_name_that_reports_and_rules_know_it_by() -> None:
    assert [item.name for item in decide().constraints] == [
        "baked",
        "measured",
        "no_gap",
        "enough_samples",
        "inside_threshold",
        "not_firing",
        "neighbours_well",
        "signature_gone",
    ]
