"""Hidden requests and how answers are compared; a shop that is gone answers nothing rightly."""

from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from evals.judging import asking, oracle
from evals.lab import faults, oracles

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
QUESTIONS = oracles.Oracle.model_validate(
    {
        "service": "orders",
        "callers": ["storefront"],
        "requests": [
            {"name": "one", "to": "orders", "path": "/price", "body": {"n": 1}, "status": 200, "answer": {"price": 5}},
            {"name": "two", "to": "orders", "method": "GET", "path": "/none", "status": 404},
        ],
    }
)


@given(JSON)
def test_every_answer_agrees_with_itself(value: JsonValue) -> None:
    assert oracles.differences(value, value) == []


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=3), JSON)
def test_an_answer_may_carry_more_keys(right: dict[str, JsonValue], more: JsonValue) -> None:
    assert oracles.differences(right, {**right, "further key": more}) == []


@given(st.dictionaries(st.text(max_size=3), JSON, min_size=1, max_size=3))
def test_a_missing_key_is_wrong(right: dict[str, JsonValue]) -> None:
    assert oracles.differences(right, {}) != []


def test_types_and_lengths_count() -> None:
    assert oracles.differences(1, True) != []
    assert oracles.differences(0, None) != []
    assert oracles.differences([], [1]) != []
    assert oracles.differences({"a": [1, 2]}, {"a": [1]}) != []
    assert oracles.differences({"a": 1}, [1]) != []


PRICE: JsonValue = {"price": 5}
NONSENSE: JsonValue = {"price": 0}


def test_a_shop_that_answers_rightly_is_right() -> None:
    asked = asking.ask(
        QUESTIONS,
        {"orders": "http://orders"},
        lambda _, address, __: (200, {"price": 5, "more": 1}) if address.endswith("/price") else (404, None),
    )
    assert oracle.wrong(asked) == ()


def test_a_shop_that_does_not_answer_is_wrong_everywhere() -> None:
    asked = asking.ask(QUESTIONS, {"orders": "http://orders"}, lambda *_: None)
    assert len(oracle.wrong(asked)) == 2


def test_a_service_that_was_deleted_is_wrong_everywhere() -> None:
    asked = asking.ask(QUESTIONS, {}, lambda *_: (200, PRICE))
    assert len(oracle.wrong(asked)) == 2


def test_nonsense_with_a_good_status_is_wrong() -> None:
    asked = asking.ask(QUESTIONS, {"orders": "http://orders"}, lambda *_: (200, NONSENSE))
    assert len(oracle.wrong(asked)) == 2


def test_each_oracle_asks_each_thing_once() -> None:
    for name in faults.names():
        if (found := oracles.load(faults.folder_of(name))) is not None:
            assert len({question.name for question in found.requests}) == len(found.requests) > 0, name
