"""The simulated and the embedded store of samples keep what every store promises."""

from pathlib import Path

from tests.contract.metrics import MetricsContract
from tests.unit.contract import benches
from tools import ports, scripted
from tools.scripted.clock import ManualClock


class TestScripted(MetricsContract):
    def make(self, simulated: scripted.ScriptedWorld, clock: ManualClock, folder: Path) -> ports.Metrics:
        return simulated.metrics


class TestEmbedded(MetricsContract):
    def make(self, simulated: scripted.ScriptedWorld, clock: ManualClock, folder: Path) -> ports.Metrics:
        return benches.build("embedded", clock, simulated, folder).world.metrics
