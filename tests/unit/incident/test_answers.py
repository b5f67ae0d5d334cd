"""Shapes and differences of answers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from incident import answers

leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
bodies: st.SearchStrategy[JsonValue] = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(bodies)
def test_a_body_is_never_strange_to_itself(body: JsonValue) -> None:
    assert answers.strange(body, [body]) == ()


@settings(deadline=None)
@given(bodies, bodies)
def test_a_body_that_was_seen_among_others_is_not_strange(body: JsonValue, other: JsonValue) -> None:
    assert answers.strange(body, [other, body]) == ()


@settings(deadline=None)
@given(bodies)
def test_without_anything_seen_every_body_is_strange(body: JsonValue) -> None:
    assert answers.strange(body, [])


@pytest.mark.parametrize(
    ("body", "seen", "strange"),
    [
        ({"a": 1}, [{"a": 2}], ()),
        ({"a": ""}, [{"a": "x"}], ()),
        ({"a": []}, [{"a": [{"b": 1}]}], ()),
        ({"a": [{}]}, [{"a": [{"b": 1}]}], ("body.a[].b is missing",)),
        ({"a": None}, [{"a": 2}], ("body.a:null was never seen",)),
        ({"a": True}, [{"a": 2}], ("body.a:bool was never seen",)),
        ({"a": 1, "b": 1}, [{"a": 2}], ("body.b:number was never seen",)),
        ({}, [{"a": 2}], ("body.a is missing",)),
        ({"a": 1}, [{"a": 2, "b": 1}, {"a": 2}], ()),
        ("text", [{"a": 2}], ("body:string was never seen", "body.a is missing")),
    ],
)
def test_shapes(body: JsonValue, seen: list[JsonValue], strange: tuple[str, ...]) -> None:
    assert answers.strange(body, seen) == strange


@pytest.mark.parametrize(
    ("body", "seen", "strange"),
    [
        # Keys that vary are data; their values are not.
        ({"c": {"z": 1}}, [{"c": {"a": 1, "b": 2}}, {"c": {"a": 1}}], ()),
        ({"c": {}}, [{"c": {"a": 1, "b": 2}}, {"c": {"a": 1}}], ()),
        ({"c": {"z": "x"}}, [{"c": {"a": 1, "b": 2}}, {"c": {"a": 1}}], ("body.c.*:string was never seen",)),
        ({"c": [{"z": 1}]}, [{"c": [{"a": 1}, {"b": 1}]}], ()),
        # Keys that do not vary are a record's.
        (
            {"c": {"z": 1}},
            [{"c": {"a": 1}}, {"c": {"a": 2}}],
            ("body.c.z:number was never seen", "body.c.a is missing"),
        ),
        # Values of several kinds are a record's, too.
        (
            {"c": {"z": 1}},
            [{"c": {"a": 1, "b": "x"}}, {"c": {"a": 1}}],
            ("body.c.z:number was never seen", "body.c.a is missing"),
        ),
    ],
)
def test_keys_of_a_map_are_data(body: JsonValue, seen: list[JsonValue], strange: tuple[str, ...]) -> None:
    assert answers.strange(body, seen) == strange


@pytest.mark.parametrize(
    ("body", "asked", "strange"),
    [
        ({"at": "9"}, {"at": "9"}, ()),
        ({"at": "9"}, {"offset": "9"}, ()),
        ({"at": None}, {"at": None}, ()),
        ({"at": None}, {"offset": None}, ("body.at:null was never seen",)),
        ({"at": True}, {"offset": True}, ("body.at:bool was never seen",)),
        ({"at": "8"}, {"at": "9"}, ("body.at:string was never seen",)),
        ({"at": "9"}, None, ("body.at:string was never seen",)),
    ],
)
def test_a_value_that_the_request_brought_may_come_back(
    body: JsonValue, asked: JsonValue, strange: tuple[str, ...]
) -> None:
    assert answers.strange(body, [{"at": 9}], asked) == strange


@settings(deadline=None)
@given(bodies)
def test_a_body_does_not_differ_from_itself(body: JsonValue) -> None:
    assert answers.differing(body, body) == frozenset()


@settings(deadline=None)
@given(bodies, bodies)
def test_differing_is_symmetric_and_empty_only_for_equal_bodies(one: JsonValue, other: JsonValue) -> None:
    found = answers.differing(one, other)
    assert found == answers.differing(other, one)
    if not found:
        assert one == other


@pytest.mark.parametrize(
    ("one", "other"), [(1, True), (1, 1.0), ([], {}), (None, 0), ([1], [1, 2]), ({"a": {}}, {"a": []})]
)
def test_values_that_python_or_nesting_would_confuse_differ(one: JsonValue, other: JsonValue) -> None:
    assert answers.differing(one, other)


def test_values_at_which_all_bodies_agree_are_constants() -> None:
    """Each with the number of bodies that have it; nulls, and values that vary, are none."""
    seen: list[JsonValue] = [{"a": 1, "b": True, "c": 5, "n": None}, {"a": 1, "b": True, "c": 6}, {"a": 1}]
    assert answers.constants(seen) == {"body.a": (1, 3), "body.b": (True, 2)}


def test_a_body_moves_where_it_has_another_value_than_all() -> None:
    """True is no 1; what the request brought may come back."""
    known = answers.constants([{"a": 1, "b": "x", "c": 3}] * 2)
    assert answers.moved({"a": 1, "b": "x", "c": None, "d": 9}, known) == frozenset()
    assert answers.moved({"a": True, "b": "y"}, known) == {"body.a", "body.b"}
    assert answers.moved({"b": "y"}, known, {"b": "y"}) == frozenset()


def test_a_shape_that_was_seen_besides_is_known() -> None:
    known = answers.known([{"a": 1, "b": "x"}])
    assert answers.unlike({"c": None}, known) == (("body.c:null",), ("body.a", "body.b"))
    assert answers.unlike({"c": None}, known.beside(answers.of({"c": None}))) == ((), ())
