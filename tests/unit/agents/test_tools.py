"""Every agent's tools only read, and take only arguments that exist."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.tools import StructuredTool
from pydantic import BaseModel, ValidationError

from agents.view import tools
from incident.evidence import Span
from incident.workload import Effect
from tests.unit.agents import doubles

SPAN = Span(
    trace_id="t1",
    span_id="s1",
    service="orders",
    name="GET /x",
    kind="client",
    start=doubles.ONSET,
    duration_ms=3,
    status="error",
    attributes={"peer.service": "api.bank.example:443"},
)
BENCH = doubles.view(captures=True, spans=(SPAN,))
BOXES = tools.toolboxes(BENCH)
EVERY = tuple({tool.name: tool for box in BOXES.values() for tool in box}.values())


def fields_of(tool: StructuredTool) -> dict[str, Any]:
    """The tool's arguments as its schema shows them to a model."""
    assert isinstance(tool.args_schema, type)
    assert issubclass(tool.args_schema, BaseModel)
    found: dict[str, Any] = tool.args_schema.model_json_schema().get("properties", {})
    return found


def arguments(tool: StructuredTool) -> Iterator[dict[str, Any]]:
    """Every combination of enumerated arguments; free text is a word that occurs in the source."""
    fields = fields_of(tool)
    choices = [[(name, value) for value in field.get("enum", ["level"])] for name, field in fields.items()]
    return (dict(combination) for combination in itertools.product(*choices))


def test_the_registry_is_complete() -> None:
    assert {agent: [tool.name for tool in box] for agent, box in BOXES.items()} == {
        "rca": [
            "read_function", "read_file", "search_code", "recent_changes", "recent_commits",
            "golden_signals", "errors_of", "failing_spans", "neighbours", "request_shapes",
            "series_names", "series_range", "log_lines", "log_templates", "calls_between", "changes_of_everybody", "places_of",
        ],
        "patch": ["read_function", "read_file", "search_code", "request_shapes"],
        "review": ["read_function", "read_file", "search_code"],
    }  # fmt: skip


def test_a_model_with_a_small_window_is_offered_what_it_always_was() -> None:
    small = tools.toolboxes(BENCH, roomy=False)
    assert [tool.name for tool in small["rca"]] == [tool.name for tool in BOXES["rca"]][:10]
    assert {name: len(small[name]) for name in ("patch", "review")} == {"patch": 4, "review": 3}


@pytest.mark.parametrize("tool", EVERY, ids=lambda tool: tool.name)
def test_a_tool_only_reads(tool: StructuredTool) -> None:
    """The world's writing methods raise Touched; every call that the schema admits is made."""
    called = [tool.invoke(args) for args in arguments(tool)]
    assert called
    assert all(isinstance(answer, str) and answer for answer in called)


def test_the_double_world_would_show_a_write() -> None:
    with pytest.raises(doubles.Touched):
        BENCH.repository.commit("suture/x", "c1", {}, "m")
    with pytest.raises(doubles.Touched):
        BENCH.platform.change("orders", None, revision="1", effect=Effect())  # type: ignore[arg-type]  # it never gets there


@pytest.mark.parametrize("tool", EVERY, ids=lambda tool: tool.name)
@pytest.mark.parametrize(
    "value", ["", "*", "../../etc/passwd", "/etc/passwd", "billing", "services/billing/billing/app.py", None, 7]
)
def test_an_argument_that_does_not_exist_is_refused(tool: StructuredTool, value: object) -> None:
    for name, field in fields_of(tool).items():
        if "enum" in field:
            with pytest.raises(ValidationError):
                tool.invoke({**next(arguments(tool)), name: value})


def test_without_anything_to_choose_a_tool_admits_nothing() -> None:
    empty = tools.toolboxes(doubles.view(files={}))["rca"]
    reader = next(tool for tool in empty if tool.name == "read_function")
    for value in ("", "*", "services/orders/orders/pricing.py::discount"):
        with pytest.raises(ValidationError, match="nothing: leave this tool alone"):
            reader.invoke({"function": value})


def test_only_shapes_of_requests_are_shown() -> None:
    shapes = next(tool for tool in EVERY if tool.name == "request_shapes")
    shown = shapes.invoke({"outcome": "failed"})
    assert "body.account.programme:null" in shown
    assert "hunter2" not in shown


def test_another_services_source_cannot_be_read() -> None:
    assert not any("billing" in path for path in BENCH.files)


def test_tests_are_readable_and_not_functions_to_choose() -> None:
    assert "services/orders/tests/test_pricing.py" in BENCH.files
    assert not any("tests" in place.path for place in BENCH.places)


def test_read_function_shows_the_function_and_the_constants_around_it() -> None:
    reader = next(tool for tool in EVERY if tool.name == "read_function")
    shown = reader.invoke({"function": "services/orders/orders/pricing.py::discount"})
    assert "lines: 7-10" in shown
    assert shown.count("level = account") == 1
    assert "NO_DISCOUNT = 0" in shown.partition("--- rest of the file")[2]


def test_methods_are_named_with_their_class() -> None:
    assert "services/orders/orders/pricing.py::Basket.total" in [place.key for place in BENCH.places]


@pytest.mark.parametrize(
    ("line", "name"), [(7, "discount"), (10, "discount"), (15, "Basket.total"), (3, None), (99, None)]
)
def test_a_line_is_found_in_its_function(line: int, name: str | None) -> None:
    found = BENCH.at(doubles.PLACE.path, line)
    assert (found.name if found else None) == name


def test_windows_end_with_the_evidence_so_that_asking_again_gives_the_same() -> None:
    assert BENCH.until == doubles.SICK.end
