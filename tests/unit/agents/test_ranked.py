"""When a model is gone, the next one starts from the evidence, and the record says who answered and why."""

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from agents import prompts, rca
from agents.budget import Budget
from agents.loop import account, loop
from agents.models import factory
from agents.models.ranked import Ranked
from incident.diagnosis import CodeCause
from incident.errors import BadInput, Unavailable
from tests.unit.agents import doubles
from tests.unit.agents.toy import READERS, SAY
from tools.scripted.clock import ManualClock

FAILURES = {
    "gone": Unavailable("nobody answers"),
    "refused": BadInput("OPENAI_API_KEY", "(not shown)", "set a valid key"),
}


def failing(after: int, error: Exception) -> doubles.Playing:
    """A model that looks around a few times and then fails."""

    def play(messages: list[BaseMessage]) -> AIMessage:
        if sum(isinstance(message, AIMessage) for message in messages) >= after:
            raise error
        return doubles.call("look", where="up")

    return doubles.Playing(play=play)


@pytest.mark.parametrize("how", FAILURES)
@pytest.mark.parametrize("after", [0, 2])
def test_the_next_model_answers_from_the_beginning(after: int, how: str) -> None:
    seen: list[list[BaseMessage]] = []

    def play(messages: list[BaseMessage]) -> AIMessage:
        seen.append(messages)
        return doubles.call("say", word="yes")

    model = Ranked(models=(failing(after, FAILURES[how]), doubles.Playing(play=play)))
    going = loop.run(model, "system", "{}", READERS, (SAY,), Budget(), ManualClock())
    assert (going.ended, going.answers) == ("answered", ["yes"])
    assert [type(message) for message in seen[0]] == [SystemMessage, HumanMessage]
    assert going.passed_over == [str(FAILURES[how])]
    assert going.steps == after + 1
    assert going.model is model.models[1]


@pytest.mark.parametrize("how", FAILURES)
def test_control_without_another_model_the_run_ends(how: str) -> None:
    going = loop.run(failing(1, FAILURES[how]), "system", "{}", READERS, (SAY,), Budget(), ManualClock())
    assert (going.ended, going.answers, going.steps) == (how, [], 1)
    assert account.ending(going).endswith(str(FAILURES[how]))


def test_the_playbook_can_take_the_place_of_a_model_and_says_so() -> None:
    model = Ranked(models=(failing(1, FAILURES["gone"]), factory.build("playbook")))
    facts = (doubles.group(),)
    diagnosis, answered = rca.investigate(doubles.view(*facts), model, prompts.shipped("rca"), Budget(), ManualClock())
    assert isinstance(diagnosis.leading.cause, CodeCause)
    assert diagnosis.model == answered.model == factory.describe(factory.build("playbook"))
    assert answered.passed_over == ("nobody answers",)


def test_a_description_names_all_of_them_in_their_order() -> None:
    both = Ranked(models=(factory.build("large", "http://127.0.0.1:9/v1"), factory.build("playbook")))
    assert factory.describe(both).startswith("large at 127.0.0.1:9, else playbook")


def test_what_a_failed_model_used_up_is_counted_too() -> None:
    answer = doubles.call("look", where="up")
    usage = {"input_tokens": 40, "output_tokens": 10, "total_tokens": 50}

    def play(messages: list[BaseMessage]) -> AIMessage:
        if len(messages) > 3:
            raise FAILURES["gone"]
        return answer.model_copy(update={"usage_metadata": usage})

    model = Ranked(models=(doubles.Playing(play=play), doubles.turns(doubles.call("say", word="yes"))))
    going = loop.run(model, "system", "{}", READERS, (SAY,), Budget(), ManualClock())
    assert (going.input_tokens, going.output_tokens, going.steps) == (40, 10, 2)
