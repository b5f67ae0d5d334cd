"""A service whose source cannot be read is diagnosed all the same; what needs no source may be done, nothing else."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue

from graph.evidence import workspace
from graph.reports import conclusion, report
from graph.state import State
from incident.alert import Payload
from incident.control import Approval
from incident.decision import Hold
from incident.diagnosis import ConfigCause, DeployCause, UnknownCause
from incident.ending import Ending, Outcome
from incident.errors import Refused, Unavailable
from incident.evidence import Dossier
from incident.gaps import why_unread
from incident.record import Closed, Diagnosed, Gathered, Proposed
from incident.remedy import RevertConfig, RollBack
from tests.unit.graph import sourceless
from tests.unit.graph.desks import INCIDENT, Bench
from tests.unit.graph.sourceless import WITHOUT, configured, grown_up, released, uncommitted
from tools.scripted.clock import ManualClock
from tools.scripted.world import ScriptedWorld


def played(desk: Bench) -> State:
    desk.clock.advance(20)
    return desk.run(desk.open())


def dossiers(desk: Bench) -> list[Dossier]:
    return [record.event.dossier for record in desk.records if isinstance(record.event, Gathered)]


def causes(desk: Bench) -> list[Any]:
    found = (record.event.diagnosis for record in desk.records if isinstance(record.event, Diagnosed))
    return [hypothesis.cause for diagnosis in found for hypothesis in diagnosis.hypotheses]


def proposed(desk: Bench) -> list[Any]:
    return [record.event.remedy for record in desk.records if isinstance(record.event, Proposed)]


def ending(desk: Bench) -> Ending:
    return next(record.event.ending for record in reversed(desk.records) if isinstance(record.event, Closed))


def yes(desk: Bench, state: State) -> dict[str, JsonValue]:
    """A person's yes to the plan that is asked about."""
    assert state.plan is not None
    assert state.plan.remedy is not None
    now = desk.clock.now()
    digest, base, until = state.plan.remedy.digest(), state.plan.base, now + timedelta(hours=1)
    said = Approval(plan_digest=digest, base=base, approved=True, by="ada", os_user="ada", at=now, expires_at=until)
    return said.model_dump(mode="json")


@pytest.mark.parametrize("how", ["unset", "unreachable", "other commits"])
def test_a_bad_release_is_named_and_rolled_back_when_a_person_answers_for_its_data(tmp_path: Path, how: str) -> None:
    """That the earlier version fits the data cannot be seen without source, and what is not known is no pass."""
    desk = sourceless.at(tmp_path, released, WITHOUT[how]())
    state = played(desk)
    assert state.ending is None
    assert [cause.version for cause in causes(desk) if isinstance(cause, DeployCause)] == ["v2"]
    assert state.plan is not None
    assert isinstance(state.plan.gate, Hold)
    assert state.plan.gate.liftable
    assert state.plan.gate.reason.values["check"] == "target fits the data"
    assert desk.weights() == {"v1": 0, "v2": 100}
    assert desk.context.ledger.entries(INCIDENT) == ()
    waits = Ending(outcome=Outcome.WAITING, reason="")
    asked = conclusion.conclude(tuple(desk.records), INCIDENT, "orders", waits)
    assert "orders deploy of v2 after v1" in asked.lines[0]
    done = desk.run(answer=yes(desk, state))
    assert done.ending is not None
    assert done.ending.outcome is Outcome.HEALED, done.ending.reason
    assert desk.weights()["v1"] == 100
    assert [type(remedy) for remedy in proposed(desk)] == [RollBack]
    assert "The source of orders was not looked at: " in ending(desk).lines[0]


@pytest.mark.parametrize("how", ["unset", "unreachable"])
def test_a_changed_setting_is_reverted_without_any_source(tmp_path: Path, how: str) -> None:
    desk = sourceless.at(tmp_path, configured, WITHOUT[how]())
    done = played(desk)
    assert done.ending is not None
    assert done.ending.outcome is Outcome.HEALED, done.ending.reason
    assert [cause.key for cause in causes(desk) if isinstance(cause, ConfigCause)] == ["PATIENCE"]
    assert [type(remedy) for remedy in proposed(desk)] == [RevertConfig]
    (running,) = desk.world.platform.read("orders").versions
    assert running.config == {"PATIENCE": "2"}
    assert "The source of orders was not looked at: " in ending(desk).lines[0]


@pytest.mark.parametrize("how", WITHOUT)
def test_without_source_and_without_any_change_a_person_gets_what_was_found(tmp_path: Path, how: str) -> None:
    """Never healed by a guess: no code is blamed, nothing is proposed, nothing is written."""
    desk = sourceless.at(tmp_path, grown_up, WITHOUT[how]())
    before = desk.world.platform.read("orders")
    done = played(desk)
    assert done.ending is not None
    assert done.ending.outcome is Outcome.ESCALATED
    assert {type(cause) for cause in causes(desk)} == {UnknownCause}
    assert proposed(desk) == []
    assert desk.world.platform.read("orders") == before
    assert desk.context.ledger.entries(INCIDENT) == ()
    said, rendered = ending(desk), report.render(tuple(desk.records))
    # What was found is in the first line: the errors, the figures, and what is missing with its reason.
    assert "AttributeError" in said.lines[0]
    assert "requests of orders until" in said.lines[0]
    (missing,) = {why_unread(dossier) for dossier in dossiers(desk) if dossier.service == "orders"}
    assert missing
    assert f"source of orders ({missing})" in said.lines[0]
    assert f"source of orders ({missing})" in rendered


def test_control_with_its_source_the_same_incident_blames_code(tmp_path: Path) -> None:
    desk = sourceless.at(tmp_path, grown_up, grown_up(ManualClock()).repository, prover=None)
    done = played(desk)
    assert done.ending is not None
    assert done.ending.outcome is Outcome.HEALED, done.ending.reason
    assert not any(map(why_unread, dossiers(desk)))


def test_a_service_that_the_failing_requests_lead_to_is_diagnosed_without_source_as_well(tmp_path: Path) -> None:
    """The alert names storefront, and the requests fail in orders."""
    desk = sourceless.at(tmp_path, grown_up, WITHOUT["no entry"]())
    desk.clock.advance(20)
    state = desk.open()
    alert = state.case.alert.model_copy(update={"labels": {**state.case.alert.labels, "service": "storefront"}})
    case = state.case.model_copy(update={"alert": alert, "service": "storefront", "payload": Payload(alerts=(alert,))})
    done = desk.run(state.model_copy(update={"case": case}))
    assert done.ending is not None
    assert done.ending.outcome is Outcome.ESCALATED
    first = dossiers(desk)[0]
    assert first.service == "orders"
    assert why_unread(first)
    assert first.of("error_group")
    assert desk.context.ledger.entries(INCIDENT) == ()


def test_without_leave_to_act_nothing_is_written(tmp_path: Path) -> None:
    desk = sourceless.at(tmp_path, configured, WITHOUT["unset"](), autonomy="propose")
    before = desk.world.platform.read("orders")
    assert played(desk).ending is None
    assert desk.world.platform.read("orders") == before
    assert desk.context.ledger.entries(INCIDENT) == ()


def test_a_release_whose_commits_nobody_knows_is_rolled_back_to_what_the_platform_has_kept(tmp_path: Path) -> None:
    desk = sourceless.at(tmp_path, lambda clock: uncommitted(released(clock)), WITHOUT["unset"]())
    state = played(desk)
    done = desk.run(answer=yes(desk, state))
    assert done.ending is not None
    assert done.ending.outcome is Outcome.HEALED, done.ending.reason
    assert desk.weights()["v1"] == 100


def test_a_version_whose_commit_nobody_knows_is_not_started_from_a_commit(tmp_path: Path) -> None:
    """The earlier version is gone and the platform keeps none: a person is asked, and nothing is begun."""

    def gone(clock: ManualClock) -> ScriptedWorld:
        world = uncommitted(released(clock))
        state = world.stage.state
        orders = state.services["orders"]
        able = orders.able.model_copy(update={"sources": ("commit",)})
        left = orders.workload.model_copy(update={"versions": orders.workload.versions[1:]})
        changed = orders.model_copy(update={"able": able, "workload": left})
        world.stage.state = state.model_copy(update={"services": {**state.services, "orders": changed}})
        return world

    desk = sourceless.at(tmp_path, gone, WITHOUT["unset"]())
    state = played(desk)
    assert state.plan is not None
    assert isinstance(state.plan.gate, Hold)
    assert not state.plan.gate.liftable
    assert desk.context.ledger.entries(INCIDENT) == ()


def test_a_repository_that_answers_again_within_seconds_costs_no_knowledge(tmp_path: Path) -> None:
    class Waking:
        """Silent for the first three questions."""

        def __init__(self, behind: Any) -> None:
            self._behind, self._left = behind, 3

        def __getattr__(self, name: str) -> Any:
            if self._left:
                self._left -= 1
                return getattr(sourceless.Silent(), name)
            return getattr(self._behind, name)

    desk = sourceless.at(tmp_path, grown_up, Waking(grown_up(ManualClock()).repository), prover=None)
    done = played(desk)
    assert done.ending is not None
    assert done.ending.outcome is Outcome.HEALED, done.ending.reason
    assert not any(map(why_unread, dossiers(desk)))


def test_a_source_that_is_gone_after_the_evidence_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    """The record says that it was looked at; then nothing goes on without it."""
    desk = sourceless.at(tmp_path, grown_up, grown_up(ManualClock()).repository, prover=None)
    desk.clock.advance(20)
    state = desk.open()
    dossier = Dossier(service="orders", onset=desk.clock.now(), evidence=())
    for how, error in (("no entry", Refused), ("silent", Unavailable)):
        desk.context.world.repository = WITHOUT[how]()
        with pytest.raises(error):
            workspace.view(desk.context, state.case, dossier)
