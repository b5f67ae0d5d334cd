"""Keeps a long investigation inside the model's context window."""

from collections.abc import Sequence

from langchain_core.messages import BaseMessage, ToolMessage

CHARS_PER_TOKEN = 3
"""A cautious guess for JSON and code; tokenizers differ, and an estimate that is too low ends in a refusal."""

KEPT = 2
"""Newest tool results that are never taken out."""


def fitted(messages: Sequence[BaseMessage], tokens: int) -> list[BaseMessage]:
    """The conversation with its oldest tool results replaced by a note until it fits, if it can.

    The first two messages (task and evidence) and the newest results always stay.
    """
    shown = list(messages)
    results = [index for index, message in enumerate(shown) if isinstance(message, ToolMessage)]
    for index in results[: max(0, len(results) - KEPT)]:
        if size(shown) <= tokens:
            break
        old = shown[index]
        if isinstance(old, ToolMessage) and len(str(old.content)) > len(NOTE):
            shown[index] = ToolMessage(content=NOTE, tool_call_id=old.tool_call_id, name=old.name)
    return shown


NOTE = "(taken out to save room; call the tool again if you need it)"


def size(messages: Sequence[BaseMessage]) -> int:
    """Estimated tokens of a conversation."""
    return sum(len(str(message.content)) + 16 for message in messages) // CHARS_PER_TOKEN
