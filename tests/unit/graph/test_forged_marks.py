"""Marks at a resource that are not of our writing move nothing; those that the record confirms are settled."""

from pathlib import Path

import pytest

from incident.ending import Outcome
from incident.evidence import Missing
from incident.workload import Annotate, Before, Effect
from tests.unit.graph.desks import Bench, bench
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world


def marked(tmp_path: Path, mark: Before | Missing, deployed_ago: float | None = None) -> Bench:
    """A context over a world in which somebody wrote a mark onto the service."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock, deployed_ago=deployed_ago))
    now = at.world.platform.read("orders")
    effect = Effect(before=mark) if isinstance(mark, Before) else Effect()
    at.world.platform.change("orders", Annotate(), revision=now.revision, effect=effect)
    if isinstance(mark, Missing):
        put(at, mark)
    clock.advance(30)
    return at


def put(at: Bench, mark: Missing) -> None:
    """Let something stand there that no adapter can read."""
    state = at.world.stage.state
    service = state.services["orders"]
    workload = service.workload.model_copy(update={"effect": mark})
    services = {**state.services, "orders": service.model_copy(update={"workload": workload})}
    at.world.stage.state = state.model_copy(update={"services": services})


FORGED = {
    "traffic to a version that never served": Before(weights={"v1": 0, "v9": 100}),
    "a setting that nobody changed": Before(weights={"v1": 100}, config={"v1": {"ADMIN_OPEN": "true"}}),
    "a version that nobody deployed is to go": Before(weights={"v1": 100}, canary="v9"),
}


@pytest.mark.parametrize("name", sorted(FORGED))
def test_a_mark_that_nobody_recorded_is_left_for_a_person(tmp_path: Path, name: str) -> None:
    at = marked(tmp_path, FORGED[name])
    before = at.world.platform.read("orders").versions
    ending = at.heal()
    assert ending.outcome is Outcome.ESCALATED
    assert "cannot be believed" in ending.reason
    assert at.world.platform.read("orders").versions == before


def test_a_mark_that_cannot_be_read_is_no_crash_and_nothing_is_done_beside_it(tmp_path: Path) -> None:
    at = marked(tmp_path, Missing(reason="it is not of our writing"))
    before = at.world.platform.read("orders")
    ending = at.heal()
    assert ending.outcome is Outcome.ESCALATED
    assert "not of our writing" in ending.reason
    assert at.world.platform.read("orders") == before


def test_the_control_a_mark_that_the_history_confirms_is_settled(tmp_path: Path) -> None:
    """The record says that v1 served before: whoever takes the resource goes back there first."""
    at = marked(tmp_path, Before(weights={"v1": 100, "v2": 0}), deployed_ago=10.0)
    at.heal()
    assert at.weights()["v1"] == 100
