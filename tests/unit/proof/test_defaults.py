"""A file's own reads name the defaults of keys that are not there."""

import pytest
from pydantic import JsonValue

from tests.unit.proof.replies import capture
from tools.proof.checks import defaults, kin


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('x.get("a", 0)', {"a": 0}),
        ('x.pop("a", [])', {"a": []}),
        ('x.get("a") or "none"', {"a": "none"}),
        ('NO = -1\nx.get("a", NO)', {"a": -1}),
        ('NO: int = 3\nx.get("a", NO); x.get("a", 3)', {"a": 3}),
        # Disagreement names none, and neither does what is no literal.
        ('x.get("a", 0); x.get("a", 1)', {}),
        ('x.get("a", 0); x.get("a", False)', {}),
        ('x.get("a", 0); x.get("a")', {}),
        ('x.get("a", f())', {}),
        ('NO = 1\nNO = 2\nx.get("a", NO)', {}),
        ('NO = 1\ndef f():\n    global NO\n    NO = 2\nx.get("a", NO)', {}),
        ('def f(no):\n    return x.get("a", no)', {}),
        ('x.get("a", b"x"); x.get(b, 1); x["a"]', {}),
        ("no python (", {}),
    ],
)
def test_the_default_is_the_one_on_which_all_reads_agree(source: str, found: dict[str, JsonValue]) -> None:
    assert defaults.named(source) == found


SCHEMA = '{"properties": {"a": {"type": "integer", "default": 0}, "b": {"default": "x"}, "c": {"type": "string"}}}'


def test_a_schema_names_defaults_and_must_agree_with_the_source() -> None:
    assert defaults.named("", (SCHEMA, "no schema (")) == {"a": 0, "b": "x"}
    assert defaults.named('x.get("a", 0); x.get("b", "y")', (SCHEMA,)) == {"a": 0}
    assert defaults.named("", (f'{{"$defs": [{SCHEMA}]}}', SCHEMA.replace("0}", "1}"))) == {"b": "x"}


def test_a_key_that_is_missing_takes_the_default_that_the_source_names() -> None:
    failing, good = capture(outcome="failed", body={}), (capture(body={"a": 2}),)
    assert [near.now for near in kin.of(failing, good, {"a": 7})] == [7]
    # One of a kind that was never there is another key's.
    assert [near.now for near in kin.of(failing, good, {"a": "x"})] == [None, 0]
