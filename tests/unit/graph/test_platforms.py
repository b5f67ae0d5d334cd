"""Whole incidents on platforms that can do less than every share, a commit and at once."""

from dataclasses import replace
from pathlib import Path

import pytest

from graph.effects import gate_record, perform
from graph.state import State
from incident.ending import Outcome
from incident.errors import Tampered
from incident.record import Intended
from incident.workload import Able, Owner
from tests.unit.graph.desks import INCIDENT, Bench, bench
from tools.scripted.clock import ManualClock
from tools.scripted.stage import Crashed, Trouble
from tools.scripted.state import EVERYTHING, Behaviour
from tools.scripted.world import HEALTHY, incident_world


def on(
    tmp_path: Path,
    able: Able = EVERYTHING,
    *,
    patched: Behaviour = HEALTHY,
    deployed_ago: float | None = None,
    trouble: Trouble | None = None,
) -> Bench:
    """An incident that is half a minute old, on a platform with these powers."""
    clock = ManualClock()
    wakes = 0.0 if deployed_ago is None else -300.0
    world = incident_world(
        clock, able=able, patched=patched, deployed_ago=deployed_ago, wakes_in=wakes, trouble=trouble
    )
    at = bench(tmp_path, clock, world)
    clock.advance(30 if deployed_ago is None else 60)
    return at


def asked(at: Bench) -> list[dict[str, object]]:
    return [dict(record.event.change) for record in at.records if isinstance(record.event, Intended)]


def shares(at: Bench) -> list[int]:
    """Shares that the new version went through."""
    weights = [change["weights"] for change in asked(at) if change.get("kind") == "weights"]
    return [max(share for name, share in w.items() if "-suture-" in name) for w in weights if isinstance(w, dict)]


def test_an_incident_is_healed_by_the_shares_that_the_platform_can_set(tmp_path: Path) -> None:
    at = on(tmp_path, Able(shares=(33, 100), counted_by="router", sources=("commit",)))
    ending = at.heal()
    assert ending.outcome is Outcome.HEALED, ending.reason
    assert shares(at) == [33, 100]
    assert [choice for choice in at.decided("canary.judge") if choice != "hold"] == ["promote", "finish"]


def test_a_patch_is_laid_over_what_runs_where_the_platform_builds_nothing(tmp_path: Path) -> None:
    at = on(tmp_path, Able(shares="any", counted_by="router", sources=("overlay", "revision")))
    ending = at.heal()
    assert ending.outcome is Outcome.HEALED, ending.reason
    (deploy,) = (change for change in asked(at) if change.get("kind") == "deploy")
    files = deploy["files"]
    assert isinstance(files, dict)
    assert list(files) == ["services/orders/pricing.py"]
    running = at.world.platform.read("orders").serving
    assert running is not None
    assert running.commit == deploy["commit"]
    assert at.world.repository.text(running.commit, "services/orders/pricing.py") == files["services/orders/pricing.py"]


def test_a_release_is_rolled_back_to_an_older_revision(tmp_path: Path) -> None:
    at = on(tmp_path, Able(shares=(100,), counted_by="workload", sources=("revision",)), deployed_ago=30.0)
    before = at.world.platform.read("orders")
    ending = at.heal()
    assert ending.outcome is Outcome.HEALED, ending.reason
    assert at.weights()["v1"] == 100
    assert before.version("v1") is not None


@pytest.mark.parametrize(
    "able",
    [
        Able(shares="any", counted_by="workload", sources=("commit",)),
        Able(shares=(100,), counted_by="router", sources=("commit",)),
        Able(shares="any", counted_by="router", sources=("revision",)),
        Able(shares="any", counted_by="router", sources=("commit",), owners=(Owner(kind="gitops", name="shop"),)),
        Able(shares="any", counted_by="router", sources=("commit",), why_not="nobody gave us the right"),
    ],
    ids=["self-counted", "no share between", "no source", "another owner", "no right"],
)
def test_what_the_platform_cannot_prove_or_do_is_not_begun(tmp_path: Path, able: Able) -> None:
    at = on(tmp_path, able)
    before = at.world.platform.read("orders")
    state = at.run(at.open())
    assert state.ending is None or state.ending.outcome is not Outcome.HEALED
    assert at.world.platform.read("orders") == before
    assert at.context.ledger.entries(INCIDENT) == ()


@pytest.mark.parametrize(
    "later",
    [
        Able(shares=(100,), counted_by="router", sources=("commit",)),
        Able(shares="any", counted_by="router", sources=("commit",), owners=(Owner(kind="rollout", name="shop"),)),
    ],
    ids=["no share between", "a controller of rollouts"],
)
def test_what_the_platform_can_do_no_longer_when_the_lock_is_taken_is_not_begun(tmp_path: Path, later: Able) -> None:
    at = on(tmp_path)
    real, asked_for = at.world.platform, list[str]()

    class Changing:
        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

        def able(self, service: str) -> Able:
            asked_for.append(service)
            return real.able(service) if len(asked_for) == 1 else later

    before = at.weights()
    at.put(Changing())  # type: ignore[arg-type]  # it hands everything else on
    state = at.run(at.open())
    assert len(asked_for) > 1
    assert state.ending is None or state.ending.outcome is not Outcome.HEALED
    assert at.weights() == before
    assert asked(at) == []


def test_a_new_version_that_takes_its_time_is_waited_for(tmp_path: Path) -> None:
    at = on(tmp_path, patched=HEALTHY.model_copy(update={"ready_after": 20.0}))
    waited: list[tuple[str, int]] = []
    settled = at.world.platform.settled

    class Watching:
        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

        def settled(self, service: str, effect: str) -> object:
            found = settled(service, effect)
            waited.append((found.state, max(at.weights().get(name, 0) for name in at.weights() if name != "v1")))
            return found

    real = at.world.platform
    at.put(Watching())  # type: ignore[arg-type]  # it hands everything else on
    ending = at.heal()
    assert ending.outcome is Outcome.HEALED, ending.reason
    pending = [share for state, share in waited if state == "pending"]
    assert len(pending) > 10
    assert set(pending) == {0}


@pytest.mark.parametrize("starts", [False, True], ids=["never", "far too late"])
def test_a_new_version_that_does_not_get_ready_is_taken_away_again(tmp_path: Path, starts: bool) -> None:
    at = on(tmp_path, patched=HEALTHY.model_copy(update={"ready_after": 10_000.0, "starts": starts}))
    before = at.weights()
    began = at.clock.monotonic()
    ending = at.heal()
    assert ending.outcome is Outcome.ESCALATED
    assert at.weights() == before
    assert perform.before_of(at.world.platform.read("orders")) is None
    assert at.clock.monotonic() - began < 120
    assert at.context.ledger.open() == ()


@pytest.mark.parametrize("moment", ["crash_before", "crash_between", "crash_after"])
def test_a_process_that_ends_around_a_deploy_is_resumed_and_nothing_is_made_twice(tmp_path: Path, moment: str) -> None:
    """The third change that is asked for is the deploy, behind raising the token."""
    trouble = Trouble.model_validate({"changes": {2: moment}})
    at = on(tmp_path, patched=HEALTHY.model_copy(update={"ready_after": 5.0}), trouble=trouble)
    with pytest.raises(Crashed):
        at.run(at.open())
    assert [version.weight for version in at.world.platform.read("orders").versions if version.weight] == [100]
    assert at.world.platform.read("orders").version("v1") is not None
    at.clock.advance(3)
    state = at.run()
    assert state.ending is not None
    assert state.ending.outcome is Outcome.HEALED, state.ending.reason
    history = at.world.platform.history("orders", at.world.stage.state.started_at)
    assert [change.what for change in history].count("deploy") == 1
    assert at.world.stage.state.services["orders"].prepared == ()


def test_a_checkpoint_cannot_choose_another_way_than_the_record(tmp_path: Path) -> None:
    at = on(tmp_path)
    trouble = Trouble.model_validate({"changes": {2: "crash_before"}})
    at.world.stage.trouble = trouble
    with pytest.raises(Crashed):
        at.run(at.open())
    state = at.context.progress.state
    assert state is not None
    assert state.plan is not None
    gate_record.check(at.context, state)
    ways: tuple[dict[str, object], ...] = ({"stages": (100,)}, {"source": "overlay"}, {"stages": ()})
    for forged in ways:
        with pytest.raises(Tampered, match="another way"):
            gate_record.check(at.context, _with(state, forged))


def test_an_incident_from_before_platforms_differed_goes_by_every_share(tmp_path: Path) -> None:
    """Its record has no decision about the way: the state's defaults are what it did then."""
    at = on(tmp_path)
    at.world.stage.trouble = Trouble.model_validate({"changes": {2: "crash_before"}})
    with pytest.raises(Crashed):
        at.run(at.open())
    state = at.context.progress.state
    assert state is not None
    lines = tuple(line for line in at.context.folder.lines() if b'"stages.plan"' not in line)

    class Before:
        def lines(self) -> tuple[bytes, ...]:
            return lines

    context = replace(at.context, folder=Before())  # type: ignore[arg-type]  # nothing else of it is asked
    gate_record.check(context, state)
    with pytest.raises(Tampered, match="another way"):
        gate_record.check(context, _with(state, {"stages": (33, 100)}))


def _with(state: State, update: dict[str, object]) -> State:
    assert state.plan is not None
    return state.model_copy(update={"plan": state.plan.model_copy(update=update)})
