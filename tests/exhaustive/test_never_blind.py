"""12 states of the metrics × 4 stages × 7 mishaps of the first write that takes traffic back: no promotion, every one undone.

The incidents are whole and their stores are files on this disk; the world behind the adapters is simulated.
"""

from itertools import product
from pathlib import Path

import pytest

from tests.unit.graph import blinding, test_never_blind
from tests.unit.graph.blinding import Begun
from tests.unit.graph.test_never_blind import begun, name

__all__ = ["begun"]  # the fixture is shared with the short form


@pytest.mark.parametrize(
    ("stage", "state", "write"), tuple(product(blinding.STAGES, blinding.STATES, blinding.WRITES)), ids=name
)
def test_what_cannot_be_seen_is_taken_back_whatever_happens_to_the_write(
    begun: dict[str, Begun], tmp_path: Path, stage: str, state: str, write: str
) -> None:
    test_never_blind.test_what_cannot_be_seen_is_taken_back(begun, tmp_path, stage, state, write)
