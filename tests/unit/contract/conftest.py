"""One bench for each kind of world."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.contract import benches
from tools import scripted
from tools.scripted.clock import ManualClock

Build = Callable[..., benches.Bench]


@pytest.fixture(params=benches.KINDS)
def build(request: pytest.FixtureRequest, tmp_path: Path) -> Build:
    """Builds a bench; the arguments are those of `scripted.incident_world`."""

    def made(**arguments: object) -> benches.Bench:
        clock = ManualClock()
        simulated = scripted.incident_world(clock, **arguments)  # type: ignore[arg-type]  # tests name what they set
        return benches.build(request.param, clock, simulated, tmp_path)

    return made
