"""Incidents in which something fails at a node or around a write, and what holds of every end."""

from collections.abc import Iterator
from pathlib import Path

from graph import build
from incident.ending import Ending, Outcome
from tests.unit.graph.desks import INCIDENT
from tests.unit.graph.faults import Fault, Kind, Moment, Platform, Scene, Trigger, emergencies, scene
from tools.scripted.clock import ManualClock
from tools.scripted.state import Behaviour
from tools.scripted.world import incident_world

NODES = tuple(way[0].__name__ for way in build.WAYS if way[0].__name__ != "roll_back")
"""The nodes of an incident that heals; `escalate`, `close` and `roll_back` are on the way of one that does not."""

WRITES = {1: "claim", 2: "deploy", 3: "10 %", 4: "50 %", 5: "100 %", 6: "settle"}
KINDS: tuple[Kind, ...] = ("full", "error", "defect")
MOMENTS: tuple[Moment, ...] = ("before", "after")
BEFORE = {"v1": 100}
HEALED = {"v1-suture-c-test": 100}


def begin(folder: Path, fault: Fault, *, bad: bool = False) -> Scene:
    clock = ManualClock()
    world = incident_world(clock, patched=Behaviour(other=0.12)) if bad else incident_world(clock)
    made = scene(folder / "home", clock, world, fault)
    clock.advance(30)
    return made


def at_node(folder: Path, fault: Fault, node: str, moment: Moment, visit: int = 1, *, bad: bool = False) -> Scene:
    made = begin(folder, fault, bad=bad)
    made.trigger = Trigger(fault=fault, at=node, moment=moment, visit=visit)
    return made


def at_write(folder: Path, fault: Fault, number: int, moment: Moment) -> Scene:
    made = begin(folder, fault)
    made.world.platform = Platform(made.world.platform, fault, number, moment)
    return made


def assert_in_order(at: Scene) -> Ending:
    """Run it, and say what holds of every end; then let the disk be well again, and say what holds of the next process."""
    ending = at.start()
    weights, changes = at.weights(), at.made()
    assert at.mark() == "", "nobody can take this for unfinished"
    if ending.outcome is Outcome.HEALED:
        assert weights == HEALED
    elif weights == HEALED:
        assert ending.outcome is Outcome.ESCALATED
        assert "stays" in ending.reason or "healed" in ending.reason
    else:
        assert weights == BEFORE
    if ending.outcome is Outcome.ESCALATED:
        assert at.told.said or "notify" in at.fault.stores, "somebody is told"
        assert INCIDENT in at.spoken.getvalue() or not emergencies(at)
    row = at.next().settled()
    assert row.status == "closed"
    assert (at.weights(), at.mark()) == (weights, ""), "nothing is done again"
    assert set(at.made()[len(changes) :]) <= {"annotate"}
    return ending


def places() -> Iterator[tuple[str, Moment, int]]:
    """Before and after each node; the canary takes four steps."""
    for node, visits in (*((node, 1) for node in NODES), ("canary", 2), ("canary", 3), ("canary", 4)):
        for moment in MOMENTS:
            yield node, moment, visits
