"""Recorded traffic around a change: cut where it took effect, by version, and bounded however old the alert is."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from graph.evidence import collect, exposures
from incident.evidence import Dossier, Exposure, Traits
from incident.windows import Windows
from policies.profiles import lab
from tests.unit.graph import desks
from tests.unit.graph.watched import Watched
from tests.unit.policies import given
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world


def compared(folder: Path, clock: ManualClock, **world: Any) -> tuple[Dossier, list[timedelta]]:
    """The dossier of an alert that fires now, with its exposures, and the stretches that were asked about for them."""
    at = desks.bench(folder, clock, incident_world(clock, **world))
    clock.advance(20)
    stretches: list[timedelta] = []
    settings = SimpleNamespace(limits=lab())
    plain: Any = SimpleNamespace(clock=clock, settings=settings, world=at.world)
    watched: Any = SimpleNamespace(
        clock=clock, settings=settings, world=SimpleNamespace(captures=Watched(at.world.captures, stretches))
    )
    return exposures.compared(watched, collect.collect(plain, at.case(), None)), stretches


def seen(dossier: Dossier) -> list[Exposure]:
    return [item.fact for item in dossier.of("exposure") if isinstance(item.fact, Exposure)]


def test_each_version_is_told_in_each_stretch(tmp_path: Path) -> None:
    dossier, _ = compared(tmp_path, ManualClock(), wakes_in=0.0, deployed_ago=30.0)
    # At the very moment of a cut a request of the version before may still be counted.
    found = [item for item in seen(dossier) if item.others > 1]
    assert [(item.version, bool(item.failed)) for item in found] == [("v1", False), ("v2", False), ("v2", True)]
    assert found[0].end == found[1].start
    assert {item.traits for item in found} == {("body.customer.membership:null",)}
    assert [item.well for item in found] == [0, 0, 0]
    assert found[1].others > 50


def test_their_evidence_follows_the_rest_and_can_be_cited(tmp_path: Path) -> None:
    dossier, _ = compared(tmp_path, ManualClock(), wakes_in=0.0, deployed_ago=30.0)
    assert [item.id for item in dossier.evidence] == [f"E{number}" for number in range(1, len(dossier.evidence) + 1)]


def test_without_a_fresh_change_there_is_nothing_to_compare(tmp_path: Path) -> None:
    dossier, stretches = compared(tmp_path, ManualClock(), wakes_in=0.0)
    assert seen(dossier) == []
    assert stretches == []


def test_what_a_callee_answered_is_no_kind_of_traffic() -> None:
    fact = Traits(
        service="orders", route="r", traits=("body.a:null", "call POST /score:ReadTimeout"), failing=9, healthy=9
    )
    found = given.dossier(fact)
    assert exposures.kind(found, "r") == ("body.a:null",)
    assert exposures.kind(found, "another") == ()


def test_what_is_read_is_bounded(tmp_path: Path) -> None:
    _, stretches = compared(tmp_path, ManualClock(), wakes_in=-3_000.0, deployed_ago=3_000.0, age=4_000.0)
    assert max(stretches, default=timedelta()) <= Windows().longest
