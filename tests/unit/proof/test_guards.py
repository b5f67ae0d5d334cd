"""A function that turns input away does not let the failing one in without a person."""

import textwrap

import pytest

from incident.remedy import FileEdit, Patch
from tests.unit.proof.replies import batch, reply
from tools.proof.checks import guards, refusals


def patch(before: str, after: str = "", function: str = "price") -> Patch:
    text = textwrap.dedent(before)
    return Patch(
        service="orders",
        base_commit="c0",
        path="orders/a.py",
        function=function,
        edits=(FileEdit(path="orders/a.py", before=text, after=textwrap.dedent(after) or text),),
        diff="",
        summary="",
    )


@pytest.mark.parametrize(
    ("before", "function"),
    [
        ("def price(a):\n    if not a:\n        raise Denied\n    return a", "price"),
        ("def price(a):\n    assert a\n    return a", "price"),
        ("def price(a):\n    return [b for b in a if b.open]", "price"),
        ("def price(a):\n    hmac.compare_digest(a, b)", "price"),
        ("def price(a):\n    self.verify_age(a)", "price"),
        ("def is_allowed(a):\n    return a in KNOWN", "is_allowed"),
        ("class A:\n    def check(self, a):\n        return a", "A.check"),
        ("def price(:", "price"),
        ("def other(a):\n    return a", "price"),
    ],
)
def test_it_lets_nothing_in_that_failed(before: str, function: str) -> None:
    assert guards.check(batch(reply()), patch(before, function=function)).outcome == "unknown"
    assert guards.check(batch(), patch(before, function=function)).outcome == "unknown"


def test_what_is_refused_like_other_input_was_not_let_in() -> None:
    refusing = patch("def price(a):\n    if not a:\n        raise Denied\n    return a")
    assert guards.check(batch(reply(status=403)), refusing).outcome == "passed"
    assert guards.check(batch(reply(status=500)), refusing).outcome == "unknown"


@pytest.mark.parametrize(
    "before",
    [
        "def price(a):\n    return a['b'] if a else 0",
        "def price(a):\n    try:\n        return int(a)\n    except ValueError:\n        log(a)\n        raise",
        "class A:\n    def other(self):\n        raise Denied\n\ndef price(a):\n    return a",
    ],
)
def test_a_function_that_turns_nothing_away_may_answer(before: str) -> None:
    assert guards.check(batch(reply()), patch(before)).outcome == "passed"


TREE = {"orders/errors.py": "class Denied(Exception): pass\ndef no():\n    raise Denied\n"}


@pytest.mark.parametrize(
    ("head", "raised", "own", "foreign"),
    [
        ("from orders.errors import Denied", "raise Denied", {"Denied"}, set()),
        ("from orders import errors", "raise errors.Denied(a)", {"Denied"}, set()),
        ("import orders.errors", "raise orders.errors.Denied", {"Denied"}, set()),
        ("import json", "raise ValueError", set(), {"ValueError"}),
        ("import json", "raise a", set(), {"a"}),
        ("from orders.errors import Denied", "raise make(a)[0]", set(), {"?"}),
    ],
)
def test_exceptions_of_the_service_are_told_from_all_others(
    head: str, raised: str, own: set[str], foreign: set[str]
) -> None:
    before = f"{head}\n\ndef price(a):\n    return a['b']\n"
    after = f"{head}\n\ndef price(a):\n    if not a:\n        {raised}\n    return a['b']\n"
    assert tuple(map(set, refusals.raised(patch(before, after), TREE.get))) == (own, foreign)


def test_what_was_raised_before_is_not_raised_anew() -> None:
    before = "def price(a):\n    if not a:\n        raise Denied\n    return a\n"
    changed = patch(before, before.replace("not a", "not a or a < 0"))
    assert not any(refusals.raised(changed, TREE.get))


@pytest.mark.parametrize(
    ("before", "function"),
    [
        ("def _open(a):\n    return [b for b in a if b.open]\n\ndef price(a):\n    return _open(a)[0]", "price"),
        ("def _first(a):\n    return a[0]\n\ndef price(a):\n    return _first([b for b in a if b.open])", "_first"),
        ('def _first(a):\n    """First."""\n    return a[0]\n\ndef check(a):\n    return _first(a)', "_first"),
    ],
    ids=["the helper filters", "its caller filters", "its caller is a check"],
)
def test_a_private_function_of_one_return_is_read_with_those_that_call_it(before: str, function: str) -> None:
    check = guards.check(batch(reply()), patch(before, function=function))
    assert check.outcome == "unknown"
    assert ", in " in check.detail


@pytest.mark.parametrize(
    ("before", "function"),
    [
        ("def open(a):\n    return [b for b in a if b.open]\n\ndef price(a):\n    return open(a)[0]", "price"),
        ("def first(a):\n    return a[0]\n\ndef price(a):\n    return first([b for b in a if b.open])", "first"),
        ("def _first(a):\n    return a[0]\n\ndef price(a):\n    return [b for b in a if b.open]", "_first"),
        (
            "def _open(a):\n    b = a\n    return [c for c in b if c.open]\n\ndef price(a):\n    return _open(a)",
            "price",
        ),
    ],
    ids=["others may call it", "others may call it, from inside", "it is not called", "more than one statement"],
)
def test_control_any_other_function_is_read_alone(before: str, function: str) -> None:
    assert guards.check(batch(reply()), patch(before, function=function)).outcome == "passed"
