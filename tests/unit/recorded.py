"""Whole incidents of the simulated world, as records; each is run once and looked at by several tests."""

from collections.abc import Mapping
from pathlib import Path

from incident.control import Control
from incident.record import Record
from tests.unit.graph.desks import Bench, bench
from tools.scripted.clock import ManualClock
from tools.scripted.proof import ScriptedProver
from tools.scripted.world import incident_world

Told = Mapping[str, tuple[Record, ...]]

SWITCH = Control(stop_all=True, by="ada", reason="a storm")


def ran(folder: Path, stopped: Control | None = None, *, good: bool = True) -> Bench:
    """One incident on orders, from its alert to its ending; `stopped` is a kill switch that was set before."""
    clock = ManualClock()
    prover = ScriptedProver(lambda _: "passed" if good else "failed")
    at = bench(folder, clock, incident_world(clock), prover=prover)
    if stopped is not None:
        at.context.incidents.set_control(None, stopped)
    clock.advance(30)
    at.heal()
    return at


def told(folder: Path) -> Told:
    """Three incidents: healed, rejected for bad patches, and stopped by the kill switch."""
    return {
        "healed": tuple(ran(folder / "healed").records),
        "rejected": tuple(ran(folder / "rejected", good=False).records),
        "stopped": tuple(ran(folder / "stopped", SWITCH).records),
    }
