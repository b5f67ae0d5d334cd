"""The branch of a patch that healed is published where a setting says so: an effect of its own, which changes no ending."""

from dataclasses import replace
from pathlib import Path

import pytest

from incident.ending import Outcome
from incident.errors import SutureError, Unavailable, Unsure
from tests.unit.graph.desks import INCIDENT, Bench, bench
from tools.scripted.clock import ManualClock
from tools.scripted.repository import Remote, ScriptedRepository
from tools.scripted.state import Behaviour
from tools.scripted.world import HEALTHY, incident_world

PLACE = "scripted:remote"
BRANCH = f"suture/{INCIDENT}"


def given(folder: Path, place: str = PLACE, patched: Behaviour = HEALTHY) -> Bench:
    clock = ManualClock()
    at = bench(folder, clock, incident_world(clock, patched=patched))
    at.context = replace(at.context, settings=at.context.settings.model_copy(update={"publish_to": place}))
    clock.advance(30)
    return at


def remote(at: Bench) -> Remote:
    repository = at.world.repository
    assert isinstance(repository, ScriptedRepository)
    return repository.history.remotes.get(PLACE, Remote())


def became(at: Bench) -> list[str]:
    entries = at.context.ledger.entries(INCIDENT)
    return [str((entry.outcome or {}).get("result")) for entry in entries if "to" in entry.intent]


def test_a_patch_that_healed_is_published_and_proposed(tmp_path: Path) -> None:
    at = given(tmp_path)
    assert at.heal().outcome is Outcome.HEALED
    assert remote(at).branches == {BRANCH: at.world.repository.branch(BRANCH)}
    assert remote(at).proposals[BRANCH].title.startswith("orders: ")
    assert became(at) == ["done", "done"]


def test_control_without_the_setting_nothing_leaves(tmp_path: Path) -> None:
    at = given(tmp_path, "")
    assert at.heal().outcome is Outcome.HEALED
    assert remote(at) == Remote()
    assert became(at) == []


def test_a_patch_that_did_not_heal_is_not_published(tmp_path: Path) -> None:
    at = given(tmp_path, patched=Behaviour(other=0.12))
    assert at.heal().outcome is Outcome.ROLLED_BACK
    assert remote(at) == Remote()


@pytest.mark.parametrize(("error", "result"), [(Unavailable("gone"), "not_done"), (Unsure("lost"), "unknown")])
def test_a_remote_that_fails_changes_no_ending_and_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: SutureError, result: str
) -> None:
    def fails(*_: object) -> str:
        raise error

    at = given(tmp_path)
    monkeypatch.setattr(at.world.repository, "publish", fails)
    assert at.heal().outcome is Outcome.HEALED
    assert became(at) == [result]
    assert remote(at).proposals == {}


def test_killed_between_intent_and_outcome_it_is_done_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first process dies when the branch was copied and before that was written down."""

    class Killed(BaseException):
        pass

    at = given(tmp_path)
    publish = at.world.repository.publish

    def dies(branch: str, place: str) -> str:
        publish(branch, place)
        raise Killed

    monkeypatch.setattr(at.world.repository, "publish", dies)
    with pytest.raises(Killed):
        at.run(at.open())
    monkeypatch.undo()
    again = bench(tmp_path, at.clock, at.world)
    again.context = replace(again.context, settings=at.context.settings)
    ending = again.run().ending
    assert ending is not None
    assert ending.outcome is Outcome.HEALED
    assert became(again) == ["done", "done"]
