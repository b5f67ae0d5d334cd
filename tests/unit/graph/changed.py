"""Worlds of the simulated kind in which something was changed before the incident, or the change log is silent."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from incident.errors import Unavailable
from incident.evidence import Change
from incident.workload import Workload
from tests.unit.graph.desks import Bench, bench
from tools import ports
from tools.scripted.clock import ManualClock
from tools.scripted.proof import ScriptedProver
from tools.scripted.state import Service
from tools.scripted.world import ScriptedWorld, incident_world

SILENT = "the change log does not answer"


class Forgetful:
    """A platform whose change log does not answer about some services; all else is as it was."""

    def __init__(self, platform: ports.Platform, services: tuple[str, ...], times: int) -> None:
        self._platform, self._services, self._left = platform, services, times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._platform, name)

    def read(self, service: str) -> Workload:
        return self._platform.read(service)

    def history(self, service: str, since: datetime) -> tuple[Change, ...]:
        if service in self._services and self._left > 0:
            self._left -= 1
            raise Unavailable(SILENT)
        return self._platform.history(service, since)


def config(at: datetime, service: str) -> Change:
    """A change of a setting."""
    return Change(service=service, at=at, what="config", version="v1", key="PATIENCE", old="2", new="0.2", actor="kim")


def added(at: datetime, service: str) -> Change:
    """A setting that was not set before, so nothing could be put back in its place."""
    return config(at, service).model_copy(update={"old": None})


def release(at: datetime, service: str) -> Change:
    """A release."""
    return Change(service=service, at=at, what="deploy", version="v1", commit="b" * 40, previous="v0", actor="kim")


def played(
    folder: Path,
    *changes: Change,
    silent: tuple[str, ...] = (),
    times: int = 1_000,
    told: bool = False,
    alike: bool = False,
) -> Bench:
    """Play an incident after these changes; unless `told`, no log and no recorder tells of its failures.

    About the `silent` services the change log does not answer so many times.  Where they are `alike`, nothing tells the
    requests that fail from others.
    """
    clock = ManualClock()
    world = incident_world(clock, age=7200.0)
    if alike:
        same_kind(world)
    _add(world, {change.service: change for change in changes}, told=told)
    at = bench(folder, clock, world, prover=ScriptedProver(lambda _: "failed"))
    if silent:
        at.put(Forgetful(world.platform, silent, times))
    clock.advance(30)
    at.heal()
    return at


def _add(world: ScriptedWorld, changes: Mapping[str, Change], *, told: bool) -> None:
    state = world.stage.state
    services = {
        name: _changed(service, changes[name]) if name in changes else service
        for name, service in state.services.items()
    }
    stories = state.stories if told else {}
    world.stage.state = state.model_copy(update={"services": services, "stories": stories})


def _changed(service: Service, change: Change) -> Service:
    """The service with this change in its history, and a new setting in what runs."""
    update: dict[str, Any] = {"history": (*service.history, change)}
    if change.key is not None and change.old is None:
        running = tuple(
            version.model_copy(update={"config": {**version.config, change.key: change.new}})
            for version in service.workload.versions
        )
        update["workload"] = service.workload.model_copy(update={"versions": running})
    return service.model_copy(update=update)


def same_kind(world: ScriptedWorld) -> ScriptedWorld:
    """The world where nothing tells requests that fail from others: what fails is not in their shape."""
    state = world.stage.state
    story = state.stories["orders"]
    assert story.failing is not None
    assert story.healthy is not None
    failing = story.failing.model_copy(update={"body": story.healthy.body})
    world.stage.state = state.model_copy(update={"stories": {"orders": story.model_copy(update={"failing": failing})}})
    return world


def ago(seconds: float) -> datetime:
    """A time before the simulated alert."""
    return ManualClock().now() - timedelta(seconds=seconds)
