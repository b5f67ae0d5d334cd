"""What is told of local variables where a request fails: of what kind they are, never what they hold."""

import datetime
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.reproduction import observe

SECRET = "hunter2-4111-1111-1111-1111"

SOURCE = """
def price(order):
    import json
    first = order["lines"][0]
    return (
        first["item"]["cents"]
        * order["count"]
    )
"""


@pytest.fixture
def service(tmp_path: Path) -> Callable[[Any], Any]:
    file = tmp_path / "prices.py"
    file.write_text(SOURCE)
    module = types.ModuleType("prices")
    exec(compile(SOURCE, str(file), "exec"), module.__dict__)
    return module.price  # type: ignore[no-any-return]  # made here


def failed(call: Callable[[Any], Any], value: Any, root: Path) -> dict[str, Any]:
    try:
        call(value)
    except (TypeError, LookupError) as error:
        return observe.describe(error, str(root))
    raise AssertionError("it did not fail")


def values(found: dict[str, Any]) -> dict[str, str]:
    told: dict[str, str] = found["frames"][-1]["values"]
    return told


ORDER: dict[str, Any] = {"lines": [{"item": None, "note": SECRET}], "count": 2, "name": "", "when": datetime.date.min}


def test_types_keys_lengths_and_none_are_told_and_what_the_line_takes_out(service: Any, tmp_path: Path) -> None:
    told = values(failed(service, ORDER, tmp_path))
    assert (
        told["order"] == "dict(lines: list of 1 dict(item: None, note: str), count: int, name: empty str, when: date)"
    )
    assert told["first"] == "dict(item: None, note: str)"
    assert told["first['item']"] == "None"
    assert "json" not in told


def test_no_value_is_told_and_no_key_that_is_somebodys_data(service: Any, tmp_path: Path) -> None:
    order = {"lines": {0: {"item": {SECRET: SECRET, "a b": 1}}}, "count": 4111}
    told = str(values(failed(service, order, tmp_path)))
    assert "dict of 2" in told
    for secret in (SECRET, "hunter2", "4111"):
        assert secret not in told


def test_nothing_of_the_services_own_is_run_to_look_at_it(service: Any, tmp_path: Path) -> None:
    class Loud(dict):  # type: ignore[type-arg]
        def __iter__(self) -> Any:
            raise SystemExit("looked at")

        __len__ = keys = items = __repr__ = __iter__

    told = values(failed(service, Loud(lines=[{"item": None}]), tmp_path))
    assert told["order"] == "Loud"
    assert "order['lines']" not in told


def test_it_stays_short_however_large_the_values_are(service: Any, tmp_path: Path) -> None:
    deep: Any = None
    for _ in range(sys.getrecursionlimit() * 2):
        deep = {"item": deep}
    wide = {f"key{number}": [deep] * 1000 for number in range(1000)}
    told = values(failed(service, {**wide, "lines": [deep | {"item": None}]}, tmp_path))
    assert all(len(text) <= 300 for text in told.values())
    assert len(told) <= 40


def test_a_source_that_cannot_be_read_costs_only_the_parts(service: Any, tmp_path: Path) -> None:
    (tmp_path / "prices.py").write_text("def (")
    told = values(failed(service, ORDER, tmp_path))
    assert set(told) == {"order", "first"}


def test_an_error_outside_the_tree_tells_nothing(service: Any, tmp_path: Path) -> None:
    assert failed(service, ORDER, tmp_path / "elsewhere")["frames"] == []


WRAPPED = """
async def first(order):
    return next(line for line in order["lines"] if line["cold"])


async def second(order):
    try:
        return order["cold"]
    except KeyError as error:
        raise LookupError("no cold line") from error
"""


@pytest.mark.parametrize(("name", "raised", "line"), [("first", "StopIteration", 3), ("second", "LookupError", 10)])
def test_what_only_wraps_an_exception_of_the_application_stands_aside_for_it(
    tmp_path: Path, name: str, raised: str, line: int
) -> None:
    file = tmp_path / "wrapped.py"
    file.write_text(WRAPPED)
    module = types.ModuleType("wrapped")
    exec(compile(WRAPPED, str(file), "exec"), module.__dict__)
    coroutine = getattr(module, name)({"lines": []})
    try:
        coroutine.send(None)  # as an event loop does; a StopIteration inside becomes a RuntimeError without our frames
    except (RuntimeError, LookupError) as error:
        found = observe.describe(error, str(tmp_path))
    assert (found["type"], found["frames"][-1]["line"]) == (raised, line)


def test_an_exception_without_frames_of_the_application_is_told_as_it_is(tmp_path: Path) -> None:
    try:
        try:
            int("x")
        except ValueError as error:
            raise TypeError("outer") from error
    except TypeError as error:
        found = observe.describe(error, str(tmp_path))
    assert (found["type"], found["frames"]) == ("TypeError", [])


def test_frames_of_what_runs_the_application_are_not_the_applications() -> None:
    root = Path(observe.__file__).parents[2]
    try:
        observe.describe(None, str(root))  # type: ignore[arg-type]  # fails inside
    except AttributeError as error:
        found = observe.describe(error, str(root))
    assert [frame["path"] for frame in found["frames"]] == ["tests/unit/proof/test_observed_values.py"]
