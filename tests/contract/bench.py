"""A port under test over a simulated world, which the port must tell truly of."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import pytest

from incident.workload import Commit, Deploy, Effect, SetWeights
from tools import scripted
from tools.scripted.clock import ManualClock

P = TypeVar("P")


@dataclass(frozen=True)
class Bench(Generic[P]):
    """The port, the simulated world that it tells of, and its clock."""

    port: P
    simulated: scripted.ScriptedWorld
    clock: ManualClock

    def canary(self) -> None:
        """Send a tenth of the traffic to a version that does not have the bug."""
        deploy = Deploy(version="v2", source=Commit(commit="f" * 40), config_from="v1")
        platform = self.simulated.platform
        first = platform.change("orders", deploy, revision="r1", effect=Effect())
        platform.change("orders", SetWeights(weights={"v1": 90, "v2": 10}), revision=first.revision, effect=Effect())


Build = Callable[..., Bench[P]]


class Contract(Generic[P]):
    """Each test builds its own world; a subclass says how the port is made over it."""

    def make(self, simulated: scripted.ScriptedWorld, clock: ManualClock, folder: Path) -> P:
        raise NotImplementedError

    @pytest.fixture
    def build(self, tmp_path: Path) -> Build[P]:
        """Builds a bench; the arguments are those of `scripted.incident_world`."""

        def made(**arguments: object) -> Bench[P]:
            clock = ManualClock()
            simulated = scripted.incident_world(clock, **arguments)  # type: ignore[arg-type]  # tests name what they set
            return Bench(self.make(simulated, clock, tmp_path), simulated, clock)

        return made
