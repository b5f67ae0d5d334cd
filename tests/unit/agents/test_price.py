"""Money is counted in whole millionths, and a limit on it binds."""

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage

from agents.budget import Budget
from agents.loop import loop
from agents.models import factory
from agents.models.endpoint import Endpoint
from agents.models.price import Price
from tests.unit.agents import doubles
from tests.unit.agents.toy import READERS, SAY
from tools.scripted.clock import ManualClock


@pytest.mark.parametrize(
    ("price", "tokens", "micros"),
    [
        (Price(input=0.15, output=0.60), (1_000, 100), 210),
        (Price(input=0.15, output=0.60), (1, 0), 1),
        (Price(input=0, output=0), (10_000, 10_000), 0),
        (Price(input=3, output=15), (1_000_000, 1_000_000), 18_000_000),
    ],
)
def test_a_price_per_million_is_millionths_per_token_rounded_up(
    price: Price, tokens: tuple[int, int], micros: int
) -> None:
    assert price.micros(*tokens) == micros


class Priced(Endpoint):
    """An endpoint whose answers are written here; nothing is sent."""

    answer: AIMessage

    def bind_tools(self, tools: object, **kwargs: object) -> BaseChatModel:
        return self

    def invoke(self, *args: object, **kwargs: object) -> AIMessage:
        return self.answer


def asking(price: Price | None) -> Priced:
    usage = {"input_tokens": 1_000, "output_tokens": 100, "total_tokens": 1_100}
    answer = doubles.call("look", where="up").model_copy(update={"usage_metadata": usage})
    return Priced(model="m", base_url="http://127.0.0.1:9/v1", api_key="none", price=price, answer=answer)


def run(price: Price | None, limit: int | None) -> loop.Run[str]:
    budget = Budget(cost_micros=limit, steps=5)
    return loop.run(asking(price), "system", "{}", READERS, (SAY,), budget, ManualClock())


def test_money_ends_the_run() -> None:
    going = run(Price(input=1, output=10), 5_000)
    assert (going.ended, going.steps, going.cost_micros) == ("money", 3, 6_000)


def test_control_without_a_limit_it_goes_on() -> None:
    going = run(Price(input=1, output=10), None)
    assert going.cost_micros == going.steps * 2_000 == 10_000


def test_nothing_left_is_nothing_asked() -> None:
    assert (run(Price(input=1, output=10), 0).ended, run(Price(input=1, output=10), 0).steps) == ("money", 0)


def test_a_price_that_is_not_known_may_be_too_much() -> None:
    going = run(None, 5_000)
    assert (going.ended, going.steps, going.cost_micros) == ("money", 1, None)


def test_the_playbook_costs_nothing() -> None:
    assert factory.price(factory.build("playbook")) == Price(input=0, output=0)
