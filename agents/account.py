"""The record of one run: who answered, on which prompt, with what it used up."""

from typing import Any, Literal

from langchain_core.language_models import BaseChatModel
from pydantic import JsonValue

from agents import models
from agents.loop import Run
from agents.prompts import Prompt
from incident.record import Answered

WORDS = {
    "answered": "it answered",
    "steps": "it used up its steps without an answer",
    "seconds": "it ran out of time without an answer",
    "tokens": "it used up its tokens without an answer",
    "silent": "it gave no usable answer",
}


def answered(
    agent: Literal["rca", "patch", "review"],
    model: BaseChatModel,
    prompt: Prompt,
    run: Run[Any],
    answer: dict[str, JsonValue],
) -> Answered:
    """The run as an event of the journal; `answer` also says why the run ended."""
    return Answered(
        agent=agent,
        model=models.describe(model),
        prompt_digest=prompt.digest(),
        steps=run.steps,
        tool_calls=tuple(run.calls),
        input_tokens=run.input_tokens,
        output_tokens=run.output_tokens,
        seconds=round(run.seconds, 3),
        answer={"ended": ending(run), **answer},
    )


def ending(run: Run[Any]) -> str:
    """Why the run ended, in words."""
    return WORDS[run.ended or "silent"]
