"""Asks one question several times side by side.

That costs tokens, and no time where the endpoint takes them together.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from langchain_core.language_models import BaseChatModel

from agents.budget import Budget
from agents.loop.run import Run
from agents.models import factory

A = TypeVar("A")

WARMTH = 0.8
"""Temperature of every thought after the first; at zero they would all be the same."""


def side_by_side(
    model: BaseChatModel, budget: Budget, ask: Callable[[BaseChatModel, Budget], Run[A]]
) -> tuple[Run[A], ...]:
    """Ask `budget.tries` times, each with its share of the budget: first as configured, then warmer.

    Rules and scripts say the same again, so they are asked once.  Raises what `ask` raises.
    """
    tries = budget.tries if factory.asks(model) else 1
    if tries == 1:
        return (ask(model, budget),)
    share = budget.shared(tries)
    with ThreadPoolExecutor(tries, thread_name_prefix="try") as pool:
        # At temperature 0 all answers would be the same one.
        asked = [model, *[factory.warmer(model, WARMTH)] * (tries - 1)]
        return tuple(pool.map(lambda who: ask(who, share), asked))
