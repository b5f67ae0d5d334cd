"""Chained exceptions in logs, and comprehensions told by the function around them."""

from pydantic import JsonValue

from incident.stacks import Chained, Frame
from tools.embedded import frames
from tools.frames import places, trace

ROOT = "/srv/checkout"


def frame(function: str, line: int, file: str = "services/pricing/totals.py") -> JsonValue:
    return {"file": f"{ROOT}/{file}", "line": line, "function": function, "code": "x"}


def read(*stack: JsonValue) -> tuple[Frame, ...]:
    found = frames.logged({"stack": list(stack)})
    assert found is not None
    return places.Files(()).placed(found.frames, ROOT)


def chain(behind: JsonValue) -> tuple[Chained, ...]:
    found = frames.logged({"type": "E", "chain": behind})
    assert found is not None
    return trace.chained(found.chain)


def test_a_comprehension_is_told_by_the_function_around_it() -> None:
    """On 3.11 it has a frame of its own; from 3.12 on most have none."""
    found = read(frame("quote", 3), frame("total", 9), frame("<listcomp>", 9), frame("<genexpr>", 10))
    assert [one.function for one in found] == ["quote", "total", "total", "total"]
    signature = places.signature("pricing", "POST /quotes", "KeyError", found, "services/pricing")
    assert signature is not None
    assert (signature.function, signature.line) == ("total", 10)


def test_a_comprehension_is_not_told_by_a_function_of_another_file() -> None:
    found = read(frame("total", 9), frame("<genexpr>", 4, "services/pricing/items.py"))
    assert [one.function for one in found] == ["total", "<genexpr>"]


def test_control_another_frame_keeps_its_name() -> None:
    found = read(frame("total", 9), frame("<lambda>", 10), frame("<module>", 1))
    assert [one.function for one in found] == ["total", "<lambda>", "<module>"]


def test_the_exceptions_behind_one_are_read_the_nearest_first() -> None:
    behind: JsonValue = [
        {"relation": "cause", "type": "ValueError", "message": "not a number", "stack": [frame("parsed", 4)]},
        {"relation": "context", "type": "http.Timeout", "message": "late", "stack": []},
        {"relation": "suppressed", "type": "CloseError", "message": "", "stack": []},
        {"relation": "of no kind", "type": "E", "message": "", "stack": []},
        "odd",
    ]
    found = chain(behind)
    assert [(one.relation, one.exception, one.message) for one in found] == [
        ("cause", "ValueError", "not a number"),
        ("context", "Timeout", "late"),
        ("suppressed", "CloseError", ""),
        ("context", "E", ""),
    ]
    assert found[0].frames[0].path == f"{ROOT}/services/pricing/totals.py"


def test_no_more_than_so_many_are_kept() -> None:
    behind: JsonValue = [{"relation": "cause", "type": "E", "message": "", "stack": []}] * 99
    assert len(chain(behind)) == trace.MAX_CHAIN
    assert chain(None) == ()
