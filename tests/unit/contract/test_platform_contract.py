"""The simulated platform, and the same one behind the embedded world's interface, keep what every platform promises."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from incident.workload import Able, Commit, Deploy, Effect, Overlay
from tests.contract.platform import TwoStepPlatformContract, Under
from tests.unit.contract import benches
from tools import scripted
from tools.scripted.clock import ManualClock
from tools.scripted.stage import Crashed, Trouble
from tools.scripted.state import EVERYTHING, Behaviour


class Simulated(TwoStepPlatformContract):
    """A simulated world, whose new processes take three seconds to answer."""

    kind = "scripted"
    able = EVERYTHING

    def make(self, folder: Path) -> AbstractContextManager[Under]:
        clock = ManualClock()
        self.world = scripted.incident_world(clock, patched=Behaviour(ready_after=3.0), able=self.able)
        bench = benches.build(self.kind, clock, self.world, folder)
        return nullcontext(Under(bench.world.platform, "orders", "v1", self.second, clock.advance))

    def second(self, version: str) -> Deploy:
        return Deploy(version=version, source=Commit(commit="f" * 40), config_from="v1")

    def interrupt(self, at: Under, change: Deploy, effect: Effect) -> None:
        self.world.stage.trouble = Trouble(changes={self.world.stage.asked + 1: "crash_between"})
        with pytest.raises(Crashed):
            at.make(change, effect)
        assert self.world.stage.state.services["orders"].prepared == (change.version,)


class TestScripted(Simulated):
    kind = "scripted"


class TestEmbedded(Simulated):
    kind = "embedded"


class TestLimited(Simulated):
    """Two shares, and nothing but overlays."""

    able = Able(shares=(33, 100), counted_by="workload", sources=("overlay",))

    def second(self, version: str) -> Deploy:
        return Deploy(version=version, source=Overlay(files={"a.py": "x = 1\n"}, commit="f" * 40), config_from="v1")
