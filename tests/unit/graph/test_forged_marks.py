"""Marks at a resource that are not of our writing move nothing; those that the record confirms are settled."""

import json
from pathlib import Path

import pytest

from incident.ending import Outcome
from incident.workload import BEFORE_ANNOTATION, Annotate, Before
from tests.unit.graph.desks import Bench, bench
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world


def marked(tmp_path: Path, mark: str, deployed_ago: float | None = None) -> Bench:
    """A context over a world in which somebody wrote a mark onto the service."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock, deployed_ago=deployed_ago))
    now = at.world.platform.read("orders")
    at.world.platform.change("orders", Annotate(), revision=now.revision, annotations={BEFORE_ANNOTATION: mark})
    clock.advance(30)
    return at


FORGED = {
    "traffic to a version that never served": Before(weights={"v1": 0, "v9": 100}),
    "a setting that nobody changed": Before(weights={"v1": 100}, config={"v1": {"ADMIN_OPEN": "true"}}),
    "a version that nobody deployed is to go": Before(weights={"v1": 100}, canary="v9"),
}


@pytest.mark.parametrize("name", sorted(FORGED))
def test_a_mark_that_nobody_recorded_is_left_for_a_person(tmp_path: Path, name: str) -> None:
    at = marked(tmp_path, FORGED[name].canonical().decode())
    before = at.world.platform.read("orders").versions
    ending = at.heal()
    assert ending.outcome is Outcome.ESCALATED
    assert "cannot be believed" in ending.reason
    assert at.world.platform.read("orders").versions == before


@pytest.mark.parametrize("text", ["{", "[]", '{"weights": "all"}', json.dumps({"weights": {}, "more": 1})])
def test_a_mark_that_reads_otherwise_is_no_crash(tmp_path: Path, text: str) -> None:
    ending = marked(tmp_path, text).heal()
    assert ending.outcome is Outcome.ESCALATED
    assert "not of our writing" in ending.reason


def test_the_control_a_mark_that_the_history_confirms_is_settled(tmp_path: Path) -> None:
    """The record says that v1 served before: whoever takes the resource goes back there first."""
    at = marked(tmp_path, Before(weights={"v1": 100, "v2": 0}).canonical().decode(), deployed_ago=10.0)
    at.heal()
    assert at.weights()["v1"] == 100
