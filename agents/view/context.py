"""Shortens a long conversation to the model's context window.

What is taken out, in this order, until it fits: the oldest tool results, long arguments of earlier
calls, patches of deploys, details of the dossier, and the ends of the newest results.  Task, ids and feedback
always stay.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from pydantic import JsonValue

from agents.view import rendering

CHARS_PER_TOKEN = 3
"""A cautious guess for JSON and code; tokenizers differ, and an estimate that is too low ends in a refusal."""

KEPT = 2
"""Newest tool results that are taken out last."""

NOTE = "(taken out to save room; call the tool again if you need it)"

LEVELS = ((12, 240), (6, 160), (4, 100), (2, 60))
"""(items of a list, characters of a string) of the dossier, coarser each time."""

RESULTS = (4_000, 1_500, 500)
"""Characters of the newest results, fewer each time."""


EVIDENCE = 12
"""Pieces of evidence that are left at the coarsest."""

Shorter = Callable[[list[BaseMessage]], list[BaseMessage]]


def fitted(messages: Sequence[BaseMessage], tokens: int) -> list[BaseMessage]:
    """The conversation within so many tokens, if it can be."""
    shown = list(messages)
    for shorter in _steps(messages):
        if size(shown) <= tokens:
            break
        shown = shorter(shown)
    return shown


def size(messages: Sequence[BaseMessage]) -> int:
    """Estimated tokens of a conversation, its calls included."""
    # Each message and each call has a frame in the model's own format: a role, names and separators.
    return sum(len(str(message.content)) + _calls(message) + 16 for message in messages) // CHARS_PER_TOKEN


def described_size(tools: Sequence[Mapping[str, Any]]) -> int:
    """Estimated tokens of tool descriptions."""
    return len(json.dumps(list(tools))) // CHARS_PER_TOKEN


def _calls(message: BaseMessage) -> int:
    if not isinstance(message, AIMessage):
        return 0
    return sum(len(json.dumps(call["args"])) + 30 for call in message.tool_calls)


def _steps(messages: Sequence[BaseMessage]) -> Iterator[Shorter]:
    """The ways to make it shorter, the one that costs least first."""
    results = [index for index, message in enumerate(messages) if isinstance(message, ToolMessage)]
    for index in results[: max(0, len(results) - KEPT)]:
        yield partial(_taken_out, index=index)
    yield _without_arguments
    yield _without_patches
    for items, chars in LEVELS:
        yield partial(_coarser, items=items, chars=chars)
    for chars in RESULTS:
        yield partial(_cut, chars=chars)


def _taken_out(shown: list[BaseMessage], index: int) -> list[BaseMessage]:
    old = shown[index]
    if not isinstance(old, ToolMessage) or len(str(old.content)) <= len(NOTE):
        return shown
    note = ToolMessage(content=NOTE, tool_call_id=old.tool_call_id, name=old.name)
    return [*shown[:index], note, *shown[index + 1 :]]


def _without_arguments(shown: list[BaseMessage]) -> list[BaseMessage]:
    """Long arguments of all calls but the newest: a refused draft need not be read again, its refusal is."""
    spoken = [index for index, message in enumerate(shown) if isinstance(message, AIMessage)][:-1]
    return [_brief(message) if index in spoken else message for index, message in enumerate(shown)]


def _brief(message: BaseMessage) -> BaseMessage:
    if not isinstance(message, AIMessage):
        return message
    calls = [
        {**call, "args": {name: _capped(value, 200) for name, value in call["args"].items()}}
        for call in message.tool_calls
    ]
    return AIMessage(content=_capped(str(message.content), 200), tool_calls=calls)


def _without_patches(shown: list[BaseMessage]) -> list[BaseMessage]:
    """The opening without the patches of deploys: the newest commits can be asked for."""
    return _told(
        shown, lambda dossier: {**dossier, "evidence": [_unpatched(item) for item in dossier.get("evidence", ())]}
    )


def _unpatched(item: dict[str, Any]) -> dict[str, Any]:
    brought = item.get(rendering.BROUGHT, {})
    kept = {key: value for key, value in brought.items() if key != "patch"}
    return {**item, rendering.BROUGHT: kept} if brought else item


def _coarser(shown: list[BaseMessage], items: int, chars: int) -> list[BaseMessage]:
    """The opening with less detail in its dossier."""

    def shorter(dossier: dict[str, Any]) -> dict[str, Any]:
        evidence = [_shrunk(item, items, chars) for item in dossier.get("evidence", ())]
        # Only at the last level whole pieces of evidence are left out.
        if (items, chars) == LEVELS[-1]:
            evidence = evidence[:EVIDENCE]
        return {**dossier, "evidence": evidence, "shortened": True}

    return _told(shown, shorter)


def _told(shown: list[BaseMessage], shorter: Callable[[dict[str, Any]], dict[str, Any]]) -> list[BaseMessage]:
    """The opening with another dossier; one that holds none stays as it is."""
    index = next((n for n, message in enumerate(shown) if isinstance(message, HumanMessage)), None)
    if index is None:
        return shown
    try:
        parts = json.loads(str(shown[index].content))
    # A small question is prose, and its dossier is no part of it.
    except ValueError:
        return shown
    if not isinstance(parts, dict) or not isinstance(dossier := parts.get("dossier"), dict):
        return shown
    parts["dossier"] = shorter(dossier)
    told = HumanMessage(json.dumps(parts, ensure_ascii=False, separators=(",", ":")))
    return [*shown[:index], told, *shown[index + 1 :]]


def _shrunk(value: JsonValue, items: int, chars: int) -> JsonValue:
    match value:
        case str():
            return str(_capped(value, chars))
        case list():
            # The ends tell most: a stack trace begins at the entry and ends where it goes wrong.
            kept = value if len(value) <= items else [*value[:1], *value[-(items - 1) :]]
            return [_shrunk(item, items, chars) for item in kept]
        case dict():
            return {key: _shrunk(item, items, chars) for key, item in value.items()}
        case _:
            return value


def _cut(shown: list[BaseMessage], chars: int) -> list[BaseMessage]:
    return [
        ToolMessage(content=_capped(str(message.content), chars), tool_call_id=message.tool_call_id, name=message.name)
        if isinstance(message, ToolMessage)
        else message
        for message in shown
    ]


def _capped(value: Any, chars: int) -> Any:
    return f"{value[: chars - 1]}…" if isinstance(value, str) and len(value) > chars else value
