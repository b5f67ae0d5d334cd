"""Which tools a question offers: a call is required, one tool is named, the last question offers answers only."""

from typing import Any

from langchain_core.messages import AIMessage

from agents.budget import Budget
from agents.loop import loop, offer
from agents.view.toolbox import Terminal, arguments, one_of, reader, text
from tests.unit.agents import doubles
from tests.unit.agents.toy import READERS, SAY
from tools.scripted.clock import ManualClock


class Noting(doubles.Playing):
    """A model that remembers how its tools were bound."""

    bound: list[tuple[list[str], Any]] = []

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        names = [tool["function"]["name"] if isinstance(tool, dict) else tool.name for tool in tools]
        self.bound.append((names, kwargs.get("tool_choice")))
        return self


def noted(budget: Budget, *answers: AIMessage, seconds: float = 0.0) -> Noting:
    clock = ManualClock()
    inner = doubles.turns(*answers)

    def play(messages: Any) -> AIMessage:
        clock.advance(seconds)
        return inner.play(messages)

    model = Noting(play=play, bound=[])
    loop.run(model, "system", "{}", READERS, (SAY,), budget, clock)
    return model


LOOK, TOLD = doubles.call("look", where="up"), doubles.call("say", word="yes")


def test_a_call_is_required_and_the_last_step_offers_answers_only() -> None:
    model = noted(Budget(steps=3), LOOK, LOOK, TOLD)
    assert model.bound == [(["look", "say"], "required")] * 2 + [(["say"], "say")]


def test_the_last_seconds_offer_answers_only() -> None:
    """Seen by the slowest answer so far: there would be no time for two more."""
    model = noted(Budget(seconds=100), LOOK, LOOK, TOLD, seconds=30)
    assert [names for names, _ in model.bound] == [["look", "say"], ["look", "say"], ["say"]]


def test_the_last_tokens_offer_answers_only() -> None:
    usage = {"input_tokens": 400, "output_tokens": 50, "total_tokens": 450}
    model = noted(Budget(tokens=500), LOOK.model_copy(update={"usage_metadata": usage}), TOLD)
    assert [names for names, _ in model.bound] == [["look", "say"], ["say"]]


def many(number: int) -> Any:
    choices = tuple(f"services/orders/orders/module_{index}.py::function_{index}" for index in range(200))
    return reader(
        f"read_{number}", "Read.", arguments(f"Read{number}", what=one_of(choices, "what")), lambda what: what
    )


def test_a_small_window_gets_fewer_readers_and_every_answer() -> None:
    readers = tuple(many(number) for number in range(4))
    wide = offer.offer(readers, (SAY,), 100_000, last=False)
    narrow = offer.offer(readers, (SAY,), 20_000, last=False)
    tiny = offer.offer(readers, (SAY,), 600, last=False)
    assert len(wide.readers) == 4
    assert narrow.names == ("read_0", "say")
    assert narrow.tokens <= 20_000 // 3
    assert tiny.names == ("say",)


def test_a_model_is_shown_every_choice_that_an_argument_has() -> None:
    """The conversion that langchain makes of a tool leaves enumerations out."""
    shown = offer.offer(READERS, (SAY,), 10_000, last=False).described
    assert shown[0]["function"]["parameters"]["properties"]["where"]["enum"] == ["up", "under"]


def test_answers_are_never_left_out() -> None:
    ends = tuple(
        Terminal(f"say_{number}", "Say.", arguments(f"Say{number}", word=text(20, "x" * 2_000)), lambda fields: fields)
        for number in range(9)
    )
    assert len(offer.offer(READERS, ends, 600, last=True).terminals) == 9
