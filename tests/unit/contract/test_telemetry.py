"""The simulated and the embedded telemetry keep what every adapter promises."""

from pathlib import Path

from tests.contract.captures import CapturesContract
from tests.contract.logs import LogsContract
from tests.contract.metrics import MetricsContract
from tests.contract.surroundings import ChangesContract, PlacesContract
from tests.contract.traces import TracesContract
from tests.unit.contract import benches
from tools import ports
from tools.scripted import ScriptedWorld
from tools.scripted.clock import ManualClock


def embedded(simulated: ScriptedWorld, clock: ManualClock, folder: Path) -> ports.World:
    return benches.build("embedded", clock, simulated, folder).world


class TestScriptedMetrics(MetricsContract):
    def make(self, simulated: ScriptedWorld, clock: ManualClock, folder: Path) -> ports.Metrics:
        return simulated.metrics


class TestEmbeddedMetrics(MetricsContract):
    def make(self, simulated: ScriptedWorld, clock: ManualClock, folder: Path) -> ports.Metrics:
        return embedded(simulated, clock, folder).metrics


class TestScriptedLogs(LogsContract):
    def make(self, simulated: ScriptedWorld, clock: ManualClock, folder: Path) -> ports.Logs:
        return simulated.logs


class TestEmbeddedLogs(LogsContract):
    def make(self, simulated: ScriptedWorld, clock: ManualClock, folder: Path) -> ports.Logs:
        return embedded(simulated, clock, folder).logs


class TestScriptedTraces(TracesContract):
    def make(self, simulated: ScriptedWorld, clock: ManualClock, folder: Path) -> ports.Traces:
        return simulated.traces


class TestEmbeddedTraces(TracesContract):
    def make(self, simulated: ScriptedWorld, clock: ManualClock, folder: Path) -> ports.Traces:
        return embedded(simulated, clock, folder).traces


class TestScriptedCaptures(CapturesContract):
    def make(self, simulated: ScriptedWorld, clock: ManualClock, folder: Path) -> ports.Captures:
        return simulated.captures


class TestEmbeddedCaptures(CapturesContract):
    def make(self, simulated: ScriptedWorld, clock: ManualClock, folder: Path) -> ports.Captures:
        return embedded(simulated, clock, folder).captures


class TestScriptedChanges(ChangesContract):
    def make(self, simulated: ScriptedWorld, clock: ManualClock, folder: Path) -> ports.Changes:
        return simulated.changes


class TestEmbeddedChanges(ChangesContract):
    def make(self, simulated: ScriptedWorld, clock: ManualClock, folder: Path) -> ports.Changes:
        return embedded(simulated, clock, folder).changes


class TestScriptedPlaces(PlacesContract):
    def make(self, simulated: ScriptedWorld, clock: ManualClock, folder: Path) -> ports.Places:
        return simulated.places


class TestEmbeddedPlaces(PlacesContract):
    def make(self, simulated: ScriptedWorld, clock: ManualClock, folder: Path) -> ports.Places:
        return embedded(simulated, clock, folder).places
