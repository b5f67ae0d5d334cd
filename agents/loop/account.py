"""Record of one run: who answered, on which prompt, with what it used up."""

from typing import Any, Literal

from pydantic import JsonValue

from agents.loop.run import Run
from agents.models import factory
from agents.prompts import Prompt
from incident.record import Answered, Ended

WORDS: dict[Ended, str] = {
    "answered": "it answered",
    "unknown": "it does not know",
    "steps": "it used up its steps without an answer",
    "seconds": "it ran out of time without an answer",
    "tokens": "it used up its tokens without an answer",
    "money": "it used up its money without an answer",
    "silent": "it gave no usable answer",
    "too_long": "the question is too long for it",
    "gone": "it did not answer",
    "refused": "its endpoint refused the request",
}


def answered(
    agent: Literal["rca", "patch", "review"],
    prompt: Prompt,
    run: Run[Any],
    answer: dict[str, JsonValue],
) -> Answered:
    """The run as an event of the journal; `answer` also says why the run ended."""
    return Answered(
        agent=agent,
        model=factory.describe(run.model),
        passed_over=tuple(run.passed_over),
        ended=run.ended or "silent",
        why="" if run.ended == "answered" else ending(run),
        prompt=f"{prompt.name} {prompt.version}",
        prompt_digest=prompt.digest(),
        steps=run.steps,
        tool_calls=tuple(run.calls),
        input_tokens=run.input_tokens,
        output_tokens=run.output_tokens,
        estimated=run.estimated,
        cost_micros=run.cost_micros,
        seconds=round(run.seconds, 3),
        answer={"ended": ending(run), **answer},
    )


def ending(run: Run[Any]) -> str:
    """Reason that the run ended, in words; the endpoint's own reason where there is one."""
    said = WORDS[run.ended or "silent"]
    if run.ended == "unknown":
        return f"{said}: {'; '.join(dict.fromkeys(run.given_up))}"
    return said if run.failed is None else f"{said}: {run.failed[1]}"
