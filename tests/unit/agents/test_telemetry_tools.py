"""Tools that ask for more than the dossier has: answers within bounds, cleaned, and of what exists."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from agents.view import telemetry_tools
from agents.view.incident_view import View
from incident import logs, series
from incident.calls import Call
from incident.evidence import Change
from incident.places import Placement, Pod
from tests.unit.agents import doubles


class Metrics(doubles.Metrics):
    def names(self, service: str) -> Any:
        return series.listed(service, [])

    def range(self, service: str, name: str, start: datetime, end: datetime, version: str | None = None) -> Any:
        found = series.golden(name)
        if found is None:
            return super().range(service, name, start, end, version)
        points = tuple((start + timedelta(seconds=number), 2.0) for number in range(150))
        return series.Series(service=service, metric=found, step_seconds=1.0, points=points)


class Logs(doubles.Logs):
    def lines(self, service: str, start: datetime, end: datetime, version: str | None = None, limit: int = 1000) -> Any:
        told = tuple(
            logs.Line(
                at=doubles.ONSET + timedelta(seconds=number),
                service=service,
                version="v1",
                level="error" if number % 2 else "info",
                message=f"order {number} \x1b[31mrefused" if number % 2 else "password=hunter2secret ready",
            )
            for number in range(100)
        )
        return logs.newest(told, start, limit)


class Traces(doubles.Traces):
    def calls(self, start: datetime, end: datetime) -> Any:
        names = ("storefront", "orders"), ("orders", "stock"), ("stock", "db")
        return tuple(Call(caller=one, callee=other, operation="GET /", count=3, errors=1) for one, other in names)


class Changes:
    def within(self, start: datetime, end: datetime) -> tuple[Change, ...]:
        return tuple(doubles.change("node", number, service="", target=f"node-{number}") for number in range(50))


class Places:
    def of(self, service: str) -> Placement:
        return Placement(service=service, pods=(Pod(name="p1", node="n1"),))


VIEW: View = replace(
    doubles.view(), metrics=Metrics(), logs=Logs(), traces=Traces(), changes=Changes(), surroundings=Places()
)
TOOLS = {tool.name: tool for tool in telemetry_tools.every(VIEW)}


def asked(name: str, **arguments: str) -> str:
    answer: str = TOOLS[name].invoke(arguments)
    return answer


def test_every_series_is_named() -> None:
    told = [json.loads(line)["name"] for line in asked("series_names", service="orders").splitlines()]
    assert told == list(series.GOLDEN)


@pytest.mark.parametrize(("name", "value"), [("requests", 6.0), ("p99_ms", 2.0)])
def test_neighbouring_points_are_taken_together(name: str, value: float) -> None:
    """Increments are added up, and of levels the mean is told."""
    found = json.loads(asked("series_range", service="orders", series=name, window="since"))
    assert len(found["points"]) == 50
    assert {point[1] for point in found["points"]} == {value}
    assert found["step_seconds"] == 3


def test_a_series_that_is_not_there_is_missing() -> None:
    assert "no series here" in asked("series_range", service="orders", series="none", window="before")


def test_lines_are_chosen_by_level_and_text_and_bounded() -> None:
    head, *lines = asked("log_lines", service="orders", level="error", contains="order 9").splitlines()
    assert head.startswith("6 lines since")
    assert [json.loads(line)["message"] for line in lines][-1] == "order 99 refused"
    assert len(asked("log_lines", service="orders", level="any").splitlines()) == 1 + telemetry_tools.LINES
    assert "hunter2" not in asked("log_lines", service="orders", level="any")


def test_templates_count_the_lines() -> None:
    _, first, _ = asked("log_templates", service="orders", window="since").splitlines()
    assert json.loads(first)["count"] == 50


def test_calls_are_those_of_the_service() -> None:
    assert len(asked("calls_between", service="orders", window="since").splitlines()) == 2


def test_the_newest_changes_of_everybody_are_told() -> None:
    lines = asked("changes_of_everybody").splitlines()
    assert len(lines) == telemetry_tools.LINES
    assert json.loads(lines[-1])["target"] == "node-49"


def test_places_are_told() -> None:
    assert json.loads(asked("places_of", service="stock"))["pods"] == [{"name": "p1", "node": "n1"}]


@pytest.mark.parametrize("name", sorted(set(TOOLS) - {"changes_of_everybody"}))
def test_a_service_that_is_not_there_is_refused(name: str) -> None:
    fields = {"series": "requests", "window": "since", "level": "any"}
    known = set(TOOLS[name].args)
    with pytest.raises(ValidationError):
        asked(name, service="billing", **{key: value for key, value in fields.items() if key in known})
