"""A patch that needs ever more of something is taken back by its trend, with every answer as it should be."""

from pathlib import Path

import pytest

from incident.ending import Outcome
from tests.unit.graph.desks import bench
from tools.scripted.clock import ManualClock
from tools.scripted.state import Behaviour
from tools.scripted.world import incident_world

GROWING = {
    "memory": Behaviour(other=0.003, leak_bytes_per_second=4e6),
    "CPU": Behaviour(other=0.003, cpu_ms_per_second=3.0),
}


@pytest.mark.parametrize("resource", GROWING)
def test_a_patch_that_needs_ever_more_is_taken_back(tmp_path: Path, resource: str) -> None:
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock, patched=GROWING[resource]))
    before = at.weights()
    clock.advance(30)
    ending = at.heal()
    assert ending.outcome is Outcome.ROLLED_BACK, ending.reason
    assert resource in ending.reason
    assert at.weights() == before


@pytest.mark.parametrize(
    "patched",
    [Behaviour(other=0.003, leak_bytes_per_second=1e5), Behaviour(other=0.003, cpu_ms_per_second=0.1)],
    ids=["memory", "cpu"],
)
def test_control_growth_that_hardly_shows_is_no_reason(tmp_path: Path, patched: Behaviour) -> None:
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock, patched=patched))
    clock.advance(30)
    ending = at.heal()
    assert ending.outcome is Outcome.HEALED, ending.reason
