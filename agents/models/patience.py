"""Asks a model and waits, within bounds, for an endpoint that is busy or gone for a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.runnables import Runnable

from agents.budget import Budget
from incident.errors import Unavailable
from tools import ports

FIRST_PAUSE = 0.5
"""Seconds before the second try; doubled each time, unless the endpoint says how long to wait."""

LONGEST_PAUSE = 8.0
"""Seconds between two tries of an endpoint that does not say how long to wait."""

SHORTEST_TIMEOUT = 1.0
"""Seconds that a question gets at least, however little is left of the run."""


class Transient(Unavailable):
    """The endpoint may answer when it is asked again; `after` is what its Retry-After said, in seconds."""

    def __init__(self, sentence: str, after: float | None = None) -> None:
        super().__init__(sentence)
        self.after = after


class TooLong(Unavailable):
    """The question is longer than the model's context window holds; a shorter one may be answered."""


@dataclass(frozen=True)
class Reply:
    """An answer and what the endpoint says that it cost."""

    message: AIMessage
    input_tokens: int
    output_tokens: int
    estimated: bool = False
    """The endpoint counted nothing, so the tokens are a cautious guess."""


def ask(
    model: Runnable[Any, AIMessage],
    messages: Sequence[BaseMessage],
    clock: ports.Clock,
    deadline: float,
    budget: Budget | None = None,
) -> Reply:
    """Ask, and ask again after a pause while that can help.

    Raises Unavailable when the endpoint was waited for as long as `budget` allows, or when the next
    pause would pass that or `deadline` (monotonic seconds).
    """
    allowed = budget or Budget()
    pause, tries = FIRST_PAUSE, 0
    give_up: float | None = None
    while True:
        tries += 1
        left = max(SHORTEST_TIMEOUT, deadline - clock.monotonic())
        try:
            return _reply(model.invoke(list(messages), timeout=min(allowed.answer_seconds, left)))
        except Transient as error:
            now = clock.monotonic()
            # Counted from the first failure, and not anew with each one.
            give_up = give_up or min(deadline, now + allowed.patience_seconds)
            # An endpoint that says when to come back knows better than a doubling pause.
            wait = pause if error.after is None else error.after
            if now + wait >= give_up:
                raise Unavailable(f"{error} ({_tried(tries, wait, error.after)})") from error
            clock.sleep(wait)
            pause = min(pause * 2, LONGEST_PAUSE)


def _tried(tries: int, wait: float, after: float | None) -> str:
    asked = "" if after is None else f", it asks for {wait:.0f} s more"
    return f"tried {tries} time{'' if tries == 1 else 's'}{asked}"


def _reply(message: AIMessage) -> Reply:
    used = message.usage_metadata
    if used is None:
        return Reply(message, 0, 0)
    estimated = bool(message.response_metadata.get("usage_estimated"))
    return Reply(message, max(0, used["input_tokens"]), max(0, used["output_tokens"]), estimated)
