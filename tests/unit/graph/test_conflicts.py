"""Two incidents near each other: what the policy says about their plans is what happens."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from incident.declared_plan import DeclaredPlan
from incident.ending import Outcome
from incident.evidence import Neighbours
from incident.record import Intended
from incident.workload import Effect
from tests.unit.graph.desks import INCIDENT, Bench, bench
from tools.ports import Row
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world

OTHER = "inc-other"


def other(at: Bench, declared: DeclaredPlan, *, opened_ago: float = 60.0) -> Row:
    """Another open incident of the same world, whose diagnosis led it to the service of this stake."""
    now = at.clock.now()
    row = Row(
        id=OTHER,
        world=at.world.platform.world(),
        fingerprint="other",
        starts_at=now,
        service="mail",
        status="open",
        declared=declared,
        opened_at=now - timedelta(seconds=opened_ago),
        changed_at=now,
    )
    claimed = at.context.incidents.claim(row, "2:2")
    assert claimed is not None
    return claimed


def ends(at: Bench, row: Row) -> datetime:
    """The other incident is over; returns when."""
    at.context.incidents.update(row.model_copy(update={"status": "closed", "outcome": "healed", "declared": None}))
    return at.clock.now()


def first_effect(at: Bench) -> datetime | None:
    return next((record.at for record in at.records if isinstance(record.event, Intended)), None)


def test_a_plan_waits_for_the_fix_of_a_service_below_and_starts_again_at_the_evidence(tmp_path: Path) -> None:
    """The stock is being mended while orders is sick: nothing is changed until that is over, and then it is looked at anew."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    clock.advance(30)
    row = other(at, DeclaredPlan(service="stock", change="x", acting=True))
    over: list[datetime] = []
    clock.after(25.0, lambda: over.append(ends(at, row)))
    ending = at.heal()
    assert ending.outcome is Outcome.HEALED, ending.reason
    assert at.decided("conflicts.judge") == ["order", "independent", "independent"]
    effect = first_effect(at)
    assert effect is not None
    assert effect >= over[0]
    assert len([record for record in at.records if record.event.kind == "diagnosed"]) == 2


def test_control_a_plan_far_away_makes_nobody_wait(tmp_path: Path) -> None:
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    clock.advance(30)
    other(at, DeclaredPlan(service="mail", change="x", acting=True))
    assert at.heal().outcome is Outcome.HEALED
    assert at.decided("conflicts.judge") == ["independent"]
    assert len([record for record in at.records if record.event.kind == "diagnosed"]) == 1


def test_the_same_service_is_waited_for_and_what_did_not_change_need_not_be_found_out_again(tmp_path: Path) -> None:
    """A diagnosis moved to our service while we were at work: they end, nothing has changed, the plan still holds."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    clock.advance(30)
    state = at.open()
    row = other(at, DeclaredPlan(service="orders", change="x", acting=True), opened_ago=-1.0)
    over: list[datetime] = []
    clock.after(25.0, lambda: over.append(ends(at, row)))
    ended = at.run(state).ending
    assert ended is not None
    assert ended.outcome is Outcome.HEALED, ended.reason
    assert at.decided("conflicts.judge") == ["wait", "independent"]
    effect = first_effect(at)
    assert effect is not None
    assert effect >= over[0]
    assert len([record for record in at.records if record.event.kind == "diagnosed"]) == 1


def test_when_the_fix_below_mended_ours_too_nothing_is_changed(tmp_path: Path) -> None:
    clock = ManualClock()
    world = incident_world(clock)
    at = bench(tmp_path, clock, world)
    clock.advance(30)
    row = other(at, DeclaredPlan(service="stock", change="x", acting=True))

    def mends() -> None:
        world.stage.state = world.stage.state.model_copy(update={"wakes_at": clock.now() + timedelta(days=1)})

    clock.after(20.0, mends)
    clock.after(60.0, lambda: ends(at, row))
    ending = at.heal()
    assert ending.outcome is Outcome.NO_ACTION, ending.reason
    assert "recovered while this incident waited for another one's change" in ending.reason
    assert at.context.ledger.entries(INCIDENT) == ()


def test_waiting_for_others_ends_with_a_person_and_nothing_touched(tmp_path: Path) -> None:
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    clock.advance(30)
    other(at, DeclaredPlan(service="stock", change="x", acting=True))
    ending = at.heal()
    assert ending.outcome is Outcome.ESCALATED
    assert "waited 1800 s in vain" in ending.reason
    assert at.context.ledger.entries(INCIDENT) == ()
    assert at.world.platform.read("orders").effect == Effect()


@pytest.mark.parametrize("status", ["waiting", "closed"])
def test_a_plan_counts_that_goes_on_after_an_answer_and_one_that_is_over_does_not(tmp_path: Path, status: str) -> None:
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    clock.advance(30)
    state = at.open()
    own = at.context.incidents.find(INCIDENT)
    assert own is not None
    at.context.incidents.update(own.model_copy(update={"status": "waiting"}))
    row = other(at, DeclaredPlan(service="stock", change="x", acting=True))
    at.context.incidents.update(row.model_copy(update={"status": status}))
    if status == "waiting":
        clock.after(25.0, lambda: ends(at, row))
    at.run(state)
    assert at.decided("conflicts.judge")[0] == ("order" if status == "waiting" else "independent")


def test_what_a_plan_changes_is_in_its_row_while_it_acts(tmp_path: Path) -> None:
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    clock.advance(30)
    seen: list[DeclaredPlan | None] = []

    def look() -> None:
        row = at.context.incidents.find(INCIDENT)
        seen.append(row.declared if row else None)

    clock.after(4.0, look)
    at.heal()
    assert seen[0] is not None
    assert (seen[0].service, seen[0].acting, seen[0].function) == ("orders", True, "discount")
    around = at.context.world.traces.neighbours("orders")
    assert isinstance(around, Neighbours)
    assert seen[0].callees == around.callees


@pytest.mark.parametrize("switch", ["aborted", "stop_all"])
def test_a_person_may_stop_one_that_waits(tmp_path: Path, switch: str) -> None:
    from incident.control import Control  # noqa: PLC0415 (only this test needs it)

    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    clock.advance(30)
    other(at, DeclaredPlan(service="stock", change="x", acting=True))
    control = Control.model_validate({switch: True, "by": "ada", "at": clock.now()})
    whom = None if switch == "stop_all" else INCIDENT
    clock.after(15.0, lambda: at.context.incidents.set_control(whom, control))
    ending = at.heal()
    assert ending.outcome is Outcome.ESCALATED
    assert "ada" in ending.reason
    assert at.context.ledger.entries(INCIDENT) == ()
