"""A failure in a private helper is mended where its context is: in the helper, or in the function that called it."""

import ast
import traceback
from typing import Any

import pytest

from agents.playbook.repair import sites
from agents.playbook.repair.fault import Candidate, Fault
from agents.view import source


def found(module: str, call: str) -> tuple[tuple[str, Candidate], ...]:
    """The candidates for a call that fails."""
    space: dict[str, Any] = {}
    exec(compile(module, "<bug>", "exec"), space)
    try:
        eval(call, space)
    except Exception as error:  # noqa: BLE001 (any failure is the point)
        frames = [item.lineno or 0 for item in traceback.extract_tb(error.__traceback__) if item.filename == "<bug>"]
        seen = [_site(module, line, error) for line in reversed(frames)]
        distinct = list({site.function: site for site in seen}.values())
        return sites.candidates(*distinct[:2])
    raise AssertionError("it does not fail")


def _site(module: str, line: int, error: Exception) -> sites.Site:
    place = next(item for item in source.outline("m.py", module) if item.first <= line <= item.last)
    text = source.cut(module, place)
    kind = type(error).__name__
    fault = Fault(source=text, line=line - place.first + 1, exception=kind, message=str(error), module=module)
    return sites.Site(place.name, fault)


def mended(module: str, function: str, item: Candidate) -> str:
    place = next(one for one in source.outline("m.py", module) if one.name == function)
    return source.replace(module, place, item.source)


def run(module: str, call: str) -> object:
    space: dict[str, Any] = {}
    exec(module, space)
    return eval(call, space)


SEATS = """
ROWS = ("A", "B", "C")
STANDING = "standing"

def _row(place):
    return ROWS[place]

def seat(place):
    if place <= len(ROWS):
        return _row(place)
    return STANDING
"""


def test_the_callers_wrong_bound_is_mended_in_the_caller() -> None:
    function, first = found(SEATS, "seat(3)")[0]
    assert function == "seat"
    assert run(mended(SEATS, function, first), "[seat(2), seat(3)]") == ["C", "standing"]


def test_control_without_the_caller_the_helper_has_nothing_to_go_by() -> None:
    alone = [function for function, item in found(SEATS, "_row(3)") if item.grounds <= 2]
    assert alone == []


def test_a_caller_of_a_function_that_others_may_call_is_left_alone() -> None:
    public = SEATS.replace("_row", "row")
    assert "seat" not in {function for function, _ in found(public, "seat(3)")}


TEAMS = """
NOBODY = "nobody"

def _next(waiting):
    return waiting.pop(0)

def on_call(people, away) -> str:
    waiting = [name for name in people if name != away]
    return _next(waiting)

def lead(people) -> str:
    return next((name for name in people if name.startswith("l")), NOBODY)
"""


def test_the_callers_annotation_tells_what_kind_of_value_the_helper_lacks() -> None:
    function, first = found(TEAMS, 'on_call(["a"], "a")')[0]
    assert run(mended(TEAMS, function, first), 'on_call(["a"], "a")') == "nobody"


PRICES = """
PRICES = {"tea": 3}
NO_PRICE = 0

def _price(name):
    return PRICES[name]

def price(name):
    return _price(name)
"""


def test_what_mends_the_helper_as_well_is_not_written_into_its_caller() -> None:
    assert {function for function, _ in found(PRICES, 'price("milk")')} == {"_price"}


LABELS = """
UNKNOWN = "unknown"
LABELS = {"a": "A"}

def _label(kind):
    return LABELS.get(kind, UNKNOWN)

def label(item):
    kind = item["kind"]["name"]
    return _label(kind)
"""


def test_a_none_that_a_helper_has_an_answer_to_may_flow_into_it() -> None:
    _, first = found(LABELS, 'label({"kind": None})')[0]
    assert first.grounds == 0
    assert run(mended(LABELS, "label", first), 'label({"kind": None})') == "unknown"


def test_control_a_helper_without_such_an_answer_gets_no_none() -> None:
    module = LABELS.replace("LABELS.get(kind, UNKNOWN)", "kind.upper()")
    assert all(item.grounds > 0 for _, item in found(module, 'label({"kind": None})'))


@pytest.mark.parametrize(("module", "call"), [(SEATS, "seat(3)"), (TEAMS, 'on_call(["a"], "a")')])
def test_every_candidate_calls_the_helper_as_before(module: str, call: str) -> None:
    for function, item in found(module, call):
        calls = [node for node in ast.walk(ast.parse(item.source)) if isinstance(node, ast.Call)]
        own = [node for node in calls if isinstance(node.func, ast.Name) and node.func.id.startswith("_")]
        assert function.startswith("_") or len(own) == 1
