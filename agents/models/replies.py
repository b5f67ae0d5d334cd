"""Parses a model's answer for the loop, whatever the endpoint made of it.

Broken calls never go back into the conversation: several endpoints refuse a history that holds one.
"""

from dataclasses import dataclass

from langchain_core.messages import AIMessage, ToolCall

from agents.view.rendering import normalise

MAX_CALLS = 12
"""Calls of one answer that are carried out; the rest is told to the model."""

MAX_NAME = 80
"""Characters of a tool's name; longer ones exist nowhere, and the name goes into the record."""

MAX_TEXT = 4_000
"""Characters of prose that stay in the conversation."""


@dataclass(frozen=True)
class Readable:
    """Prose, calls that can be carried out (each with an id of its own), and what was wrong with the rest."""

    text: str
    calls: tuple[ToolCall, ...]
    mistakes: tuple[str, ...]


def readable(message: AIMessage, step: int) -> Readable:
    """Take an answer apart.  Ids are ours, because endpoints leave them out or use one twice."""
    mistakes = [
        f"The call of {normalise(str(broken.get('name') or 'a tool'), 60)} had arguments that are no JSON object; "
        "send it again, complete."
        for broken in message.invalid_tool_calls[:MAX_CALLS]
    ]
    if message.response_metadata.get("finish_reason") == "length":
        mistakes.append("The answer was cut off because it was too long; give a shorter one.")
    if len(message.tool_calls) > MAX_CALLS:
        mistakes.append(f"Only the first {MAX_CALLS} calls were carried out.")
    calls = tuple(
        ToolCall(
            name=normalise(call["name"], MAX_NAME), args=call["args"], id=f"call_{step}_{number}", type="tool_call"
        )
        for number, call in enumerate(message.tool_calls[:MAX_CALLS], start=1)
    )
    prose = normalise(_prose(message), MAX_TEXT, lines=True).strip()
    # An assistant message with neither text nor calls is refused by several endpoints.
    return Readable(prose or ("" if calls else "(empty answer)"), calls, tuple(mistakes))


def _prose(message: AIMessage) -> str:
    content = message.content
    if isinstance(content, str):
        return content or str(message.additional_kwargs.get("refusal") or "")
    parts = [part if isinstance(part, str) else str(part.get("text", "")) for part in content]
    return "\n".join(part for part in parts if part)
