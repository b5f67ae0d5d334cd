"""Whole incidents on the scripted world, in virtual time: the graph, the policies, the playbook and the stores are real."""

from pathlib import Path

import pytest

from graph.effects import perform
from incident.control import Control
from incident.ending import Outcome
from tests.unit.graph.desks import INCIDENT, bench
from tools.scripted.clock import ManualClock
from tools.scripted.proof import ScriptedProver
from tools.scripted.stage import Trouble
from tools.scripted.state import Behaviour
from tools.scripted.world import HEALTHY, SICK, incident_world


def test_a_dormant_bug_is_patched_through_the_canary_and_verified(tmp_path: Path) -> None:
    """The whole path: diagnosed to the line, proved, widened, verified, and nothing of ours left standing."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock, wakes_in=0.0))
    clock.advance(30)
    ending = at.heal()
    assert ending.outcome is Outcome.HEALED, ending.reason
    assert [weight for weight in at.weights().values() if weight] == [100]
    assert perform.before_of(at.world.platform.read("orders")) is None
    choices = at.decided("canary.judge")
    assert [choice for choice in choices if choice != "hold"] == ["advance", "promote", "finish"]


@pytest.mark.parametrize("step", [1.0, 15.0])
def test_the_same_incident_is_healed_at_any_sampling_step(tmp_path: Path, step: float) -> None:
    """Windows, looks and watches follow from the rule: with slow samples everything takes longer, and ends alike."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock, scrape_seconds=step, age=7200.0))
    clock.advance(30 * step)
    ending = at.heal()
    assert ending.outcome is Outcome.HEALED, ending.reason
    assert [choice for choice in at.decided("canary.judge") if choice != "hold"] == ["advance", "promote", "finish"]
    looks = [facts.look for facts in at.asked("canary.judge")]
    # A sample that is counted again would show as another look at the same time.
    assert len({look.at for look in looks}) == len(looks)


def test_shares_without_counts_open_no_gate(tmp_path: Path) -> None:
    """The same incident, but the store tells only shares of orders: it is seen, and nothing is widened or healed by it."""
    clock = ManualClock()
    world = incident_world(clock, wakes_in=0.0)
    world.stage.state = world.stage.state.model_copy(update={"uncounted": ("orders",)})
    at = bench(tmp_path, clock, world)
    before = at.weights()
    clock.advance(30)
    state = at.run(at.open())
    # It waits for a person: nothing that needs counts was passed.
    assert state.ending is None
    assert at.context.ledger.entries(INCIDENT) == ()
    assert at.weights() == before
    (dossier,) = [record.event.dossier for record in at.records if record.event.kind == "gathered"][:1]
    assert dossier.of("ratios")


def test_a_patch_that_cures_nothing_is_taken_back_at_slow_samples(tmp_path: Path) -> None:
    """Control: slow samples do not make everything pass."""
    clock = ManualClock()
    world = incident_world(clock, scrape_seconds=15.0, age=7200.0, patched=Behaviour(other=0.003, sick=0.15))
    at = bench(tmp_path, clock, world)
    before = at.weights()
    clock.advance(450)
    assert at.heal().outcome is Outcome.ROLLED_BACK
    assert at.weights() == before


def test_a_patch_that_breaks_other_traffic_is_taken_back(tmp_path: Path) -> None:
    """Cured of its own error and worse in another way: the canary sees it, and the world is as before."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock, patched=Behaviour(other=0.12)))
    before = at.weights()
    clock.advance(30)
    ending = at.heal()
    assert ending.outcome is Outcome.ROLLED_BACK, ending.reason
    assert at.weights() == before


def test_a_patch_that_cures_nothing_is_taken_back(tmp_path: Path) -> None:
    """It passed its proof, and the error is still there."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock, patched=Behaviour(other=0.003, sick=0.15)))
    before = at.weights()
    clock.advance(30)
    assert at.heal().outcome is Outcome.ROLLED_BACK
    assert at.weights() == before


def test_a_false_alarm_changes_nothing(tmp_path: Path) -> None:
    """The alert says so, the numbers do not."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock, wakes_in=None))
    clock.advance(30)
    assert at.heal().outcome is Outcome.NO_ACTION
    assert at.context.ledger.entries(INCIDENT) == ()


def test_candidates_that_all_break_the_tests_are_rejected(tmp_path: Path) -> None:
    """Bounded tries, then a refusal; nothing was touched."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock), prover=ScriptedProver(lambda _: "failed"))
    clock.advance(30)
    assert at.heal().outcome is Outcome.REJECTED
    assert at.context.ledger.entries(INCIDENT) == ()


@pytest.mark.parametrize("autonomy", ["observe", "propose"])
def test_without_leave_to_act_it_waits_with_a_proven_proposal(tmp_path: Path, autonomy: str) -> None:
    """Everything up to the gate, and nothing behind it."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock), autonomy=autonomy)
    clock.advance(30)
    state = at.run(at.open())
    assert state.ending is None
    assert state.plan is not None
    assert state.plan.proof is not None
    assert state.plan.gate is not None
    assert state.plan.gate.kind == "hold"
    assert at.context.ledger.entries(INCIDENT) == ()


def test_a_bad_deploy_is_rolled_back_to_the_version_that_served_well(tmp_path: Path) -> None:
    """Going back beats a patch when there is something to go back to."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock, wakes_in=-300.0, deployed_ago=2.0, sick=SICK))
    clock.advance(20)
    ending = at.heal()
    assert ending.outcome is Outcome.HEALED, ending.reason
    assert at.weights()["v1"] == 100


@pytest.mark.parametrize("mishap", ["lost_request", "lost_answer", "outrun", "refused"])
@pytest.mark.parametrize("number", [1, 2, 3, 5])
def test_one_lost_or_refused_write_changes_nothing_about_the_ending(tmp_path: Path, number: int, mishap: str) -> None:
    """The world is asked what happened; nothing is done twice."""
    clock = ManualClock()
    trouble = Trouble.model_validate({"changes": {number: mishap}})
    at = bench(tmp_path, clock, incident_world(clock, trouble=trouble))
    clock.advance(30)
    ending = at.heal()
    assert ending.outcome is Outcome.HEALED, ending.reason
    deploys = [
        change
        for change in at.world.platform.history("orders", clock.now().min.replace(tzinfo=clock.now().tzinfo))
        if change.what == "deploy"
    ]
    assert len(deploys) == 1


def test_a_persons_abort_during_the_canary_takes_the_change_back(tmp_path: Path) -> None:
    """The switch is read at every look; the ending names who."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    before = at.weights()
    clock.advance(30)
    abort = Control(aborted=True, by="ada", reason="not now", at=clock.now())
    clock.after(4.0, lambda: at.context.incidents.set_control(INCIDENT, abort))
    ending = at.heal()
    assert ending.outcome is Outcome.ESCALATED
    assert "ada" in ending.reason
    assert at.weights() == before


def test_nobody_could_be_told_is_said(tmp_path: Path) -> None:
    """An escalation that reaches nobody says so."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock), delivers=False)
    clock.advance(30)
    abort = Control(aborted=True, by="ada", reason="", at=clock.now())
    at.context.incidents.set_control(INCIDENT, abort)
    assert "nobody could be told" in at.heal().reason


def test_healthy_is_what_the_scripted_patch_does(tmp_path: Path) -> None:
    """Control: the behaviour that heals above is the healthy one."""
    assert HEALTHY.sick == 0
