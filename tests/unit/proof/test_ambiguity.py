"""The service itself tells what a mended request should be answered, or a person does."""

import pytest
from pydantic import JsonValue

from incident.capture import Capture
from incident.proof import Check
from tests.unit.proof.replies import FAILS, batch, capture, reply
from tools.proof.checks import ambiguity, kin
from tools.proof.checks.trial import Reply


def good(*asked: JsonValue) -> tuple[Capture, ...]:
    return tuple(capture(body=body) for body in asked)


def beside(body: JsonValue, *asked: JsonValue) -> dict[str, list[JsonValue]]:
    """The values that stand in the place of what is odd, by path."""
    found: dict[str, list[JsonValue]] = {}
    for neighbour in kin.of(capture(outcome="failed", status=500, body=body), good(*asked)):
        found.setdefault(neighbour.path, []).append(neighbour.now)
    return found


@pytest.mark.parametrize(
    ("failing", "healthy", "found"),
    [
        ({"a": None}, [{"a": 2}], {"body.a": [0]}),
        ({"a": None}, [{"a": "x"}], {"body.a": ["", kin.NOBODYS]}),
        ({"a": None}, [{"a": {"b": "x", "c": 1}}], {"body.a": [{}, {"b": kin.NOBODYS, "c": 0}]}),
        # A known value would say what it says: the answer to gold is no answer to nothing.
        ({"a": None}, [{"a": {"gold": True}}], {"body.a": [{}]}),
        ({"a": None}, [{"a": {"b": "x", "gold": True}}], {"body.a": [{}]}),
        ({"a": None}, [{"a": [1]}], {"body.a": [[]]}),
        ({"a": "9"}, [{"a": 9}], {"body.a": [9]}),
        ({"a": 9}, [{"a": "9"}], {"body.a": ["9"]}),
        ({"a": "x"}, [{"a": 9}], {"body.a": [0]}),
        ({}, [{"a": 2}], {"body.a": [None, 0]}),
        ({}, [{"a": "x"}], {"body.a": [None, "", kin.NOBODYS]}),
        ({"l": [{"a": 1}, {}]}, [{"l": [{"a": 2}]}], {"body.l[].a": [None, 0]}),
        # Nothing sets these apart, as far as the shape tells.
        ({"a": 5}, [{"a": 2}], {}),
        ({"a": None}, [{"a": 2}, {"a": None}], {}),
        ({}, [{"a": 2}, {}], {}),
        # Without a success there is nothing to put in its place.
        ({"a": None}, [], {}),
    ],
)
def test_what_is_odd_is_replaced_by_what_successes_have_there(
    failing: JsonValue, healthy: list[JsonValue], found: dict[str, list[JsonValue]]
) -> None:
    assert beside(failing, *healthy) == found


def test_only_the_odd_items_of_a_list_are_replaced_and_everything_else_stays() -> None:
    failing = capture(outcome="failed", body={"l": [1, None, 3], "other": None})
    (neighbour,) = kin.of(failing, good({"l": [1, 2], "other": None}))
    assert neighbour.capture.body == {"l": [1, 0, 3], "other": None}
    assert neighbour.capture.route == failing.route


def test_there_are_never_too_many() -> None:
    failing: JsonValue = {f"k{number}": None for number in range(50)}
    healthy: JsonValue = {f"k{number}": "x" for number in range(50)}
    assert len(kin.of(capture(body=failing), good(healthy))) == kin.MOST


NULL = kin.of(capture(outcome="failed", body={"a": None}), good({"a": 2}, {"a": "x"}))
"""Zero, an empty text, and a text that nobody knows."""


def judged(
    mended: Reply, *base: Reply, again: tuple[Reply, ...] | None = None, now: tuple[Reply, ...] | None = None
) -> Check:
    near = ambiguity.Near(batch(*base), batch(*(again or base)), batch(*(now or base)))
    return ambiguity.check(near, batch(mended), NULL)


def test_there_are_three_neighbours() -> None:
    assert [neighbour.now for neighbour in NULL] == [0, "", kin.NOBODYS]


def test_an_answer_like_that_of_every_neighbour_is_told_by_the_service() -> None:
    assert judged(reply({"fee": 3}), *[reply({"fee": 3})] * 3).outcome == "passed"


def test_neighbours_that_the_base_does_not_answer_tell_nothing() -> None:
    assert judged(reply({"fee": 3}), FAILS, FAILS, reply({"fee": 3})).outcome == "passed"
    found = judged(reply({"fee": 3}), FAILS, FAILS, reply(status=500))
    assert (found.outcome, '"fee": 3' in found.detail) == ("unknown", True)


def test_one_neighbour_that_is_answered_otherwise_is_enough_to_ask_a_person_who_sees_both() -> None:
    found = judged(reply({"fee": 3}), reply({"fee": 3}), reply({"fee": 4}), FAILS)
    assert (found.outcome, '"fee": 3' in found.detail, '"fee": 4' in found.detail) == ("unknown", True, True)
    assert judged(reply({"fee": 3}), reply({"fee": 3}, status=422), FAILS, FAILS).outcome == "unknown"


def test_the_value_itself_may_come_back_in_its_own_place_only() -> None:
    mended, known = reply({"a": None, "n": None}), kin.NOBODYS
    assert judged(mended, FAILS, reply({"a": "", "n": None}), reply({"a": known, "n": None})).outcome == "passed"
    mended = reply({"a": None, "n": 1})
    assert judged(mended, FAILS, reply({"a": "", "n": 0}), reply({"a": known, "n": 0})).outcome == "unknown"


def test_one_value_that_comes_back_does_not_tell_giving_back_from_a_fixed_answer() -> None:
    known = reply({"a": kin.NOBODYS})
    assert judged(reply({"a": None}), FAILS, FAILS, known).outcome == "unknown"
    # Of two, a fixed answer can be only one.
    assert judged(known, FAILS, reply({"a": ""}), known).outcome == "unknown"


def test_empty_values_alone_do_not_tell() -> None:
    """A patch that falls back on zero is answered like zero by itself; what is odd may as well be left out."""
    same = reply({"fee": 3})
    assert judged(same, same, same, FAILS).outcome == "unknown"
    assert judged(same, FAILS, FAILS, same).outcome == "passed"


@pytest.mark.parametrize(
    ("failing", "healthy", "tells"),
    [
        ({"a": None}, {"a": 2}, {0: False}),
        ({"a": None}, {"a": "x"}, {"": False, kin.NOBODYS: True}),
        ({"a": None}, {"a": [1]}, {(): False}),
        ({"a": "9"}, {"a": 9}, {9: True}),
        ({}, {"a": "x"}, {None: False, "": False, kin.NOBODYS: True}),
        # An item may as well be left out; the same value in another kind is still the same.
        ({"l": [None]}, {"l": ["x"]}, {"": False, kin.NOBODYS: False}),
        ({"l": ["9"]}, {"l": [9]}, {9: True}),
    ],
)
def test_what_tells_is_a_value_that_nobody_knows_or_the_same_in_another_kind(
    failing: JsonValue, healthy: JsonValue, tells: dict[object, bool]
) -> None:
    found = kin.of(capture(outcome="failed", status=500, body=failing), good(healthy))
    assert {tuple(one.now) if isinstance(one.now, list) else one.now: one.tells for one in found} == tells


def test_a_default_that_the_source_names_tells_of_an_item_too() -> None:
    (found,) = kin.of(capture(outcome="failed", body={"l": [{}]}), good({"l": [{"a": 2}]}), {"a": 0})
    assert found.tells


@pytest.mark.parametrize("answered", [None, 0])
def test_a_value_that_was_never_there_cannot_come_back(answered: JsonValue) -> None:
    gone = kin.of(capture(outcome="failed", body={}), good({"a": 2}, {"a": "x"}))
    base = batch(*(reply({"from": neighbour.now}) for neighbour in gone))
    near = ambiguity.Near(base, base, base)
    assert ambiguity.check(near, batch(reply({"from": answered})), gone).outcome == "unknown"


def test_a_neighbour_that_varies_by_itself_tells_nothing() -> None:
    again = (reply({"fee": 4}), FAILS, FAILS)
    assert judged(reply({"fee": 3}), reply({"fee": 3}), FAILS, FAILS, again=again).outcome == "unknown"


def test_what_varies_by_itself_is_not_compared_but_for_its_kind_and_the_rest_is() -> None:
    """A new order has a new number, whoever asks."""

    def numbered(number: JsonValue, fee: int) -> Reply:
        return reply({"id": number, "fee": fee})

    base, again = (FAILS, FAILS, numbered("a1", 3)), (FAILS, FAILS, numbered("b2", 3))
    now = (FAILS, FAILS, numbered("c3", 3))
    found = judged(numbered("d4", 3), *base, again=again, now=now)
    assert found.outcome == "passed"
    assert "body.id" in found.detail
    assert judged(numbered("d4", 4), *base, again=again, now=now).outcome == "unknown"
    assert judged(numbered(None, 3), *base, again=again, now=now).outcome == "unknown"
    assert judged(numbered("d4", 3), *base, again=again, now=(FAILS, FAILS, numbered("c3", 9))).outcome == "unknown"


def test_a_yes_is_no_one() -> None:
    assert judged(reply({"fee": True}), reply({"fee": 1}), FAILS, FAILS).outcome == "unknown"


@pytest.mark.parametrize("mended", [FAILS, reply(status=500), reply(timed_out=True), reply(unexpected=("GET h/x",))])
def test_what_is_not_answered_well_is_never_unambiguous(mended: Reply) -> None:
    assert judged(mended, *[reply({"fee": 3})] * 3).outcome == "unknown"


def test_without_a_neighbour_nothing_tells() -> None:
    assert ambiguity.check(None, batch(reply()), ()).outcome == "unknown"
    assert ambiguity.check(ambiguity.Near(*[batch(broken="no")] * 3), batch(reply()), NULL).outcome == "unknown"


@pytest.mark.parametrize("now", [reply({"fee": 4}), reply({"fee": 3}, status=422), FAILS])
def test_a_neighbour_that_the_base_answers_must_still_be_answered_so(now: Reply) -> None:
    same = reply({"fee": 3})
    assert judged(same, FAILS, FAILS, same, now=(reply({"fee": 9}), FAILS, same)).outcome == "passed"
    assert judged(same, FAILS, FAILS, same, now=(FAILS, FAILS, now)).outcome == "unknown"


def earlier(said: Reply) -> ambiguity.Before:
    return ambiguity.Before("c" * 40, said)


def test_where_no_neighbour_tells_a_version_that_served_before_does() -> None:
    mended = batch(reply({"cents": 5}))
    assert ambiguity.check(None, mended, ()).outcome == "unknown"
    told = ambiguity.check(None, mended, (), earlier(reply({"cents": 5})))
    assert told.outcome == "passed"
    assert "cccccccccccc" in told.detail
    other = ambiguity.check(None, mended, (), earlier(reply({"cents": 4})))
    assert other.outcome == "unknown"
    assert '{"cents": 4}' in other.detail
    assert ambiguity.check(None, mended, (), earlier(FAILS)).outcome == "unknown"


def test_a_version_that_served_before_does_not_outweigh_what_neighbours_say() -> None:
    mended, before = reply({"cents": 5}), earlier(reply({"cents": 5}))
    otherwise = batch(*[reply({"cents": 4})] * len(NULL))
    moved = batch(*[reply({"cents": 6})] * len(NULL))
    for near in (ambiguity.Near(otherwise, otherwise, otherwise), ambiguity.Near(otherwise, otherwise, moved)):
        assert ambiguity.check(near, batch(mended), NULL, before).outcome == "unknown"
