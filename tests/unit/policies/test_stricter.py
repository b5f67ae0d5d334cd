"""Limits that come later can only narrow those that came first."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st
from pydantic import JsonValue

from policies import limits, profiles
from policies.gates import stricter

UNORDERED = {
    "triage": "what is looked into, not what is done",
    "traits": "what the evidence says",
    "remedies.wait_seconds": "waiting changes nothing",
    "risk": "weights add up to one, and hours are neither early nor late",
    "slo.standard.window_seconds": "a longer window is another measure, not a stricter one",
    "canary.memory.required": "ordered by its own table",
    "canary.cpu.required": "ordered by its own table",
    "verify.watch_seconds": "a longer watch is neither caution nor haste",
    "verify.extension_seconds": "the same",
}
"""Limits without a stricter direction, and why."""

LISTS = {"reach.freezes", "reach.severities", "risk.working_hours"}


def leaves(place: str, value: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(f"{place}.{key}" if place else key, item)
    else:
        yield place, value


def flat(found: limits.Limits) -> dict[str, Any]:
    return dict(leaves("", {key: value for key, value in found.model_dump(mode="json").items() if key != "name"}))


STANDARD = flat(profiles.standard())


def test_every_limit_has_a_direction_or_a_reason_to_have_none() -> None:
    """A limit that is added later cannot be forgotten."""
    for place in STANDARD:
        explained = any(place == name or place.startswith(f"{name}.") for name in UNORDERED)
        assert place in stricter.ORDER or place in LISTS or explained, place
    known = {*STANDARD, "slo.services.*.objective"}
    assert set(stricter.ORDER) <= known


NUMBERS = [place for place, order in stricter.ORDER.items() if "*" not in place]


def given(place: str, value: Any) -> dict[str, Any]:
    """A file of limits that says one thing."""
    *tables, name = place.split(".")
    said: dict[str, Any] = {name: value}
    for table in reversed(tables):
        said = {table: said}
    return said


@pytest.mark.parametrize("place", NUMBERS)
def test_one_limit_is_narrowed_and_never_widened(place: str) -> None:
    first = STANDARD[place]
    whole = isinstance(first, int)
    smaller = first // 2 if whole else first / 2
    larger = first + 1 if whole else first + (min(1.0, first * 1.05) - first if first < 1 else first)
    down, up = (flat(stricter.narrowed(profiles.standard(), given(place, value)))[place] for value in (smaller, larger))
    if stricter.ORDER[place] == "lower":
        assert (down, up) == (max(smaller, 0), first)
    else:
        assert (down, up) == (first, larger)


def numbers() -> st.SearchStrategy[dict[str, Any]]:
    """Some limits, each moved a little either way, as long as they hold by themselves."""
    places = [place for place in NUMBERS if isinstance(STANDARD[place], float) and 0 < STANDARD[place] < 0.5]
    return st.dictionaries(st.sampled_from(places), st.floats(0.6, 1.4))


@examples(numbers(), numbers())
def test_whoever_comes_later_the_result_is_at_least_as_strict_as_either(
    one: dict[str, float], other: dict[str, float]
) -> None:
    first = profiles.standard()
    for place, factor in one.items():
        first = profiles.changed(first, given(place, STANDARD[place] * factor))
    later = profiles.standard()
    for place, factor in other.items():
        later = profiles.changed(later, given(place, STANDARD[place] * factor))
    both = flat(stricter.narrowed(first, later.model_dump(mode="json")))
    for place, order in stricter.ORDER.items():
        if "*" not in place:
            pair = (flat(first)[place], flat(later)[place])
            assert both[place] == (max(pair) if order == "higher" else min(pair))


def test_narrowing_again_changes_nothing() -> None:
    strict: dict[str, Any] = {
        "reach": {"auto_below": 1_000, "severities": ["critical"]},
        "verify": {"bake_seconds": 900.0},
    }
    once = stricter.narrowed(profiles.standard(), strict)
    assert stricter.narrowed(once, strict) == once
    assert stricter.narrowed(profiles.lab(), {}) == profiles.lab()


@pytest.mark.parametrize(("one", "other"), [*itertools.product(("never", "when known", "always"), repeat=2)])
def test_the_stricter_wait_for_a_trend_wins(one: str, other: str) -> None:
    first = profiles.changed(profiles.standard(), given("canary.cpu.required", one))
    order = ["never", "when known", "always"]
    found = stricter.narrowed(first, given("canary.cpu.required", other)).canary.cpu.required
    assert found == max(one, other, key=order.index)


def test_freezes_add_up_and_severities_are_those_that_both_name() -> None:
    freeze = {"start": "2026-12-20T00:00:00Z", "end": "2027-01-02T00:00:00Z", "reason": "Christmas"}
    later: dict[str, Any] = {"reach": {"freezes": [freeze], "severities": ["critical", "info"]}}
    found = stricter.narrowed(profiles.standard(), later)
    assert ([item.reason for item in found.reach.freezes], found.reach.severities) == (["Christmas"], ("critical",))
    assert stricter.narrowed(found, {"reach": {"freezes": [], "severities": ["*"]}}) == found
    every = profiles.changed(profiles.standard(), {"reach": {"severities": ["*"]}})
    assert stricter.narrowed(every, later).reach.severities == ("critical", "info")


def test_a_service_gets_no_looser_objective_than_the_standard_that_it_had() -> None:
    looser: dict[str, JsonValue] = {"slo": {"services": {"pay": {"objective": 0.5, "window_seconds": 60.0}}}}
    assert stricter.narrowed(profiles.standard(), looser).slo.of("pay") == profiles.standard().slo.standard
    tighter: dict[str, JsonValue] = {"slo": {"services": {"pay": {"objective": 0.9999, "window_seconds": 60.0}}}}
    assert stricter.narrowed(profiles.standard(), tighter).slo.of("pay").objective == 0.9999


def test_a_lower_refusal_takes_what_goes_through_by_itself_along() -> None:
    bold = profiles.changed(profiles.standard(), {"reach": {"auto_below": 4_500}})
    found = stricter.narrowed(bold, {"reach": {"never_from": 4_000}}).reach
    assert (found.auto_below, found.never_from) == (3_999, 4_000)


def test_weights_and_unknown_names_move_nothing() -> None:
    weights = limits.Risk(reach=1_000, size=1_300).model_dump(mode="json")
    assert stricter.narrowed(profiles.standard(), {"risk": weights}) == profiles.standard()
    assert stricter.narrowed(profiles.standard(), {"reach": {"nothing": 1}, "nowhere": {}}) == profiles.standard()
    assert stricter.narrowed(profiles.standard(), {"name": "lab"}) == profiles.standard()
