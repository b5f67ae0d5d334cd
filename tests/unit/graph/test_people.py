"""People: approvals that are bound and expire, pauses, the kill switch."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from langchain_core.runnables import RunnableConfig
from pydantic import JsonValue

from graph import build
from graph.state import CHECKPOINTED, State
from incident.control import Approval, Control
from incident.decision import Allow
from incident.ending import Outcome
from incident.remedy import Patch, Remedy
from tests.unit.graph.desks import INCIDENT, Bench, bench
from tools import ports
from tools.records import checkpoints
from tools.scripted.clock import ManualClock
from tools.scripted.stage import Crashed
from tools.scripted.world import incident_world


def waiting(tmp_path: Path, clock: ManualClock) -> tuple[Bench, State]:
    at = bench(tmp_path, clock, incident_world(clock), autonomy="approve")
    clock.advance(30)
    state = at.run(at.open())
    assert state.ending is None
    return at, state


def said(at: Bench, state: State, **changed: object) -> dict[str, JsonValue]:
    assert state.plan is not None
    assert state.plan.remedy is not None
    now = at.clock.now()
    answer = Approval(
        plan_digest=state.plan.remedy.digest(),
        base=state.plan.base,
        approved=True,
        by="ada",
        os_user="root",
        at=now,
        expires_at=now + timedelta(hours=1),
    )
    return answer.model_copy(update=changed).model_dump(mode="json")


def test_an_approved_plan_goes_through(tmp_path: Path) -> None:
    """A person opens the gate, in another process if they like."""
    clock = ManualClock()
    at, state = waiting(tmp_path, clock)
    assert at.context.ledger.entries(INCIDENT) == ()
    done = at.run(answer=said(at, state))
    assert done.ending is not None
    assert done.ending.outcome is Outcome.HEALED, done.ending.reason


def test_a_rejected_plan_is_rejected_by_name(tmp_path: Path) -> None:
    """A no answers this very plan."""
    clock = ManualClock()
    at, state = waiting(tmp_path, clock)
    done = at.run(answer=said(at, state, approved=False, reason="not on a Friday"))
    assert done.ending is not None
    assert done.ending.outcome is Outcome.REJECTED
    assert "ada" in done.ending.reason
    assert at.context.ledger.entries(INCIDENT) == ()


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"plan_digest": "0" * 64}, id="another plan"),
        pytest.param({"base": "0" * 40}, id="another base"),
        pytest.param({"expires_at": ManualClock().now()}, id="expired"),
    ],
)
def test_an_answer_to_something_else_opens_nothing(tmp_path: Path, changed: dict[str, object]) -> None:
    """It goes on waiting."""
    clock = ManualClock()
    at, state = waiting(tmp_path, clock)
    again = at.run(answer=said(at, state, **changed))
    assert again.ending is None
    assert at.context.ledger.entries(INCIDENT) == ()


def tampered(at: Bench, state: State) -> None:
    """Somebody writes an approval into the checkpoint, as if a person had just given it."""
    assert state.plan is not None
    forged = Approval.model_validate(said(at, state))
    saver = checkpoints.open(at.home.checkpoints, CHECKPOINTED)
    try:
        config: RunnableConfig = {"configurable": {"thread_id": INCIDENT}}
        plan = state.plan.model_copy(update={"approval": forged})
        build.build(saver).update_state(config, {"plan": plan}, as_node="approve")
    finally:
        saver.close()


def test_an_approval_that_a_checkpoint_brings_and_no_person_gave_opens_nothing(tmp_path: Path) -> None:
    at, state = waiting(tmp_path, ManualClock())
    tampered(at, state)
    done = at.run()
    assert done.ending is not None
    assert done.ending.outcome is Outcome.ESCALATED
    assert "no person gave it" in done.ending.reason
    assert at.context.ledger.entries(INCIDENT) == ()
    assert at.weights() == {"v1": 100}


class Trusting:
    """The control: an index that vouches for everything."""

    def __init__(self, inner: ports.Incidents) -> None:
        self._inner = inner

    def vouch(self, incident: str, approval: Approval) -> None: ...

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def test_control_without_asking_who_gave_it_the_same_checkpoint_acts(tmp_path: Path) -> None:
    at, state = waiting(tmp_path, ManualClock())
    tampered(at, state)
    at.context = replace(at.context, incidents=cast("ports.Incidents", Trusting(at.context.incidents)))
    done = at.run()
    assert done.ending is not None
    assert done.ending.outcome is Outcome.HEALED
    assert at.context.ledger.entries(INCIDENT) != ()


def opened(at: Bench, state: State, *, remedy: Remedy | None = None) -> None:
    """Somebody writes into the checkpoint that the gate has said yes, about this plan or another one."""
    assert state.plan is not None
    changed = {"gate": Allow(reason="trust me"), "remedy": remedy or state.plan.remedy}
    saver = checkpoints.open(at.home.checkpoints, CHECKPOINTED)
    try:
        config: RunnableConfig = {"configurable": {"thread_id": INCIDENT}}
        build.build(saver).update_state(config, {"plan": state.plan.model_copy(update=changed)}, as_node="gate")
    finally:
        saver.close()


def test_a_gate_that_is_open_in_the_checkpoint_alone_lets_nothing_through(tmp_path: Path) -> None:
    at, state = waiting(tmp_path, ManualClock())
    opened(at, state)
    done = at.run()
    assert done.ending is not None
    assert done.ending.outcome is Outcome.ESCALATED
    assert "says more than the record" in done.ending.reason
    assert at.context.ledger.entries(INCIDENT) == ()


def test_a_gate_that_opened_for_one_plan_lets_no_other_one_through(tmp_path: Path) -> None:
    """Approved and recorded; then the plan in the checkpoint is exchanged before it is carried out."""
    clock = ManualClock()
    at, state = waiting(tmp_path, clock)
    assert state.plan is not None
    assert isinstance(state.plan.remedy, Patch)
    at.answer(said(at, state))
    at.context = replace(at.context, incidents=cast("ports.Incidents", Crashing(at.context.incidents)))
    with pytest.raises(Crashed):
        at.run()
    other = bench(tmp_path, clock, at.world, autonomy="approve")
    opened(other, state, remedy=state.plan.remedy.model_copy(update={"summary": "something else"}))
    done = other.run()
    assert done.ending is not None
    assert done.ending.outcome is Outcome.ESCALATED
    assert "another plan" in done.ending.reason
    assert other.context.ledger.entries(INCIDENT) == ()


class Crashing:
    """An index whose process is killed when the plan says what it will change: the gate has opened, nothing is done."""

    def __init__(self, inner: ports.Incidents) -> None:
        self._inner = inner

    def find(self, incident: str) -> ports.Row | None:
        raise Crashed(incident)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def test_an_answer_that_a_person_gave_outlives_the_process_that_took_it(tmp_path: Path) -> None:
    """Killed right after it was written down: whoever goes on finds it, and nobody is asked again."""
    clock = ManualClock()
    at, state = waiting(tmp_path, clock)
    at.answer(said(at, state))
    other = bench(tmp_path, clock, at.world, autonomy="approve", holder="2:2", fate="dead")
    done = other.run()
    assert done.ending is not None
    assert done.ending.outcome is Outcome.HEALED, done.ending.reason


def test_an_answer_is_used_for_the_question_that_was_asked_and_for_no_later_one(tmp_path: Path) -> None:
    """Expired when the gate looked, it stays so: the same plan, asked about anew, waits for a new answer."""
    clock = ManualClock()
    at, state = waiting(tmp_path, clock)
    assert at.run(answer=said(at, state, expires_at=clock.now())).ending is None
    again = at.run()
    assert again.ending is None
    done = at.run(answer=said(at, again))
    assert done.ending is not None
    assert done.ending.outcome is Outcome.HEALED, done.ending.reason


def test_looking_again_without_an_answer_goes_on_waiting(tmp_path: Path) -> None:
    """The same alert comes in again."""
    at, _ = waiting(tmp_path, ManualClock())
    assert at.run().ending is None


def test_a_pause_holds_the_canary_where_it_is_and_resuming_goes_on(tmp_path: Path) -> None:
    """Longer than the stage's deadline: a pause by a person is no failure of the canary."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    clock.advance(30)
    paused = Control(paused=True, by="ada", reason="let me look", at=clock.now())
    seen: list[int] = []
    clock.after(4.0, lambda: at.context.incidents.set_control(INCIDENT, paused))
    clock.after(100.0, lambda: seen.extend(at.weights().values()))
    clock.after(101.0, lambda: at.context.incidents.set_control(INCIDENT, Control()))
    ending = at.heal()
    assert sorted(seen) == [10, 90]
    assert ending.outcome is Outcome.HEALED, ending.reason


def test_the_kill_switch_stops_a_running_canary_and_the_way_back_stays_open(tmp_path: Path) -> None:
    """Undo is exempt from it."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    before = at.weights()
    clock.advance(30)
    clock.after(5.0, lambda: at.context.incidents.set_control(None, Control(stop_all=True, by="ada")))
    ending = at.heal()
    assert ending.outcome is Outcome.ESCALATED
    assert at.weights() == before


def test_the_kill_switch_set_before_lets_nothing_through(tmp_path: Path) -> None:
    """It is a fact for the gate, too."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    at.context.incidents.set_control(None, Control(stop_all=True, by="ada"))
    clock.advance(30)
    assert at.heal().outcome is Outcome.REJECTED
    assert at.context.ledger.entries(INCIDENT) == ()
