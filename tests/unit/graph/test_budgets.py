"""What was used up: counted by what the ledger says was done, and never by what an ending says."""

from datetime import timedelta
from pathlib import Path

import pytest

from graph.effects import service_lock
from graph.evidence import usage
from graph.reports.vocabulary import sentence
from graph.state import Inquiry, Plan
from incident.evidence import Missing, Neighbours, Signals
from incident.workload import Commit, Deploy, Effect, SetWeights
from policies import limits
from policies.gates import flapping
from tests.unit.graph.desks import INCIDENT, Bench, bench
from tools.locks import sqlite_locks
from tools.ports import Busy, Lease, Row
from tools.scripted.clock import ManualClock
from tools.scripted.stage import Outage, Trouble
from tools.scripted.world import incident_world


def earlier(
    at: Bench, name: str, *, outcome: str = "healed", ago: float = 60.0, acted: bool = True, **changed: str
) -> None:
    """Another incident in the same world, that ended so many seconds ago."""
    case, then = at.case(), at.clock.now() - timedelta(seconds=ago)
    row = Row.model_validate(
        {
            "id": name,
            "world": case.world,
            "fingerprint": case.alert.identity,
            "starts_at": then,
            "service": "orders",
            "status": "closed",
            "outcome": outcome,
            "opened_at": then,
            "changed_at": then,
            **changed,
        }
    )
    at.context.incidents.claim(row.model_copy(update={"status": "open"}), "1:1")
    at.context.incidents.update(row)
    if acted:
        at.context.ledger.intend(f"key-{name}", name, {"service": row.service, "step": "deploy"}, then)
    else:
        at.context.ledger.intend(f"key-{name}", name, {"branch": f"suture/{name}"}, then)


@pytest.fixture
def at(tmp_path: Path) -> Bench:
    clock = ManualClock()
    return bench(tmp_path, clock, incident_world(clock))


def counted(at: Bench) -> tuple[int, int, int]:
    used = usage.used(at.context, at.case(), at.clock.now())
    return used.actions_last_hour, used.tries, used.failures


def test_nothing_was_used_up_at_first(at: Bench) -> None:
    assert counted(at) == (0, 0, 0)


@pytest.mark.parametrize(
    ("outcome", "used"),
    [("healed", (1, 1, 0)), ("rolled back", (1, 1, 1)), ("escalated", (1, 1, 1))],
)
def test_a_change_counts_however_it_ended(at: Bench, outcome: str, used: tuple[int, int, int]) -> None:
    """One that was taken back and then escalated was a change, and a failed one."""
    earlier(at, "inc-1", outcome=outcome)
    assert counted(at) == used


def test_what_only_wrote_to_a_branch_changed_nothing(at: Bench) -> None:
    earlier(at, "inc-1", outcome="escalated", acted=False)
    assert counted(at) == (0, 0, 0)


def test_actions_are_of_the_hour_and_tries_of_the_day(at: Bench) -> None:
    earlier(at, "inc-1", ago=3_601)
    assert counted(at) == (0, 1, 0)
    earlier(at, "inc-2", ago=86_401, outcome="rolled back")
    assert counted(at) == (0, 1, 0)


def test_another_alert_counts_as_an_action_and_not_as_a_try(at: Bench) -> None:
    earlier(at, "inc-1", fingerprint="another", service="stock", outcome="rolled back")
    assert counted(at) == (1, 0, 0)


def test_another_world_counts_for_nothing(at: Bench) -> None:
    earlier(at, "inc-1", world="another")
    assert counted(at) == (0, 0, 0)


def test_the_error_budget_is_measured_where_the_samples_reach_back(at: Bench) -> None:
    objective = limits.Objective(objective=0.99, window_seconds=60.0)
    found = usage.served(at.context, "orders", objective, at.clock.now())
    assert isinstance(found, Signals)
    assert found.requests > 0


def test_a_month_cannot_be_measured_in_a_world_of_minutes(at: Bench) -> None:
    """Then it is unknown, and unknown fills the factor."""
    assert isinstance(usage.served(at.context, "orders", limits.Objective(), at.clock.now()), Missing)


def test_metrics_that_do_not_answer_leave_the_budget_unknown(tmp_path: Path) -> None:
    clock = ManualClock()
    now = clock.now()
    outage = Outage(part="metrics", start=now, end=now + timedelta(hours=1))
    at = bench(tmp_path, clock, incident_world(clock, trouble=Trouble(outages=(outage,))))
    assert isinstance(usage.served(at.context, "orders", limits.Objective(window_seconds=60.0), now), Missing)


def moved(at: Bench, *versions: str) -> None:
    """Somebody sends all requests to one version after the other."""
    platform = at.world.platform
    for version in versions:
        now = platform.read("orders")
        at.clock.advance(10)
        if now.version(version) is None:
            deploy = Deploy(
                version=version, source=Commit(commit=now.versions[0].commit), config_from=now.versions[0].name
            )
            now = platform.change("orders", deploy, revision=now.revision, effect=Effect())
        platform.change("orders", SetWeights(weights={version: 100}), revision=now.revision, effect=Effect())


def test_a_service_that_went_back_and_forth_is_left_to_a_person(at: Bench) -> None:
    """Whoever moved it: the next move would be the next swing."""
    moved(at, "v9", "v1")
    at.clock.advance(30)
    state = at.run(at.open())
    assert state.ending is None
    assert state.plan is not None
    assert state.plan.gate is not None
    assert state.plan.gate.kind == "hold"
    assert "version went v1→v9→v1" in sentence(state.plan.gate.reason)
    assert at.context.ledger.entries(INCIDENT) == ()


def test_control_one_move_without_a_return_is_no_reason_to_ask(at: Bench) -> None:
    """The same commit under another name, moved to once: the gate lets it through."""
    moved(at, "v9")
    at.clock.advance(30)
    facts = usage.moves(at.context, "orders", at.clock.now())
    assert facts
    assert not flapping.returned(facts, at.clock.now(), at.context.settings.limits.reach.flap_seconds)


@pytest.mark.parametrize(("taken", "granted"), [("stock", False), ("orders", False), ("elsewhere", True)])
def test_one_plan_acts_on_a_service_and_its_direct_neighbours(at: Bench, taken: str, granted: bool) -> None:
    """Whoever changes a neighbour, or the service itself, is waited for; who works elsewhere is in nobody's way."""
    others = sqlite_locks.open(at.home.locks, at.clock)
    name = service_lock.scoped(at.world.platform.world(), taken)
    others.acquire("another", exclusive=(name,), shared=(), seconds=3_600.0, wait=0.0)
    around = at.world.traces.neighbours("orders")
    assert isinstance(around, Neighbours)
    plan = Plan(kind="restart", base="c0", stable="v1")
    state = at.open().model_copy(update={"inquiry": Inquiry(neighbours=around), "plan": plan})
    answer = service_lock.take(at.context, state)
    at.context.lease_keeper.stop()
    assert isinstance(answer, Lease if granted else Busy)
