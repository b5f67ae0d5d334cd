"""Each mechanism by itself: one fact changes, and what it says changes."""

from collections.abc import Callable
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.observed import Observed
from policies.suspects import (
    apart,
    change_time,
    change_traffic,
    change_words,
    load,
    machines,
    mentions,
    novelty,
    onset,
    outside_words,
    own_share,
    own_time,
    quiet,
    readings,
    resources,
    silent_services,
    symptoms,
)
from policies.suspects.scores import Mechanism, Reading
from tests.unit.policies.suspects.worlds import (
    ALERT,
    AS_OF,
    CHAIN,
    ONSET,
    START,
    Trouble,
    config,
    deploy,
    recorded,
    shop,
)

BROKEN = Trouble(fails={"price": 0.2})


def split(trouble: Trouble) -> Observed:
    """The observation, split at the onset that is known here."""
    return shop(trouble).split(ONSET, ONSET)


def said(reading: Reading) -> dict[str, int]:
    """Strengths by the names of the suspects."""
    return {score.suspect.name: score.strength for score in reading.scores}


# onset


def test_the_onset_is_an_interval_around_the_first_bad_sample() -> None:
    found = onset.interval(shop(BROKEN))
    assert found.source == "metric"
    assert ONSET - 20 <= found.earliest < found.latest <= ONSET + 20


def test_a_single_error_before_the_trouble_clears_no_change_that_came_between() -> None:
    """A metric of few requests leaves its band by one error; what came before it goes on towards the threshold is no later."""
    seen = shop(BROKEN)
    track = seen.alert.track
    assert track is not None
    noisy = tuple(
        max(value, 0.01) if at > ONSET - 30 else 0.0 for at, value in zip(track.at, track.values, strict=True)
    )
    found = onset.interval(
        seen.model_copy(
            update={"alert": seen.alert.model_copy(update={"track": track.model_copy(update={"values": noisy})})}
        )
    )
    assert found.earliest < ONSET - 20
    assert found.latest >= ONSET
    between = change_time.read(shop(Trouble(changes=(deploy("price", ONSET - 10),))).split(ONSET, ONSET), found)
    assert said(between)["deploy v2"] > 0


def test_without_the_metric_the_onset_is_assumed_from_the_rule() -> None:
    blind = shop(BROKEN)
    blind = blind.model_copy(update={"alert": blind.alert.model_copy(update={"track": None})})
    found = onset.interval(blind)
    assert (found.source, found.latest) == ("assumed", ALERT)


def test_trouble_that_was_there_all_the_time_has_no_onset() -> None:
    seen = shop(BROKEN)
    assert seen.alert.track is not None
    sick = seen.alert.track.model_copy(update={"values": (0.3,) * len(seen.alert.track.values)})
    found = onset.interval(seen.model_copy(update={"alert": seen.alert.model_copy(update={"track": sick})}))
    assert (found.source, found.earliest) == ("beyond", START)


def test_an_error_shortly_before_the_metric_narrows_the_onset() -> None:
    seen = shop(Trouble(fails={"price": 0.2}, lines=(("front", "x.py:f", 60),)))
    places = tuple(
        one.model_copy(update={"what": "place", "first": ONSET}) if one.text == "x.py:f" else one for one in seen.logged
    )
    found = onset.interval(seen.model_copy(update={"logged": places}))
    assert (found.source, found.latest) == ("metric_and_errors", ONSET)


# lines


def test_a_line_that_is_new_scores_and_one_that_was_there_does_not() -> None:
    assert said(novelty.read(split(Trouble(lines=(("price", "no such tier", 30),)))))["price"] > 5_000
    assert "price" not in said(novelty.read(split(Trouble())))


def test_the_usual_lines_of_a_new_version_are_nothing_new() -> None:
    seen = split(Trouble())
    halves = [
        one.model_copy(update={"version": version, "at": one.at[part], "count": one.count[part]})
        for one in seen.logged
        for version, part in (("v1", slice(0, len(one.at) // 2)), ("v2", slice(len(one.at) // 2, None)))
    ]
    assert said(novelty.read(seen.model_copy(update={"logged": tuple(halves)}))) == said(novelty.read(seen))
    only = tuple(one for one in halves if one.version == "v2")
    assert said(novelty.read(seen.model_copy(update={"logged": only}))) != said(novelty.read(seen))


def test_a_line_that_vanished_scores() -> None:
    assert said(novelty.read(split(Trouble(gone=(("price", "batch done", 30),)))))["price"] > 3_000


def test_twice_the_lines_at_twice_the_requests_are_nothing_new() -> None:
    twice = split(Trouble(load=2.0))
    lines = tuple(
        one.model_copy(
            update={"count": tuple(n * 2 if at >= ONSET else n for at, n in zip(one.at, one.count, strict=True))}
        )
        for one in twice.logged
    )
    assert said(novelty.read(twice.model_copy(update={"logged": lines}))) == {}


def test_a_complaint_names_another_and_never_the_writer() -> None:
    told = said(mentions.read(split(Trouble(lines=(("front", "front got 500 from price", 30),)))))
    assert told["price"] > 5_000
    assert "front" not in told


def test_words_of_a_protocol_name_the_cause_outside() -> None:
    assert said(outside_words.read(split(Trouble(lines=(("cart", "dial: no such host", 30),))))).keys() == {
        "name server"
    }
    assert said(outside_words.read(split(Trouble(lines=(("cart", "dial: gave up", 30),))))) == {}


@settings(deadline=None, max_examples=10)
@given(factor=st.integers(2, 1000))
def test_more_requests_before_and_since_change_nothing(factor: int) -> None:
    seen = split(Trouble(lines=(("price", "no such tier", 3),)))
    scaled = tuple(
        one.model_copy(update={"values": tuple(value * factor for value in one.values)})
        if one.name == "requests"
        else one
        for one in seen.tracks
    )
    assert novelty.read(seen.model_copy(update={"tracks": scaled})) == novelty.read(seen)


# calls


def test_slow_calls_are_the_time_of_the_slow_service_alone() -> None:
    told = said(own_time.read(split(Trouble(slow={"price": (0.3, 500)}))))
    assert max(told, key=lambda name: told[name]) == "price"
    assert told["price"] > 1_500
    assert said(own_time.read(split(Trouble()))) == {}


def test_a_delay_of_one_call_in_seven_is_seen_where_the_median_is_not() -> None:
    assert "rates" in said(own_time.read(split(Trouble(slow={"rates": (0.15, 500)}))))


def test_added_time_is_the_share_of_the_one_that_adds_it() -> None:
    time, _ = own_share.read(split(Trouble(slow={"rates": (0.5, 300)})))
    assert said(time)["rates"] > 9_000
    assert max(said(time).values()) == said(time)["rates"]


def test_lost_successes_are_those_of_the_one_that_fails_by_itself() -> None:
    _, failures = own_share.read(split(BROKEN))
    assert said(failures).keys() == {"price"}
    _, failures = own_share.read(split(Trouble(fails={"rates": 0.2})))
    assert said(failures).keys() == {"rates"}


def test_a_callee_that_was_as_quick_as_ever_is_not_the_one_that_lost_its_patience() -> None:
    """The caller gives up on calls that the callee answered in time."""
    seen = split(Trouble())
    calls = tuple(
        one.model_copy(update={"failed": tuple(at > ONSET for at in one.at)}) if one.callee == "rates" else one
        for one in seen.calls
    )
    _, failures = own_share.read(seen.model_copy(update={"calls": calls}))
    assert said(failures).keys() == {"price"}
    slower = tuple(
        one.model_copy(
            update={
                "callee_ms": tuple(
                    (ms or 0) + (900 if at > ONSET else 0) for at, ms in zip(one.at, one.callee_ms, strict=True)
                )
            }
        )
        if one.callee == "rates"
        else one
        for one in calls
    )
    _, failures = own_share.read(seen.model_copy(update={"calls": slower}))
    assert said(failures).keys() == {"rates"}


# series


def test_a_resource_that_left_its_level_scores_and_one_that_grew_with_the_load_does_not() -> None:
    assert said(resources.read(split(Trouble(moved={("cart", "cpu_seconds"): 3.0}))))["cart"] > 5_000
    assert said(resources.read(split(Trouble()))) == {}
    seen = split(Trouble(load=3.0, moved={(name, "cpu_seconds"): 3.0 for name in CHAIN}))
    counted = tuple(
        one.model_copy(update={"kind": "counter"}) if one.name == "cpu_seconds" else one for one in seen.tracks
    )
    assert said(resources.read(seen.model_copy(update={"tracks": counted}))) == {}


def test_symptoms_are_those_of_all_who_suffer() -> None:
    assert said(symptoms.read(split(BROKEN))).keys() == {"front", "cart", "price"}


def test_a_service_that_is_heard_no_more_is_a_finding_unless_all_are() -> None:
    assert said(silent_services.read(split(Trouble(silent=("rates",))))) == {"rates": 10_000}
    assert silent_services.read(split(Trouble(silent=CHAIN))).silent.code == "all_are_silent"


# changes


def at_onset(trouble: Trouble, read: Callable[[Observed, onset.Onset], Reading]) -> dict[str, int]:
    return said(read(split(trouble), onset.Onset(earliest=ONSET - 5, latest=ONSET + 5, source="metric")))


def test_a_change_before_the_onset_is_suspect_and_one_after_it_is_innocent() -> None:
    before = at_onset(Trouble(changes=(deploy("price", ONSET - 20),)), change_time.read)
    after = at_onset(Trouble(changes=(deploy("price", ONSET + 60),)), change_time.read)
    assert before["deploy v2"] > 8_000
    assert after["deploy v2"] == -10_000


def test_a_long_delay_at_full_traffic_exculpates_unless_the_service_moved_with_the_change() -> None:
    old = ONSET - 1500
    assert at_onset(Trouble(changes=(deploy("price", old),)), change_time.read)["deploy v2"] < 0
    seen = split(Trouble(changes=(deploy("price", old),)))
    leak = tuple(
        one.model_copy(
            update={"values": tuple(v * (2 if at > old else 1) for at, v in zip(one.at, one.values, strict=True))}
        )
        if (one.service, one.name) == ("price", "memory_bytes")
        else one
        for one in seen.tracks
    )
    found = onset.Onset(earliest=ONSET - 5, latest=ONSET + 5, source="metric")
    assert said(change_time.read(seen.model_copy(update={"tracks": leak}), found))["deploy v2"] > 0


def test_words_of_a_change_that_are_new_in_logs_speak_against_it_and_not_against_another() -> None:
    told = said(
        change_words.read(
            split(
                Trouble(
                    lines=(("price", "voucherDiscount is negative", 60),),
                    changes=(
                        deploy("price", patch="+    voucher_discount = -discount\n"),
                        deploy("cart", patch="+    color = teal\n", version="v9"),
                    ),
                )
            )
        )
    )
    assert told["deploy v2"] > 3_000
    assert "deploy v9" not in told


def test_words_that_healthy_lines_have_too_tell_nothing() -> None:
    patch = "+    served the cache\n"
    seen = split(Trouble(lines=(("price", "served stale cache", 60),), changes=(deploy("price", patch=patch),)))
    assert said(change_words.read(seen)) == {}


def test_the_version_that_fails_more_than_the_other_at_the_same_time_is_worse() -> None:
    def told(old_fails: bool) -> dict[str, int]:
        seen = split(Trouble(fails={"price": 0.3}, changes=(deploy("price"),)))
        calls = []
        for one in seen.calls:
            calls.append(one.model_copy(update={"version": "v2"}))
            calls.append(
                one
                if old_fails
                else one.model_copy(update={"answered_badly": (False,) * len(one.at), "failed": (False,) * len(one.at)})
            )
        return said(change_traffic.read(seen.model_copy(update={"calls": tuple(calls)})))

    assert told(old_fails=False)["deploy v2"] > 8_000
    assert told(old_fails=True)["deploy v2"] == -10_000


def test_requests_of_the_failing_kind_before_a_change_tell_whether_it_is_new() -> None:
    def told(alike: int) -> int:
        kind = recorded("price", ("body.a|form|instant",), ("body.a|form|date",), alike_before=alike)
        return said(change_traffic.read(split(Trouble(changes=(deploy("price"),), requests=(kind,)))))["deploy v2"]

    assert told(alike=10) > 0
    assert told(alike=0) < 0


# causes without a change


def test_load_that_stepped_first_is_a_cause_and_steady_load_is_none() -> None:
    assert at_onset(Trouble(load=3.0), load.read)["load"] > 5_000
    assert at_onset(Trouble(), load.read) == {}


def test_a_machine_that_services_in_trouble_share_scores_and_one_that_all_share_does_not() -> None:
    more = tuple(f"other{number}" for number in range(6))
    trouble = Trouble(
        fails={"cart": 0.2, "rates": 0.2},
        others=more,
        machines={**dict.fromkeys((*CHAIN, *more), "m1"), "cart": "m2", "rates": "m2"},
    )
    seen = split(trouble)
    assert said(machines.read(seen, readings.of_services(seen)))["m2"] > 3_000
    seen = split(
        Trouble(fails=trouble.fails, others=more, machines=dict.fromkeys((*CHAIN, *more), "m1") | {"front": "m2"})
    )
    assert said(machines.read(seen, readings.of_services(seen))).get("m1", 0) < 3_000


# what sets failing requests apart


@pytest.mark.parametrize(
    ("failing", "healthy"),
    [
        ("body.a|form|instant", "body.a|form|date"),
        ("body.n|sign|negative", "body.n|sign|positive"),
        ("body.note|length|128+", "body.note|length|4+"),
        ("body.country|value|CH", "body.country|value|DE"),
        ("call GET /stock/{}|status|404", "call GET /stock/{}|status|200"),
    ],
)
def test_a_feature_that_only_failing_requests_have_sets_them_apart(failing: str, healthy: str) -> None:
    both = "body|type|object"
    found = apart.features(split(Trouble(requests=(recorded("price", (both, failing), (both, healthy)),))))
    assert [one.feature for one in found] == [failing]


def test_a_key_that_failing_requests_lack_sets_them_apart() -> None:
    found = apart.features(
        split(Trouble(requests=(recorded("price", ("a|type|null",), ("a|type|null", "b|type|null")),)))
    )
    assert [one.feature for one in found] == ["not b|type|null"]


def test_the_same_features_on_both_sides_set_nothing_apart() -> None:
    same = recorded("price", ("a|type|null",), ("a|type|null",))
    assert apart.features(split(Trouble(requests=(same,)))) == ()


# abstention


def test_a_noisy_healthy_time_asks_for_more() -> None:
    calm = quiet.calibrated(split(Trouble()))
    seen = split(Trouble())
    noisy = tuple(
        one.model_copy(
            update={
                "values": tuple(
                    v * (40 if 800 < at - START < 1400 else 1) for at, v in zip(one.at, one.values, strict=True)
                )
            }
        )
        for one in seen.tracks
    )
    assert quiet.calibrated(seen.model_copy(update={"tracks": noisy})).bound > calm.bound == quiet.LEAST


# silence of the mechanisms


def test_every_mechanism_says_that_its_input_is_missing() -> None:
    seen = split(Trouble())
    empty = seen.model_copy(update=dict.fromkeys(("tracks", "logged", "calls", "requests", "heard", "changes"), ()))
    told = readings.of(empty, onset.interval(empty))
    assert {one.mechanism for one in told if not one.silent} == set()
    assert all(one.scores == () for one in told)


def test_a_mechanism_that_had_its_input_is_not_silent() -> None:
    trouble = Trouble(
        changes=(config("price", "LIMIT", "3", "4"),),
        lines=(("price", "no such tier", 60),),
        requests=(recorded("price", ("a|type|null",), ("b|type|null",)),),
        machines={"front": "m1", "price": "m2"},
    )
    told = readings.of(split(trouble), onset.Onset(earliest=ONSET, latest=ONSET, source="metric"))
    assert {one.mechanism for one in told if one.silent} == set()
    assert AS_OF > ONSET


def test_tables_show_the_mechanisms_in_the_order_in_which_they_read() -> None:
    seen = split(Trouble())
    read = (one.mechanism for one in readings.of(seen, onset.interval(seen)))
    assert (*read, "person") == get_args(Mechanism)
