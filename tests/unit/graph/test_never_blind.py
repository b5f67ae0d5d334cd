"""A canary that cannot be seen is never given more traffic, and is taken back before its deadline, whatever else goes wrong.

Each pair of a stage and a state of the metrics runs with one mishap of the first write that takes traffic back; all
mishaps with every pair run in tests/exhaustive.
"""

from itertools import product
from pathlib import Path

import pytest

from incident.ending import Outcome
from tests.unit.graph import blinding
from tests.unit.graph.blinding import STAGES, STATES, WRITES, Begun, name

PAIRS = tuple(product(STAGES, STATES))
CASES = tuple((stage, state, WRITES[number % len(WRITES)]) for number, (stage, state) in enumerate(PAIRS))


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Begun]:
    return {stage: blinding.begin(stage, tmp_path_factory.mktemp("begun")) for stage in STAGES}


@pytest.mark.parametrize(("stage", "state", "write"), CASES, ids=name)
def test_what_cannot_be_seen_is_taken_back(
    begun: dict[str, Begun], tmp_path: Path, stage: str, state: str, write: str
) -> None:
    blinding.assert_taken_back(blinding.go_on(begun[stage], tmp_path, state, write), stage)


@pytest.mark.parametrize("stage", STAGES, ids=name)
def test_control_the_same_incident_heals_when_it_can_be_seen(
    begun: dict[str, Begun], tmp_path: Path, stage: str
) -> None:
    seen = blinding.go_on(begun[stage], tmp_path, "good")
    assert seen.promoted
    assert seen.state.ending is not None
    assert seen.state.ending.outcome is Outcome.HEALED, seen.state.ending.reason


@pytest.mark.parametrize("stage", STAGES, ids=name)
def test_control_a_judge_that_takes_missing_for_good_promotes_blindly(
    begun: dict[str, Begun], tmp_path: Path, stage: str
) -> None:
    """The guard off: the fault bites at every stage."""
    seen = blinding.go_on(begun[stage], tmp_path, "NaN", trusting=True)
    assert seen.promoted
