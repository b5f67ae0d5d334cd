"""Errors that only a library raised: told as evidence, blamed by nobody, and no way to a patch."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph.evidence import logged
from graph.reports import report
from incident.ending import Outcome
from incident.evidence import Dossier, ErrorGroup, ErrorLog, Signature
from incident.record import Gathered
from incident.stacks import Frame
from incident.templates import TemplateChange
from incident.unplaced import UnplacedErrors
from tests.unit.graph import truths
from tests.unit.graph.desks import Bench, bench
from tools.scripted.clock import ManualClock
from tools.scripted.state import Raised
from tools.scripted.world import incident_world

START = datetime(2026, 1, 1, 12, tzinfo=UTC)

NODE = Raised(
    exception="RangeError",
    message="Invalid status code: undefined",
    frames=(
        Frame(path="<node:internal/process/task_queues>", line=95, function="process.processTicksAndRejections"),
        Frame(path="/srv/orders/node_modules/express/lib/response.js", line=66, function="ServerResponse.writeHead"),
    ),
)
JAVA = Raised(
    exception="JsonParseException",
    message="Unexpected end-of-input",
    frames=(
        Frame(path="<java/lang/Thread.java>", line=840, function="Thread.run"),
        Frame(path="<com/fasterxml/jackson/core/JsonParser.java>", line=2477, function="JsonParser._constructError"),
    ),
)


def escalated(folder: Path, raised: Raised) -> Bench:
    """An incident whose errors look like this, from its alert to its ending."""
    clock = ManualClock()
    world = incident_world(clock)
    stories = world.stage.state.stories
    told = stories["orders"].model_copy(update={"sick": raised, "other": None})
    world.stage.state = world.stage.state.model_copy(update={"stories": {**stories, "orders": told}})
    at = bench(folder, clock, world)
    clock.advance(30)
    before = at.weights()
    ending = at.heal()
    assert ending.outcome is Outcome.ESCALATED, ending.reason
    assert at.weights() == before
    return at


def dossier(at: Bench) -> Dossier:
    return next(record.event.dossier for record in at.records if isinstance(record.event, Gathered))


@pytest.mark.parametrize("raised", [NODE, JAVA], ids=["node", "java"])
def test_an_incident_whose_errors_have_no_place_ends_with_a_person_who_is_told_of_them(
    tmp_path: Path, raised: Raised
) -> None:
    at = escalated(tmp_path, raised)
    assert not dossier(at).of("error_group")
    (group,) = [item.fact for item in dossier(at).evidence if isinstance(item.fact, UnplacedErrors)]
    assert group.count > 100
    assert (group.unplaced.exception, group.unplaced.function) == (raised.exception, raised.frames[-1].function)
    told = report.render(tuple(at.records))
    assert (
        f"errors without a place in the service's source:\n\n- {raised.exception} in {raised.frames[-1].function}"
        in told
    )
    assert "1 kinds of errors without a place in its source" in told
    assert not [
        record for record in at.records if record.event.kind == "proposed" and record.event.remedy.kind == "patch"
    ]
    assert truths.doubts(tmp_path) == ()


def test_new_lines_are_told_with_the_place_that_they_have_in_a_log(tmp_path: Path) -> None:
    """The scripted service writes a line for each error and none before the onset."""
    at = escalated(tmp_path, NODE)
    (change,) = [item.fact for item in dossier(at).evidence if isinstance(item.fact, TemplateChange)]
    assert (change.change, change.template, change.before) == ("new", "request failed", 0)


def test_beside_errors_with_a_place_the_others_change_nothing(tmp_path: Path) -> None:
    """The bug is healed as ever; what a library raised beside it is told, and blamed by nobody."""
    clock = ManualClock()
    world = incident_world(clock)
    stories = world.stage.state.stories
    told = stories["orders"].model_copy(update={"other": NODE})
    world.stage.state = world.stage.state.model_copy(update={"stories": {**stories, "orders": told}})
    at = bench(tmp_path, clock, world)
    clock.advance(30)
    assert at.heal().outcome is Outcome.HEALED
    (group,) = [item.fact for item in dossier(at).evidence if isinstance(item.fact, UnplacedErrors)]
    (placed,) = [item.fact for item in dossier(at).evidence if isinstance(item.fact, ErrorGroup)]
    assert 0 < group.count < placed.count
    assert truths.doubts(tmp_path) == ()


def test_errors_with_and_without_a_place_are_counted_apart() -> None:
    place = Signature(service="orders", route="GET /", exception="E", path="a.py", function="f", line=1)
    found = tuple(
        ErrorLog(
            service="orders", version="v1", at=START, route="GET /", trace_id="", exception="E", message=f"order {number}",
            signature=place if number % 3 else None,
        )
        for number in range(9)
    )  # fmt: skip
    assert [(group.signature, group.count) for group in logged.grouped(found)] == [(place, 6)]
    assert [(group.unplaced.template, group.count) for group in logged.unplaced(found)] == [("order <n>", 3)]
