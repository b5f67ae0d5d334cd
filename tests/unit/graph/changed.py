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


def release(at: datetime, service: str) -> Change:
    """A release."""
    return Change(service=service, at=at, what="deploy", version="v1", commit="b" * 40, previous="v0", actor="kim")


def played(
    folder: Path, *changes: Change, silent: tuple[str, ...] = (), times: int = 1_000, told: bool = False
) -> Bench:
    """Play an incident after these changes; unless `told`, no log and no recorder tells of its failures.

    About the `silent` services the change log does not answer so many times.
    """
    clock = ManualClock()
    world = incident_world(clock, age=7200.0)
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
        name: service.model_copy(update={"history": (*service.history, changes[name])}) if name in changes else service
        for name, service in state.services.items()
    }
    stories = state.stories if told else {}
    world.stage.state = state.model_copy(update={"services": services, "stories": stories})


def ago(seconds: float) -> datetime:
    """A time before the simulated alert."""
    return ManualClock().now() - timedelta(seconds=seconds)
