"""Each misbehaviour of a provider, over a real socket: an answer, a bounded wait, or one sentence without the key."""

import pytest

from agents import prompts, rca
from agents.budget import Budget
from agents.loop import account
from agents.models import factory
from incident.diagnosis import CodeCause
from incident.record import Answered
from tests.integration.endpoint.conftest import Provide
from tests.unit.agents import doubles
from tools import ports
from tools.clock import SystemClock
from tools.scripted.clock import ManualClock

KEY = "sk-very-secret-0123456789"

QUICK = Budget(seconds=30, answer_seconds=4.0, patience_seconds=3.0)
"""Longer than a busy machine needs for an answer, shorter than anybody wants to wait for a test."""


def asked(url: str, *, streamed: bool = False, clock: ports.Clock | None = None) -> tuple[bool, Answered]:
    """Whether the cause was found, and the record of the run."""
    clock = clock or SystemClock()
    model = factory.build("stub", url, KEY, streamed=streamed, clock=clock)
    bench = doubles.view(doubles.group())
    diagnosis, answered = rca.investigate(bench, model, prompts.shipped("rca"), QUICK, clock)
    return isinstance(diagnosis.leading.cause, CodeCause), answered


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("move", ["ok", "twice", "unforced"])
def test_a_provider_that_answers_in_its_own_way_is_understood(provide: Provide, move: str, *, streamed: bool) -> None:
    found, answered = asked(provide(move), streamed=streamed)
    assert found, answered
    assert answered.input_tokens == 900 * answered.steps


def test_what_is_not_counted_is_estimated(provide: Provide) -> None:
    found, answered = asked(provide("uncounted"))
    assert found
    assert answered.estimated
    assert answered.input_tokens > 0


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("move", ["429:1", "500", "503", "reset", "half", "hang", "drip"])
def test_what_passes_is_waited_for(provide: Provide, move: str, *, streamed: bool) -> None:
    found, answered = asked(provide(move, "ok"), streamed=streamed)
    assert found, answered


@pytest.mark.parametrize("move", ["prose", "empty", "refusal", "wrong_tool", "truncated"])
def test_what_a_model_can_mend_it_is_told(provide: Provide, move: str) -> None:
    found, answered = asked(provide("ok", move, "ok"))
    assert found, answered
    assert answered.ended == "answered"


GONE = ("429:1", "503", "reset", "half", "hang", "drip", "html", "null")


@pytest.mark.timeout(60)  # several times what the budget allows: who waits for ever ends here
@pytest.mark.parametrize("move", GONE)
def test_what_does_not_pass_ends_in_bounded_time_and_one_sentence(provide: Provide, move: str) -> None:
    found, answered = asked(provide(move))
    assert not found
    assert answered.ended == "gone"
    assert "\n" not in answered.why
    assert KEY not in answered.model_dump_json()


@pytest.mark.parametrize(("move", "variable"), [("401", "OPENAI_API_KEY"), ("404", "OPENAI_MODEL")])
def test_a_refusal_is_one_sentence_that_says_what_to_set(provide: Provide, move: str, variable: str) -> None:
    found, answered = asked(provide(move))
    assert not found
    assert answered.ended == "refused"
    assert variable in answered.why
    assert KEY not in answered.model_dump_json()


def test_a_window_that_is_too_small_ends_the_run(provide: Provide) -> None:
    found, answered = asked(provide("too_long"))
    assert not found
    assert (answered.ended, answered.steps) == ("too_long", 0)


@pytest.mark.parametrize("move", ["prose", "empty", "refusal", "wrong_tool", "truncated"])
def test_a_model_that_never_calls_a_tool_is_no_answer(provide: Provide, move: str) -> None:
    found, answered = asked(provide(move))
    assert not found
    assert (answered.ended, answered.steps) == ("silent", QUICK.mistakes)
    assert answered.why == account.WORDS["silent"]


def test_retry_after_is_waited_for_and_no_longer(provide: Provide) -> None:
    clock = ManualClock()
    start = clock.monotonic()
    found, _ = asked(provide("429:1", "ok"), clock=clock)
    assert found
    assert 1.0 <= clock.monotonic() - start <= QUICK.patience_seconds
    start = clock.monotonic()
    found, answered = asked(provide("429:600", "ok"), clock=clock)
    assert not found
    assert clock.monotonic() - start <= QUICK.patience_seconds
    assert "it asks for 600 s more" in answered.why
