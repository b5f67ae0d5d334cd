"""An alert that no rule of the world tells of is diagnosed and reported; what would be done waits for a person."""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import JsonValue

from graph.config import leave
from graph.evidence import verification
from graph.journal import Journal
from graph.reports.vocabulary import sentence
from graph.state import State
from incident.alert import Alert, Payload, fingerprint_of
from incident.control import Approval
from incident.ending import Outcome
from incident.evidence import Condition, Missing
from incident.proof import Proof
from incident.record import Decided, Diagnosed
from incident.workload import Effect
from policies import limits
from policies.policy import C, F, Judgement, Policy, R
from tests.unit.graph.desks import INCIDENT, Bench, bench
from tools import ports
from tools.records import process
from tools.records.marks import Marks
from tools.scripted.clock import ManualClock
from tools.scripted.state import Behaviour
from tools.scripted.world import HEALTHY, SICK, incident_world

ABSENT = "(absent)"


def opened(at: Bench, **labels: str) -> State:
    """The first state of an incident that an alert with these labels opens."""
    plain = {"alertname": "HighErrorRate", "service": "orders", **labels}
    named = {key: value for key, value in plain.items() if value != ABSENT}
    alert = Alert(status="firing", labels=named, starts_at=at.clock.now(), fingerprint=fingerprint_of(named))
    case = at.case().model_copy(update={"alert": alert, "payload": Payload(alerts=(alert,))})
    now = at.clock.now()
    at.context.incidents.claim(
        ports.Row(
            id=INCIDENT,
            world=case.world,
            fingerprint=alert.identity,
            starts_at=alert.starts_at,
            service="orders",
            status="open",
            opened_at=now,
            changed_at=now,
        ),
        "1:1",
    )
    return State(case=case)


def fresh_release(folder: Path, *, sick: Behaviour = SICK, healthy: bool = False) -> Bench:
    """Under full autonomy, a release of a minute ago; it is sick unless told otherwise."""
    clock = ManualClock()
    world = incident_world(clock, wakes_in=None if healthy else -300.0, sick=sick, deployed_ago=30.0)
    at = bench(folder, clock, world)
    clock.advance(60)
    return at


def untouched(at: Bench) -> bool:
    workload = at.world.platform.read("orders")
    return (workload.revision, workload.effect) == ("r3", Effect()) and at.context.ledger.entries(INCIDENT) == ()


def answer(at: Bench, state: State, **changed: Any) -> dict[str, Any]:
    """A person's yes to the plan that waits."""
    assert state.plan is not None
    assert state.plan.remedy is not None
    now = at.clock.now()
    said = Approval(
        plan_digest=state.plan.remedy.digest(), base=state.plan.base, approved=True, by="ada", os_user="ada",
        at=now, expires_at=now + timedelta(hours=1),
    )  # fmt: skip
    return {**said.model_dump(mode="json"), **changed}


ODD = {"alertname": "CPUThrottlingHigh", "severity": "info"}
"""An alert of a rule that the world does not serve, sent for information."""


def test_a_healthy_service_keeps_its_fresh_release_when_an_alert_informs(tmp_path: Path) -> None:
    at = fresh_release(tmp_path, healthy=True)
    state = at.run(opened(at, **ODD))
    assert untouched(at)
    assert state.ending is None or state.ending.outcome is Outcome.ESCALATED
    assert any(isinstance(record.event, Diagnosed) for record in at.records), "it is diagnosed all the same"


class Careless(Journal):
    """The guards off: the alert counts as served and graded, and the version before as better."""

    def decide(self, node: str, policy: Policy[F, C, R], facts: F) -> Judgement[C, R]:
        if policy.name == "reach_gate.judge":
            facts = facts.model_copy(update={"verified_by": "own rule", "severities": ()})
        if policy.name == "gates.open":
            facts = facts.model_copy(update={"verified_by": "own rule"})
        if policy.name == "remedies.rank":
            facts = facts.model_copy(update={"earlier": None, "running": None})
        if policy.name == "proof_gate.judge":
            proof = getattr(facts, "proof", None)
            if isinstance(proof, Proof):
                checks = tuple(check.model_copy(update={"outcome": "passed"}) for check in proof.checks)
                facts = facts.model_copy(update={"proof": proof.model_copy(update={"checks": checks})})
        return super().decide(node, policy, facts)


def test_control_without_the_guards_it_loses_it(tmp_path: Path) -> None:
    at = fresh_release(tmp_path, healthy=True)
    careless = Careless(INCIDENT, at.context.folder, at.context.audit, at.clock, lambda value: value, at.records.append)
    at.context = replace(at.context, journal=careless)
    at.run(opened(at, **ODD))
    assert not untouched(at)


@pytest.mark.parametrize(
    "labels",
    [
        {"alertname": "Odd"},
        {"alertname": "HighErrorRate", "severity": "info"},
        {"service": ABSENT, "job": "orders", "tier": "stock"},
        {"alertname": ""},
    ],
    ids=["no such rule", "not the rule's own labels", "two rules fit", "no name"],
)
def test_what_no_rule_tells_of_waits_although_everything_else_lets_it_through(
    tmp_path: Path, labels: dict[str, str]
) -> None:
    at = fresh_release(tmp_path)
    state = at.run(opened(at, **labels))
    assert state.case.unserved
    assert state.ending is None, "it waits"
    assert state.plan is not None
    assert state.plan.gate is not None
    assert "a person must name a rule to verify by" in sentence(state.plan.gate.reason)
    assert untouched(at)


def test_a_rule_about_another_service_tells_nothing_about_this_one() -> None:
    """An alert's sender may write any service's name into any label."""
    metrics = incident_world(ManualClock()).metrics
    labels = {"job": "orders", "pod": "stock"}
    fits = Alert(status="firing", labels=labels, starts_at=ManualClock().now(), fingerprint="")

    class OneRule:
        def rule(self, name: str, labels: Mapping[str, str]) -> Condition | Missing:
            return metrics.rule("HighErrorRate", {"service": "stock"})

    only = cast("ports.Metrics", OneRule())
    assert verification.own(only, fits, "orders") == Missing(
        reason="the world's rule HighErrorRate is about stock and not about orders"
    )
    assert isinstance(verification.own(only, fits, "stock"), Condition), "the control"
    assert isinstance(verification.named(only, "HighErrorRate", "orders"), Missing)


def test_control_the_same_release_is_rolled_back_when_the_rule_is_served(tmp_path: Path) -> None:
    at = fresh_release(tmp_path)
    state = at.run(opened(at))
    assert state.ending is not None
    assert state.ending.outcome is Outcome.HEALED
    assert not untouched(at)


@pytest.mark.parametrize("rule", ["", "Odd", "NoSuchRule"])
def test_a_yes_that_names_no_served_rule_opens_nothing(tmp_path: Path, rule: str) -> None:
    at = fresh_release(tmp_path)
    state = at.run(opened(at, alertname="Odd"))
    again = at.run(answer=answer(at, state, verify_by=rule))
    assert again.ending is None
    assert untouched(at)


def test_a_yes_with_a_rule_is_verified_by_that_rule(tmp_path: Path) -> None:
    at = fresh_release(tmp_path)
    state = at.run(opened(at, alertname="Odd"))
    healed = at.run(answer=answer(at, state, verify_by="HighErrorRate"))
    assert healed.ending is not None
    assert healed.ending.outcome is Outcome.HEALED
    assert healed.case.verify_by == "HighErrorRate"
    facts = [
        record.event.facts
        for record in at.records
        if isinstance(record.event, Decided) and record.event.decision.policy == "verify.judge"
    ]
    assert facts
    assert all(one["condition"]["name"] == "HighErrorRate" for one in facts)  # type: ignore[index,call-overload]


def test_a_rule_named_for_another_plan_is_not_taken(tmp_path: Path) -> None:
    at = fresh_release(tmp_path)
    state = at.run(opened(at, alertname="Odd"))
    again = at.run(answer=answer(at, state, verify_by="HighErrorRate", plan_digest="another"))
    assert again.ending is None
    assert (again.case.verify_by, again.case.condition) == ("", None)
    assert untouched(at)


def test_both_versions_failing_alike_do_not_blame_the_fresh_release(tmp_path: Path) -> None:
    """The alert is real and its rule is served; but what fails failed before the release just as much."""
    alike = HEALTHY.model_copy(update={"other": 0.12})
    clock = ManualClock()
    world = incident_world(clock, wakes_in=None, deployed_ago=30.0)
    state = world.stage.state
    every = dict.fromkeys(state.behaviours, alike)
    orders = state.services["orders"]
    splits = tuple(one.model_copy(update={"behaviours": dict.fromkeys(one.behaviours, alike)}) for one in orders.splits)
    services = {**state.services, "orders": orders.model_copy(update={"splits": splits})}
    world.stage.state = state.model_copy(update={"behaviours": every, "services": services, "otherwise": alike})
    at = bench(tmp_path, clock, world)
    clock.advance(60)
    at.run(opened(at))
    assert untouched(at)


@pytest.mark.parametrize(("known", "asks"), [(("critical",), False), (("page",), True), ((), True), (("*",), False)])
def test_a_severity_that_is_not_listed_is_a_persons(tmp_path: Path, known: tuple[str, ...], asks: bool) -> None:
    at = fresh_release(tmp_path)
    reach = limits.Reach(severities=known)
    chosen = at.context.settings.limits.model_copy(update={"reach": reach})
    at.context = replace(at.context, settings=at.context.settings.model_copy(update={"limits": chosen}))
    state = at.run(opened(at, severity="critical"))
    assert (state.ending is None) is asks
    assert untouched(at) is asks


def another(at: Bench, status: str, **labels: str) -> None:
    """An incident that another alert about the same service opened before, under full autonomy."""
    named = {"alertname": "HighErrorRate", "service": "orders", **labels}
    alert = Alert(status="firing", labels=named, starts_at=at.clock.now(), fingerprint=fingerprint_of(named))
    case = at.case().model_copy(update={"incident": "inc-before", "alert": alert, "payload": Payload(alerts=(alert,))})
    before = at.clock.now() - timedelta(seconds=1)
    row = ports.Row(
        id="inc-before", world=case.world, fingerprint=alert.identity, starts_at=alert.starts_at, service="orders",
        status="open", opened_at=before, changed_at=before,
        opening=leave.opened(at.context.settings, case, Marks(b"0" * 32)),
    )  # fmt: skip
    held = at.context.incidents.claim(row, process.holder(os.getpid()))
    assert held is not None
    if status == "waiting":
        at.context.incidents.update(held.model_copy(update={"status": "waiting", "holder": ""}))


@pytest.mark.parametrize("status", ["open", "waiting"])
@pytest.mark.parametrize(
    ("labels", "yields"),
    [(ODD, False), ({"alertname": "Odd"}, False), ({"severity": "info"}, False), ({"pod": "b"}, True)],
    ids=["informs", "no rule", "contradicts its rule", "alarms"],
)
def test_what_only_informs_does_not_make_an_alarm_end_unheard(
    tmp_path: Path, status: str, labels: dict[str, str], yields: bool
) -> None:
    """Anybody who may send an alert could otherwise keep a service from being healed, by naming it first."""
    at = fresh_release(tmp_path)
    another(at, status, **labels)
    state = at.run(opened(at))
    outcome = "waits" if state.ending is None else str(state.ending.outcome.value)
    assert outcome == ({"open": "no action", "waiting": "waits"}[status] if yields else "healed")
    assert untouched(at) is yields


def test_a_plan_that_a_person_refused_is_not_made_because_another_alert_comes(tmp_path: Path) -> None:
    """The trouble told once more, with a label more, under full autonomy."""
    at = fresh_release(tmp_path)
    closer = at.context.settings.limits.model_copy(update={"reach": limits.Reach(severities=())})
    at.context = replace(at.context, settings=at.context.settings.model_copy(update={"limits": closer}))
    state = at.run(opened(at, severity="critical"))
    assert state.plan is not None
    assert state.plan.remedy is not None
    digest = state.plan.remedy.digest()
    row = at.context.incidents.find(INCIDENT)
    assert row is not None
    body: dict[str, JsonValue] = {"incident": "inc-refused", "plan_digest": digest, "approved": False}
    at.context.audit.append(at.clock.now(), "ada", "answered", body)
    earlier = row.model_copy(
        update={"id": "inc-refused", "fingerprint": "another", "status": "closed", "outcome": "rejected", "holder": ""}
    )
    at.context.incidents.claim(earlier, "1:1")
    assert "a person refused this very plan in inc-refused" in judged(at)
    at.clock.advance(24 * 3600 + 1)
    assert "refused" not in judged(at), "the next day is another day"


def judged(at: Bench) -> str:
    """What the gate Reach has against the plan when it looks again."""
    before = len(at.records)
    at.run()
    decisions = [record.event.decision for record in at.records[before:] if isinstance(record.event, Decided)]
    (reach,) = [decision for decision in decisions if decision.policy == "reach_gate.judge"]
    return " ".join(sentence(item.detail) for item in reach.constraints if not item.held)
