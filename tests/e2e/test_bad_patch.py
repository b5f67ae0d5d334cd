"""A patch that passes its proof and breaks other traffic: taken back, the world as before; and the other scenarios."""

import pytest

from evals.scenarios import play, spec

pytestmark = pytest.mark.timeout(600)


def test_a_patch_that_breaks_under_load_is_rolled_back() -> None:
    scenario = next(item for item in spec.every() if item.id == 7)
    played = play.play(scenario, 1, isolated=True)
    assert [f"{item.judge}: {item.detail}" for item in played.findings if not item.passed] == []
    assert played.exit_code == 3
