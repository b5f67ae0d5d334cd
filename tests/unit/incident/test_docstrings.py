"""Values that a docstring gives for a case."""

import ast

import pytest

from incident import docstrings


@pytest.mark.parametrize(
    ("said", "want"),
    [
        ("The share of each; 0 without children.", ["0"]),
        ("The letter of a title, in upper case; ``#`` for an empty title.", ["'#'"]),
        ("The name in capitals; UNASSIGNED when a trip has none.", ["'UNASSIGNED'"]),
        ('A name. "nobody" if it is not known, -1.5 where it is old.', ["'nobody'", "-1.5"]),
        ("``None`` when there is none.", ["None"]),
        ("``[]`` for no items.", ["'[]'"]),
        ("0 without a, 0 for b.", ["0"]),
    ],
)
def test_a_value_before_a_case_is_found(said: str, want: list[str]) -> None:
    assert [ast.unparse(value) for value in docstrings.cases(said)] == want


@pytest.mark.parametrize(
    "said",
    [
        "",
        "The JSON of an order.",
        "At most 3 of them.",
        "A list of 5 for each.",
        "It returns ``x`` and ``y``.",
        "Of HTTP",
    ],
)
def test_other_mentions_are_no_values(said: str) -> None:
    assert docstrings.cases(said) == ()
