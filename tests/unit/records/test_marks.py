"""Keyed marks: only who has the key makes one, and none fits another value, kind or use."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from incident.value import encode
from tools.audit.chain import sign
from tools.records.marks import Marks

KEY, OTHER = b"k" * 32, b"o" * 32
ROW: dict[str, JsonValue] = {"incident": "inc-1", "plan": "a" * 64, "sequence": 3}

VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def test_a_mark_holds_for_its_value() -> None:
    """Whoever has the same key agrees."""
    assert Marks(KEY).holds("approval", ROW, Marks(KEY).mark("approval", ROW))


@pytest.mark.parametrize("change", [{"incident": "inc-2"}, {"sequence": 4}, {"sequence": "3"}, {"more": ""}])
def test_a_mark_holds_for_no_other_value(change: dict[str, JsonValue]) -> None:
    """Each field, and each field that was added, is under the mark."""
    assert not Marks(KEY).holds("approval", {**ROW, **change}, Marks(KEY).mark("approval", ROW))


def test_a_mark_holds_for_no_other_kind_and_no_other_key() -> None:
    """A switch is no answer, and another home's answer is none here."""
    mark = Marks(KEY).mark("approval", ROW)
    assert not Marks(KEY).holds("switch", ROW, mark)
    assert not Marks(OTHER).holds("approval", ROW, mark)


@pytest.mark.parametrize("mark", ["", "0" * 64, "é", "\udcff", "f" * 63])
def test_what_is_no_mark_never_holds(mark: str) -> None:
    """A database may hold any text in the place of a mark."""
    assert not Marks(KEY).holds("approval", ROW, mark)


@pytest.mark.parametrize("odd", [float("nan"), float("inf")])
def test_what_has_no_encoding_was_never_marked(odd: float) -> None:
    """Somebody may have written it by hand: that is a mark that does not fit, and no defect of ours."""
    assert not Marks(b"0" * 32).holds("answer", {"expires": odd}, "0" * 64)


def test_a_mark_is_no_line_of_the_chain_and_the_other_way_round() -> None:
    """The chain signs bytes that somebody can choose in part; neither may stand for the other."""
    mark = Marks(KEY).mark("approval", ROW)
    assert mark != sign(KEY, encode(["approval", ROW]))
    assert mark != hmac.digest(KEY, encode(["approval", ROW]), "sha256").hex()


def test_a_key_that_can_be_guessed_is_refused() -> None:
    """An empty key would let everybody make marks."""
    with pytest.raises(ValueError, match="guessed"):
        Marks(b"")


@given(VALUES, VALUES)
def test_values_that_are_written_differently_are_marked_differently(one: JsonValue, other: JsonValue) -> None:
    """No two values share an encoding."""
    marks = Marks(KEY)
    assert (marks.mark("row", one) == marks.mark("row", other)) == (encode(one) == encode(other))
