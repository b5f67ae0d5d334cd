"""Whole incidents with a model over a real socket, on the simulated world and in virtual time.

Models are asked before anything is changed, so an endpoint that is killed in the middle leaves nothing half done.
"""

from pathlib import Path

import pytest
from langchain_core.language_models import BaseChatModel

from agents.models import factory
from agents.models.ranked import Ranked
from incident.ending import Outcome
from incident.record import Answered
from tests.integration.endpoint.conftest import Provide
from tests.unit.graph.desks import INCIDENT, Bench, bench
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world

QUESTIONS = 5
"""What the playbook behind the provider needs: two for the cause, two for the patch, one for the review."""

PATIENCE = 200.0
"""Seconds of one run of an agent at most: its budget of 120, and one answer more."""


def endpoint(url: str) -> BaseChatModel:
    return factory.build("stub", url, "none", clock=ManualClock())


def at(folder: Path, model: BaseChatModel) -> tuple[Bench, ManualClock]:
    clock = ManualClock()
    found = bench(folder, clock, incident_world(clock), model=model)
    clock.advance(30)
    return found, clock


def runs(found: Bench) -> list[Answered]:
    return [record.event for record in found.records if isinstance(record.event, Answered)]


def test_control_an_endpoint_that_stays_heals(tmp_path: Path, provide: Provide) -> None:
    found, _ = at(tmp_path, endpoint(provide("ok")))
    ending = found.heal()
    assert ending.outcome is Outcome.HEALED, ending.reason
    assert sum(run.steps for run in runs(found)) == QUESTIONS
    assert all(run.input_tokens == 900 * run.steps for run in runs(found))


@pytest.mark.parametrize("answered", range(QUESTIONS))
def test_an_endpoint_that_is_killed_ends_in_a_bounded_wait_and_a_person(
    tmp_path: Path, mortal: Provide, answered: int
) -> None:
    found, clock = at(tmp_path, endpoint(mortal(*["ok"] * answered, "die")))
    before, start = found.weights(), clock.monotonic()
    ending = found.heal()
    assert ending.outcome is Outcome.ESCALATED
    assert "cannot be reached" in ending.reason
    assert clock.monotonic() - start < PATIENCE
    assert found.weights() == before
    assert found.context.ledger.entries(INCIDENT) == ()
    assert found.told.said
    assert runs(found)[-1].ended == "gone"
    assert sum(run.steps for run in runs(found)) == answered


@pytest.mark.parametrize("answered", range(QUESTIONS))
def test_the_playbook_takes_over_when_it_is_configured_to(tmp_path: Path, provide: Provide, answered: int) -> None:
    model = Ranked(models=(endpoint(provide(*["ok"] * answered, "503")), factory.build("playbook")))
    found, _ = at(tmp_path, model)
    ending = found.heal()
    assert ending.outcome is Outcome.HEALED, ending.reason
    assert any(run.passed_over for run in runs(found))


def test_a_rate_limit_is_waited_for_and_the_incident_is_healed(tmp_path: Path, provide: Provide) -> None:
    """Scenario 18: every question is refused once, with a pause to keep."""
    found, clock = at(tmp_path, endpoint(provide(*["429:7", "ok"] * QUESTIONS, "ok")))
    start = clock.monotonic()
    ending = found.heal()
    assert ending.outcome is Outcome.HEALED, ending.reason
    assert clock.monotonic() - start >= 7 * QUESTIONS


def test_control_a_rate_limit_that_asks_for_too_long_is_not_waited_for(tmp_path: Path, provide: Provide) -> None:
    found, clock = at(tmp_path, endpoint(provide("429:3600")))
    start = clock.monotonic()
    ending = found.heal()
    assert ending.outcome is Outcome.ESCALATED
    assert "it asks for 3600 s more" in ending.reason
    assert clock.monotonic() - start < 30
    assert found.context.ledger.entries(INCIDENT) == ()


def test_an_expired_key_is_one_sentence_to_a_person(tmp_path: Path, provide: Provide) -> None:
    found, _ = at(tmp_path, endpoint(provide("ok", "401")))
    ending = found.heal()
    assert ending.outcome is Outcome.ESCALATED
    assert "OPENAI_API_KEY" in ending.reason
    assert "\n" not in ending.reason
    assert found.context.ledger.entries(INCIDENT) == ()
