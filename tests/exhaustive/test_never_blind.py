"""12 states of the metrics × 4 stages × 7 mishaps of the first write that takes traffic back: no promotion, every one undone.

The incidents are whole and their stores are files on this disk; the world behind the adapters is simulated.
"""

from itertools import product
from pathlib import Path

import pytest

from tests.unit.graph import blinding
from tests.unit.graph.blinding import STAGES, STATES, WRITES, Begun


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Begun]:
    return {stage: blinding.begin(stage, tmp_path_factory.mktemp("begun")) for stage in STAGES}


@pytest.mark.parametrize(("stage", "state", "write"), tuple(product(STAGES, STATES, WRITES)), ids=blinding.name)
def test_what_cannot_be_seen_is_taken_back_whatever_happens_to_the_write(
    begun: dict[str, Begun], tmp_path: Path, stage: str, state: str, write: str
) -> None:
    blinding.assert_taken_back(blinding.go_on(begun[stage], tmp_path, state, write), stage)
