"""Three bugs through the whole product, with the playbook: two are mended rightly, one is left to a person."""

from pathlib import Path

import pytest

from evals.bench.repair import bugs, incident, oracle, stage
from evals.bench.repair.attempt import Attempt, summary
from graph.config import settings
from policies import profiles
from tests.integration.repair.interpreter import runtime
from tests.integration.sandbox.conftest import NEEDS_BWRAP
from tools.clock import SystemClock

pytestmark = [NEEDS_BWRAP, pytest.mark.timeout(600)]

EXPECTED = {"booking-no-card": True, "search-no-hit": True, "feeds-guid-object": False}


@pytest.fixture(scope="module")
def attempts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Attempt]:
    return {name: _attempt(name, tmp_path_factory.mktemp(name)) for name in EXPECTED}


def _attempt(name: str, folder: Path) -> Attempt:
    bug = next(item for item in bugs.BUGS if item.name == name)
    traffic, clock = bugs.traffic(bug.service), SystemClock()
    world = stage.BugWorld(folder, bug, traffic, runtime(), clock)
    base = settings.load({"SUTURE_HOME": str(folder / "home")}).model_copy(update={"limits": profiles.lab()})
    attempt, changes = incident.heal(bug, world, incident.settings_of(folder, base), clock)
    if not changes:
        return attempt
    marked = oracle.Oracle(folder / "hidden", bug, traffic, runtime()).judge(
        folder / "repository", world.commit, folder / "trials", changes[0]
    )
    return attempt.model_copy(update={"correct": marked.correct, "failed_hidden": marked.wrong})


def test_what_templates_cover_is_mended_rightly_and_the_rest_is_left(attempts: dict[str, Attempt]) -> None:
    assert {name: attempt.correct for name, attempt in attempts.items()} == EXPECTED
    assert {name: attempt.proposed for name, attempt in attempts.items()} == EXPECTED


def test_no_wrong_patch_is_let_through(attempts: dict[str, Attempt]) -> None:
    added = summary("playbook", tuple(attempts.values()))
    assert (added.bugs, added.correct, added.slipped, added.abstained) == (3, 2.0, 0, 1)


def test_control_the_service_without_a_patch_fails_its_hidden_tests(tmp_path: Path) -> None:
    bug = next(item for item in bugs.BUGS if item.name == "booking-no-card")
    traffic = bugs.traffic(bug.service)
    world = stage.BugWorld(tmp_path, bug, traffic, runtime(), SystemClock())
    judge = oracle.Oracle(tmp_path / "hidden", bug, traffic, runtime())
    marked = judge.judge(tmp_path / "repository", world.commit, tmp_path / "trials", ())
    assert not marked.correct
    assert marked.wrong[0].startswith("POST /quotes [0]")
