"""Worlds of the simulated kind in which the source of orders cannot be read, and what may be wrong in them."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

from incident.errors import Refused, Unavailable
from incident.evidence import Change
from tests.unit.graph.changed import same_kind
from tests.unit.graph.desks import Bench, bench
from tools import ports, suture_toml
from tools.scripted import repository, source
from tools.scripted.change import split_of
from tools.scripted.clock import EPOCH, ManualClock
from tools.scripted.repository import History, ScriptedRepository
from tools.scripted.state import State
from tools.scripted.world import HEALTHY, SICK, ScriptedWorld, incident_world
from tools.unset import Unset

UNSET = "the port repository is not set: set SUTURE_REPOSITORY"


class Silent:
    """A repository that answers nothing."""

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        def asked(*_: object, **__: object) -> NoReturn:
            raise Unavailable(f"the repository does not answer about {name}")

        return asked


def without_entry() -> ScriptedRepository:
    """A repository of other services."""
    files = {**source.FILES, suture_toml.NAME: source.FILES[suture_toml.NAME].replace("orders", "parcels")}
    return ScriptedRepository(repository.grown(History(), "main", EPOCH, "Begin", files))


def of_other_commits() -> ScriptedRepository:
    """A repository that has orders, but not the commits that are served."""
    return ScriptedRepository(repository.grown(History(), "main", EPOCH, "Begin", source.FILES))


WITHOUT: Mapping[str, Callable[[], Any]] = {
    "unset": lambda: Unset(ports.Repository, UNSET, Refused),
    "unreachable": lambda: Unset(ports.Repository, "the repository cannot be reached", Unavailable),
    "silent": Silent,
    "no entry": without_entry,
    "other commits": of_other_commits,
}
"""Repositories that do not have the source of what runs."""


class Nowhere:
    """A prover that must not be asked: there is nothing to run."""

    def __getattr__(self, name: str) -> NoReturn:
        raise AssertionError(f"{name} was asked of the sandbox without any source")


def released(clock: ManualClock) -> ScriptedWorld:
    """A release that fails where the version before it did not."""
    return incident_world(clock, wakes_in=-300.0, deployed_ago=2.0)


def grown_up(clock: ManualClock) -> ScriptedWorld:
    """Nothing was changed: a bug wakes."""
    return incident_world(clock)


def configured(clock: ManualClock) -> ScriptedWorld:
    """A setting was changed, and orders fails with the new value."""
    world = same_kind(incident_world(clock, wakes_in=-300.0, sick=HEALTHY))
    # No error falls on a whole second, so none is logged in the moment in which the setting goes back.
    at, state = clock.now() - timedelta(seconds=2.03), world.stage.state
    world.stage.state = _set(state, Change(service="orders", at=at, what="config", version="v1", **_VALUES))
    return world


_VALUES: dict[str, Any] = {"key": "PATIENCE", "old": "2", "new": "0.2", "actor": "kim"}


def _set(state: State, change: Change) -> State:
    state = state.model_copy(update={"behaviours": {**state.behaviours, "PATIENCE=0.2": SICK}})
    orders = state.services["orders"]
    running = tuple(version.model_copy(update={"config": {"PATIENCE": "0.2"}}) for version in orders.workload.versions)
    workload = orders.workload.model_copy(update={"versions": running, "revision": "r2"})
    splits = (*orders.splits, split_of(state, workload, change.at))
    changed = orders.model_copy(update={"workload": workload, "splits": splits, "history": (change,)})
    return state.model_copy(update={"services": {**state.services, "orders": changed}})


def uncommitted(world: ScriptedWorld) -> ScriptedWorld:
    """The world whose platform runs orders as images and knows of no commit."""
    state = world.stage.state
    orders = state.services["orders"]
    versions = tuple(version.model_copy(update={"commit": ""}) for version in orders.workload.versions)
    history = tuple(change.model_copy(update={"commit": None, "previous_commit": None}) for change in orders.history)
    able = orders.able.model_copy(update={"sources": ("commit", "revision")})
    workload = orders.workload.model_copy(update={"versions": versions})
    changed = orders.model_copy(update={"workload": workload, "history": history, "able": able})
    world.stage.state = state.model_copy(update={"services": {**state.services, "orders": changed}})
    return world


def at(folder: Path, world_of: Callable[[ManualClock], ScriptedWorld], source: Any, **more: Any) -> Bench:
    """A bench over a world whose repository is this one."""
    clock = ManualClock()
    world = world_of(clock)
    world.repository = source
    return bench(folder, clock, world, **{"prover": Nowhere(), **more})
