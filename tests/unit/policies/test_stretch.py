"""Windows that follow from the rule, and limits stretched to them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from incident.evidence import Condition, Dossier
from incident.windows import Windows
from policies import profiles, stretch
from policies.limits import Limits

LAB_RULE = {"window_seconds": 10.0, "for_seconds": 5.0}
WINDOWS = st.builds(
    Windows,
    window_seconds=st.floats(1.0, 3600.0),
    for_seconds=st.floats(0.0, 3600.0),
    step_seconds=st.sampled_from([1.0, 15.0, 60.0]),
)


def condition(**change: float) -> Condition:
    told = {"name": "A", "service": "s", "expression": "a / b", "comparison": ">", "threshold": 0.05, **LAB_RULE}
    return Condition.model_validate({**told, **change})


def test_at_the_labs_rule_every_stretch_is_what_it_was_before_there_were_windows() -> None:
    found = condition().windows
    seconds = {
        "slack": 2,
        "stale": 5,
        "window": 10,
        "lookback": 30,
        "before": 60,
        "compared": 300,
        "served": 600,
        "longest": 900,
    }
    assert {name: getattr(found, name).total_seconds() for name in seconds} == seconds
    assert found == Windows()


@pytest.mark.parametrize("profile", [profiles.lab(), profiles.standard()])
def test_at_the_labs_rule_the_limits_of_the_profiles_stay_as_they_are(profile: Limits) -> None:
    assert stretch.stretched(profile, condition().windows) == profile


@pytest.mark.parametrize("profile", [profiles.lab(), profiles.standard()])
@given(windows=WINDOWS)
def test_a_rule_never_shortens_a_limit_and_asks_for_whole_samples(profile: Limits, windows: Windows) -> None:
    found = stretch.stretched(profile, windows)
    for part in ("remedies", "canary", "verify"):
        old, new = getattr(profile, part), getattr(found, part)
        for name in type(old).model_fields:
            if name.endswith("_seconds"):
                assert getattr(new, name) >= getattr(old, name)
            else:
                assert getattr(new, name) == getattr(old, name)
    assert found.verify.bake_seconds > windows.for_seconds
    assert found.verify.max_gap_seconds > windows.step_seconds
    assert found.canary.stale_seconds > windows.step_seconds
    assert found.verify.watch_seconds > windows.window.total_seconds() + found.verify.bake_seconds


def test_a_limit_that_is_turned_off_stays_off() -> None:
    off: dict[str, JsonValue] = {"canary": {"dwell_seconds": 0.0}, "verify": {"extension_seconds": 0.0}}
    found = stretch.stretched(profiles.changed(profiles.lab(), off), Windows(step_seconds=60.0))
    assert (found.canary.dwell_seconds, found.verify.extension_seconds) == (0.0, 0.0)


def test_a_window_holds_two_samples_at_least() -> None:
    assert condition(step_seconds=60.0).windows.window == timedelta(seconds=120)


def test_what_was_recorded_before_is_encoded_as_it_was() -> None:
    dossier = Dossier.model_validate({"service": "s", "onset": "2026-01-01T00:00:00Z", "evidence": ()})
    assert b"windows" not in dossier.canonical()
    assert b"step_seconds" not in condition().canonical()
    slow = condition(step_seconds=15.0)
    assert Condition.model_validate_json(slow.canonical()) == slow
