"""Taking a change back: code and configuration together, traffic first, with nothing but the platform."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from graph import effects, undo
from incident.errors import Unavailable
from incident.workload import (
    BEFORE_ANNOTATION,
    Before,
    Configure,
    Deploy,
    SetWeights,
    WorkloadChange,
)
from tests.unit.graph.desks import INCIDENT, Bench, bench
from tools import ports
from tools.scripted.world import incident_world
from tools.scripted_clock import ManualClock

BEFORE = Before(weights={"v1": 100}, config={"v1": {"TIMEOUT": "2"}}, canary="v2")


class Broken:
    """A backend of which nothing works."""

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        def fails(*_: Any, **__: Any) -> NoReturn:
            raise Unavailable(f"{name} does not answer")

        return fails


def changed(folder: Path) -> tuple[Bench, ports.Lease]:
    """Half of the traffic on a new version, and one value of the old one's configuration changed."""
    clock = ManualClock()
    at = bench(folder, clock, incident_world(clock))
    taken = at.desk.tenure.take(INCIDENT, ("orders",), (), seconds=600.0, wait=0.0)
    assert isinstance(taken, ports.Lease)
    make(at, Configure(version="v1", key="TIMEOUT", value="2"))
    effects.claim(at.desk, at.case(), "orders", taken)
    commit = at.world.platform.read("orders").versions[0].commit
    make(at, Deploy(version="v2", commit=commit, config_from="v1"), BEFORE.canonical().decode())
    make(at, SetWeights(weights={"v1": 50, "v2": 50}))
    make(at, Configure(version="v1", key="TIMEOUT", value="9"))
    return at, taken


def make(at: Bench, change: WorkloadChange, mark: str | None = None) -> None:
    marks = {} if mark is None else {BEFORE_ANNOTATION: mark}
    revision = at.world.platform.read("orders").revision
    at.world.platform.change("orders", change, revision=revision, annotations=marks)


def assert_as_before(at: Bench) -> None:
    workload = at.world.platform.read("orders")
    assert {version.name: version.weight for version in workload.versions} == {"v1": 100}
    assert workload.versions[0].config == {"TIMEOUT": "2"}
    assert workload.annotations[BEFORE_ANNOTATION] == ""


def test_code_and_configuration_go_back_together_and_traffic_first(tmp_path: Path) -> None:
    at, lease = changed(tmp_path)
    since = at.clock.now()
    at.clock.advance(1)
    undo.restore(at.desk, at.case(), lease)
    assert_as_before(at)
    made = [change.what for change in at.world.platform.history("orders", since) if change.at > since]
    assert made == ["weights", "config", "remove"]


@pytest.mark.parametrize("books", ["ledger", "scribe"])
def test_it_needs_nothing_but_the_platform(tmp_path: Path, books: str) -> None:
    """No metrics, logs, traces, captures, model or lock store, and books that cannot be written."""
    at, lease = changed(tmp_path)
    world: Any = Broken()
    world.platform = at.world.platform
    minds: Any = Broken()
    broken: dict[str, Any] = {books: Broken()}
    undo.restore(replace(at.desk, world=world, minds=minds, **broken), at.case(), lease)
    assert_as_before(at)


def test_control_without_the_mark_on_the_resource_nothing_is_known_to_go_back_to(tmp_path: Path) -> None:
    at, lease = changed(tmp_path)
    make(at, SetWeights(weights={"v1": 40, "v2": 60}), "")
    assert undo.restore(at.desk, at.case(), lease) == "nothing had been changed"
    assert at.weights() == {"v1": 40, "v2": 60}
