"""Taking a change back: code and configuration together, traffic first, with nothing but the platform."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import pytest
from pydantic import JsonValue

from graph.effects import perform, undo
from incident.ending import Outcome
from incident.errors import Fenced, Unavailable, Unsure
from incident.workload import (
    Annotate,
    Before,
    Commit,
    Configure,
    Deploy,
    SetWeights,
    WorkloadChange,
)
from tests.unit.graph.desks import INCIDENT, Bench, bench
from tools import ports
from tools.scripted.clock import ManualClock
from tools.scripted.stage import Trouble
from tools.scripted.state import Behaviour
from tools.scripted.world import incident_world

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
    at.open()
    taken = at.context.lease_keeper.take(INCIDENT, ("orders",), (), seconds=600.0, wait=0.0)
    assert isinstance(taken, ports.Lease)
    make(at, Configure(version="v1", key="TIMEOUT", value="2"))
    perform.fence(at.context, at.case(), "orders", taken)
    commit = at.world.platform.read("orders").versions[0].commit
    make(at, Deploy(version="v2", source=Commit(commit=commit), config_from="v1"), BEFORE)
    make(at, SetWeights(weights={"v1": 50, "v2": 50}))
    make(at, Configure(version="v1", key="TIMEOUT", value="9"))
    return at, taken


def make(at: Bench, change: WorkloadChange, before: Before | None = None) -> None:
    now = at.world.platform.read("orders")
    effect = perform.effect_at(now)
    effect = effect.model_copy(update={"before": before or effect.before})
    at.world.platform.change("orders", change, revision=now.revision, effect=effect)


def emergencies(at: Bench) -> list[dict[str, Any]]:
    file = at.home.emergency
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def assert_as_before(at: Bench) -> None:
    workload = at.world.platform.read("orders")
    assert {version.name: version.weight for version in workload.versions} == {"v1": 100}
    assert workload.versions[0].config == {"TIMEOUT": "2"}
    assert perform.before_of(workload) is None


def test_code_and_configuration_go_back_together_and_traffic_first(tmp_path: Path) -> None:
    at, lease = changed(tmp_path)
    since = at.clock.now()
    at.clock.advance(1)
    undo.restore(at.context, at.case(), lease)
    assert_as_before(at)
    made = [change.what for change in at.world.platform.history("orders", since) if change.at > since]
    assert made == ["weights", "config", "remove"]


@pytest.mark.parametrize("books", ["ledger", "journal"])
def test_it_needs_nothing_but_the_platform(tmp_path: Path, books: str) -> None:
    """No metrics, logs, traces, captures, model or lock store, and books that cannot be written."""
    at, lease = changed(tmp_path)
    world: Any = Broken()
    world.platform = at.world.platform
    models: Any = Broken()
    broken: dict[str, Any] = {books: Broken()}
    done = undo.restore(replace(at.context, world=world, models=models, **broken), at.case(), lease)
    assert_as_before(at)
    # What the books do not know stands in the emergency log, each step before and after it was made.
    steps = ["undo-weights", "undo-config-TIMEOUT", "undo-remove"]
    assert list(done.unrecorded) == steps
    noted = emergencies(at)
    assert [(line["action"], line["body"]["step"]) for line in noted] == [
        (action, step) for step in steps for action in ("undoing", "undone")
    ]
    assert {line["body"]["incident"] for line in noted} == {INCIDENT}


def test_control_with_books_in_order_there_is_no_emergency(tmp_path: Path) -> None:
    at, lease = changed(tmp_path)
    assert undo.restore(at.context, at.case(), lease).unrecorded == ()
    assert emergencies(at) == []


@pytest.mark.parametrize("books", ["ledger", "journal"])
def test_without_books_a_newer_owner_is_left_alone(tmp_path: Path, books: str) -> None:
    at, lease = changed(tmp_path)
    now = at.world.platform.read("orders")
    theirs = perform.effect_at(now).model_copy(update={"token": lease.token + 1, "grant": "another"})
    at.world.platform.change("orders", Annotate(), revision=now.revision, effect=theirs)
    weights = at.weights()
    broken: dict[str, Any] = {books: Broken()}
    with pytest.raises(Fenced):
        undo.restore(replace(at.context, **broken), at.case(), lease)
    assert at.weights() == weights
    assert emergencies(at) == []


def test_a_write_whose_answer_is_lost_is_noted_once_begun_and_not_made_twice(tmp_path: Path) -> None:
    at, lease = changed(tmp_path)
    since = at.clock.now()
    at.clock.advance(1)
    at.world.stage.trouble = Trouble.model_validate({"changes": {at.world.stage.asked + 1: "lost_answer"}})
    ledger: Any = Broken()
    done = undo.restore(replace(at.context, ledger=ledger), at.case(), lease)
    assert_as_before(at)
    made = [change.what for change in at.world.platform.history("orders", since) if change.at > since]
    assert made == ["weights", "config", "remove"]
    assert done.unrecorded[0] == "undo-weights"
    assert emergencies(at)[0]["action"] == "undoing"


class Failing:
    """A ledger on a disk that fills up before the first step of an undo is written down."""

    def __init__(self, real: ports.Ledger) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def intend(self, key: str, incident: str, intent: Mapping[str, JsonValue], at: datetime) -> None:
        if str(intent.get("step", "")).startswith("undo-"):
            raise Unavailable("the disk is full")
        self._real.intend(key, incident, intent, at)


@pytest.mark.parametrize("full", [True, False], ids=["full", "control"])
def test_an_incident_that_was_taken_back_without_the_books_ends_with_a_person(tmp_path: Path, *, full: bool) -> None:
    """The patch breaks other traffic, so it is taken back; what the books do not know of, a person is told."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock, patched=Behaviour(other=0.12)))
    ledger: Any = Failing(at.context.ledger) if full else at.context.ledger
    at.context = replace(at.context, ledger=ledger)
    before = at.weights()
    clock.advance(30)
    ending = at.heal()
    assert at.weights() == before
    assert bool(emergencies(at)) is full
    assert ending.outcome is (Outcome.ESCALATED if full else Outcome.ROLLED_BACK)
    assert ("could not be recorded and stands in the emergency log" in ending.reason) is full


def test_control_without_the_mark_on_the_resource_nothing_is_known_to_go_back_to(tmp_path: Path) -> None:
    at, lease = changed(tmp_path)
    at.world.platform.change(
        "orders",
        SetWeights(weights={"v1": 40, "v2": 60}),
        revision=at.world.platform.read("orders").revision,
        effect=perform.effect_at(at.world.platform.read("orders")).model_copy(update={"before": None}),
    )
    assert undo.restore(at.context, at.case(), lease).said == "no mark of a change stood at it"
    assert at.weights() == {"v1": 40, "v2": 60}


@pytest.mark.parametrize("name", ["undo", "inherit"])
def test_what_was_taken_back_once_and_is_there_again_is_taken_back_again(tmp_path: Path, name: str) -> None:
    """An incident may inherit a change, take it back, and then take back its own: the same steps under the same key."""
    at, lease = changed(tmp_path)
    undo.restore(at.context, at.case(), lease, name)
    assert_as_before(at)
    commit = at.world.platform.read("orders").versions[0].commit
    make(at, Deploy(version="v2", source=Commit(commit=commit), config_from="v1"), BEFORE)
    make(at, SetWeights(weights={"v1": 50, "v2": 50}))
    make(at, Configure(version="v1", key="TIMEOUT", value="9"))
    done = undo.restore(at.context, at.case(), lease)
    assert_as_before(at)
    # Under another name it is another effect, with a place of its own in the books.
    assert bool(done.unrecorded) is (name == "undo")


class Defect:
    """A book with a defect: it raises what nobody expects."""

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        def fails(*_: Any, **__: Any) -> NoReturn:
            raise RuntimeError(f"{name} is broken")

        return fails


@pytest.mark.parametrize("books", ["ledger", "journal", "emergency", "tracer", "audit", "incidents", "folder"])
def test_no_defect_of_a_book_stops_it(tmp_path: Path, books: str) -> None:
    at, lease = changed(tmp_path)
    broken: dict[str, Any] = {books: Defect()}
    undo.restore(replace(at.context, **broken), at.case(), lease)
    assert_as_before(at)


class Shaky:
    """A platform that raises what nobody expects, so many times."""

    def __init__(self, real: ports.Platform, times: int) -> None:
        self._real, self._times = real, times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def read(self, service: str) -> Any:
        self._times -= 1
        if self._times >= 0:
            raise OSError(24, "Too many open files")
        return self._real.read(service)


@pytest.mark.parametrize(("times", "done"), [(5, True), (10**6, False)], ids=["for a while", "for good"])
def test_a_platform_that_raises_anything_is_asked_again_for_a_while(tmp_path: Path, times: int, done: bool) -> None:
    at, lease = changed(tmp_path)
    real = at.world.platform
    at.put(Shaky(real, times))
    began = at.clock.monotonic()
    if done:
        undo.restore(at.context, at.case(), lease)
    else:
        with pytest.raises(Unsure, match="Too many open files"):
            undo.restore(at.context, at.case(), lease)
    assert at.clock.monotonic() - began <= undo.PATIENCE
    at.put(real)
    assert (perform.before_of(at.world.platform.read("orders")) is None) is done


def test_whether_an_undo_has_begun_stands_at_the_resource(tmp_path: Path) -> None:
    at, lease = changed(tmp_path)
    assert not undo.begun(at.case(), at.world.platform.read("orders"), "v2")
    seen: list[bool] = []

    class Looking:
        """Looks after each step."""

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def change(self, *arguments: Any, **named: Any) -> Any:
            made = real.change(*arguments, **named)
            seen.append(undo.begun(at.case(), made, "v2"))
            return made

    real = at.world.platform
    at.put(Looking())
    undo.restore(at.context, at.case(), lease)
    assert seen == [True, True, True]
    assert not undo.begun(at.case().model_copy(update={"incident": "inc-other"}), real.read("orders"), "v2")
    at.put(real)


def test_what_was_inherited_and_taken_back_is_no_undo_of_our_own(tmp_path: Path) -> None:
    at, lease = changed(tmp_path)
    undo.restore(at.context, at.case(), lease, "inherit")
    assert not undo.begun(at.case(), at.world.platform.read("orders"), "v2")
