"""Asks a model and waits, within bounds, for an endpoint that is busy or gone for a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.runnables import Runnable

from incident.errors import Unavailable
from tools import ports

ATTEMPTS = 4
"""Tries of one question."""

FIRST_PAUSE = 0.5
"""Seconds before the second try; doubled each time, unless the endpoint says how long to wait."""

LONGEST_PAUSE = 30.0
"""An endpoint that asks for more than this is as good as gone."""


class Transient(Unavailable):
    """The endpoint may answer when it is asked again; `after` is what its Retry-After said, in seconds."""

    def __init__(self, sentence: str, after: float | None = None) -> None:
        super().__init__(sentence)
        self.after = after


@dataclass(frozen=True)
class Reply:
    """An answer and what the endpoint says that it cost."""

    message: AIMessage
    input_tokens: int
    output_tokens: int


def ask(model: Runnable[Any, AIMessage], messages: Sequence[BaseMessage], clock: ports.Clock, deadline: float) -> Reply:
    """Ask, and ask again after a pause while that can help.

    Raises Unavailable after the last try, or when the pause would pass `deadline` (monotonic seconds).
    """
    pause = FIRST_PAUSE
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _reply(model.invoke(list(messages)))
        except Transient as error:
            wait = pause if error.after is None else error.after
            late = clock.monotonic() + wait >= deadline
            if attempt == ATTEMPTS or wait > LONGEST_PAUSE or late:
                raise Unavailable(f"{error} (tried {attempt} times)") from error
            clock.sleep(wait)
            pause *= 2
    raise Unavailable("the model was never asked")


def _reply(message: AIMessage) -> Reply:
    used = message.usage_metadata
    if used is None:
        return Reply(message, 0, 0)
    return Reply(message, max(0, used["input_tokens"]), max(0, used["output_tokens"]))
