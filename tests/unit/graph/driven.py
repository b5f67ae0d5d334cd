"""Incidents of the simulated world as the driver runs them, under settings that a test says."""

import json
from dataclasses import replace
from pathlib import Path

from graph.config import settings
from graph.config.settings import Settings
from graph.console import observer
from graph.context import Context
from graph.runtime import cases, driver
from graph.setup import stores
from incident.alert import Payload, parse
from incident.ending import Ending
from incident.workload import Effect
from tools import ports
from tools.scripted.proof import ScriptedProver
from tools.scripted.world import ScriptedWorld

LABELS = {"alertname": "HighErrorRate", "service": "orders"}


def said(folder: Path, limits: str = "", **environment: str) -> Settings:
    """The settings of a process with this environment and, if there is one, this file of limits."""
    given = {"SUTURE_HOME": str(folder / "home"), **environment}
    if limits:
        (folder / "limits.toml").write_text(limits)
        given["SUTURE_LIMITS"] = str(folder / "limits.toml")
    return settings.load(given)


def alert(starts_at: str = "2026-01-31T12:00:00Z", **more: str) -> Payload:
    return parse(json.dumps({"labels": {**LABELS, **more}, "startsAt": starts_at}).encode())


class Driver(driver.Driver):
    """The product's driver; proofs are scripted, because a simulated service has nothing to run in a sandbox."""

    def context(self, row: ports.Row) -> Context:
        return replace(super().context(row), prover=ScriptedProver(lambda _: "passed"))


def driven(chosen: Settings, books: stores.Stores, world: ScriptedWorld, payload: Payload) -> tuple[Ending, ports.Row]:
    """As ``graph.run`` drives the one incident of a payload."""
    (found,) = cases.of(chosen, world, payload).cases
    return Driver(chosen, books, world, observer.silent).start(found)


def untouched(world: ScriptedWorld) -> bool:
    workload = world.platform.read("orders")
    return (workload.revision, workload.effect) == ("r3", Effect())


PERSON = {"SUTURE_AUTONOMY": "approve", "SUTURE_PROFILE": "lab"}
ALONE = {"SUTURE_AUTONOMY": "auto", "SUTURE_PROFILE": "lab"}
