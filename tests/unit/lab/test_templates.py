"""Templates of requests: draws by a seed, references, and a sentence for every mistake."""

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from evals.lab.traffic import templates, users
from evals.lab.traffic.users import User
from incident.errors import BadInput


def drawn(template: JsonValue, seed: int = 1, **known: JsonValue) -> JsonValue:
    compiler = templates.Compiler("fault.yaml")
    draw = compiler.compile(template, ("body",), frozenset({"n", *known}))
    assert compiler.wrong == []
    return draw(Random(seed), {"n": 7, **known})


def mistakes(template: JsonValue) -> list[BadInput]:
    compiler = templates.Compiler("fault.yaml")
    compiler.compile(template, ("body",), frozenset({"n"}))
    return compiler.wrong


@given(st.recursive(st.none() | st.booleans() | st.integers(), lambda inner: st.lists(inner, max_size=3), max_leaves=6))
def test_what_is_no_draw_stays_as_it_is(value: JsonValue) -> None:
    assert drawn(value) == value


@given(st.integers(), st.integers(-50, 50), st.integers(0, 50))
def test_a_draw_lies_within_its_bounds_and_is_the_same_for_a_seed(seed: int, low: int, width: int) -> None:
    template: JsonValue = {
        "whole": {"$integer": [low, low + width]},
        "part": {"$decimal": [low, low + width, 2]},
        "text": {"$text": {"letters": "ab", "length": [2, 4]}},
        "day": {"$date": ["2024-02-28", "2024-03-01"]},
        "some": {"$list": {"of": {"$choice": [1, 2]}, "length": [0, 3]}},
        "sample": {"$sample": {"from": [1, 2, 3], "count": 2}},
        "weighted": {"$weighted": [{"weight": 1, "value": "a"}, {"weight": 9, "value": "b"}]},
    }
    first = drawn(template, seed)
    assert first == drawn(template, seed)
    assert isinstance(first, dict)
    assert low <= float(str(first["whole"])) <= low + width
    assert low <= float(str(first["part"])) <= low + width
    assert set(str(first["text"])) <= {"a", "b"}
    assert first["day"] in ("2024-02-28", "2024-02-29", "2024-03-01")
    assert isinstance(first["sample"], list)
    assert len(set(map(str, first["sample"]))) == 2


def test_weights_count() -> None:
    template: JsonValue = {"$weighted": [{"weight": 1, "value": "a"}, {"weight": 9, "value": "b"}]}
    found = [drawn(template, seed) for seed in range(500)]
    assert 20 < found.count("a") < 90


def test_a_reference_keeps_its_type_alone_and_is_text_in_a_text() -> None:
    assert drawn("${number}", number=3) == 3
    assert drawn("r${n:08}") == "r00000007"
    assert drawn("${on} ${off} ${word}", on=True, off=None, word="x") == "true null x"
    match: JsonValue = {"$match": {"of": "${land}", "cases": {"NO": "NOK"}, "otherwise": "EUR"}}
    assert (drawn(match, land="NO"), drawn(match, land="FR")) == ("NOK", "EUR")


@pytest.mark.parametrize(
    "wrong",
    [
        {"$integer": [3, 1]},
        {"$integer": [1.5, 2]},
        {"$integer": 3},
        {"$decimal": [1, 2]},
        {"$choice": []},
        {"$weighted": [{"weight": 0, "value": 1}]},
        {"$text": {"letters": "", "length": 3}},
        {"$text": {"letters": "a", "length": 10_000}},
        {"$date": ["2024-13-01", "2024-12-01"]},
        {"$date": ["2024-03-01", "2024-02-01"]},
        {"$list": {"of": 1}},
        {"$sample": {"from": [], "count": 1}},
        {"$match": {"of": "x", "cases": {}}},
        {"$unknown": 1},
        {"$integer": [1, 2], "more": 1},
        "${nobody}",
        "${n:8}",
        "${item}",
    ],
    ids=str,
)
def test_each_mistake_is_a_sentence_that_names_its_place(wrong: JsonValue) -> None:
    (found,) = mistakes([wrong])
    assert found.field.startswith("fault.yaml: body[0]")


def test_every_mistake_is_found() -> None:
    assert len(mistakes({"a": "${x}", "b": [{"$integer": 1}, {"$sample": {"from": 1, "count": 1}}]})) == 3


def test_a_kind_is_like_another_but_for_what_it_says_itself() -> None:
    base = User(
        method="POST", path="/a", draw={"x": {"$integer": [1, 9]}, "y": "${x}"}, body={"p": {"q": "${y}", "r": 1}}
    )
    other = User(like="base", draw={"x": 5}, body={"p": {"r": 2}, "s": "${n}"})
    request = users.Users({"base": base, "other": other}).request("other", Random(1), 3)
    assert (request.method, request.path) == ("POST", "/a")
    assert request.body == {"p": {"q": 5, "r": 2}, "s": 3}


@pytest.mark.parametrize(
    "kinds",
    [
        {"a": User(like="b"), "b": User(like="a")},
        {"a": User(like="nobody")},
        {"a": User(method="GET")},
        {"a": User(method="GET", path="/", body=[1])},
        {"a": User(method="GET", path="/", draw={"Big": 1})},
        {"a": User(method="GET", path="/", draw={"item": 1})},
        {"a": User(method="GET", path="/${later}", draw={"x": "${y}", "y": 1})},
    ],
    ids=["circle", "nobody", "no path", "no object", "capital", "reserved", "before it is drawn"],
)
def test_kinds_that_cannot_be_asked_are_refused(kinds: dict[str, User]) -> None:
    with pytest.raises(BadInput):
        users.Users(kinds)


def test_a_kind_survives_the_way_to_the_load_generator() -> None:
    sent = {name: user.model_dump(mode="json", exclude_unset=True) for name, user in users.described().items()}
    arrived = users.Users(users.parsed(json.loads(json.dumps(sent))))
    for kind in users.kinds():
        assert arrived.request(kind, Random(3), 9) == users.ordinary().request(kind, Random(3), 9)
