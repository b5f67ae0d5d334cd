"""Parses a conversation for the playbook: the opening JSON and the answers of tools."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from pydantic import JsonValue


@dataclass(frozen=True)
class Asked:
    """A tool call that the playbook wants to make."""

    name: str
    args: Mapping[str, JsonValue]


@dataclass(frozen=True)
class Reading:
    """One conversation, parsed."""

    messages: tuple[BaseMessage, ...]
    bound: tuple[str, ...]

    @cached_property
    def opening(self) -> dict[str, Any]:
        """The first message's JSON object; empty when there is none."""
        first = next((message for message in self.messages if isinstance(message, HumanMessage)), None)
        try:
            found = json.loads(str(first.content)) if first else {}
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @cached_property
    def evidence(self) -> tuple[dict[str, Any], ...]:
        """The dossier's evidence as it was rendered."""
        return tuple(self.opening.get("dossier", {}).get("evidence", ()))

    def facts(self, kind: str) -> tuple[tuple[str, dict[str, Any]], ...]:
        """(id, fact) of the evidence of one kind."""
        return tuple((item["id"], item["fact"]) for item in self.evidence if item["fact"].get("kind") == kind)

    @cached_property
    def answers(self) -> tuple[tuple[str, dict[str, Any], str], ...]:
        """(tool, arguments, answer) of every call so far; mistakes are left out."""
        calls = {
            str(call["id"]): call
            for message in self.messages
            if isinstance(message, AIMessage)
            for call in message.tool_calls
        }
        return tuple(
            (calls[message.tool_call_id]["name"], calls[message.tool_call_id]["args"], str(message.content))
            for message in self.messages
            if isinstance(message, ToolMessage) and message.tool_call_id in calls
            if not str(message.content).startswith("mistake: ")
        )

    def mistaken(self, call: Asked) -> bool:
        """True when this very call was made before, and was a mistake: made again it would be one again."""
        made = {
            str(item["id"]): item
            for message in self.messages
            if isinstance(message, AIMessage)
            for item in message.tool_calls
        }
        wrong = (
            made.get(message.tool_call_id)
            for message in self.messages
            if isinstance(message, ToolMessage) and str(message.content).startswith("mistake: ")
        )
        return any(item is not None and (item["name"], item["args"]) == (call.name, dict(call.args)) for item in wrong)

    def answer(self, tool: str, **args: str) -> str | None:
        """The answer of one call, or None when it was not made or failed."""
        return next((text for name, given, text in self.answers if name == tool and given == args), None)

    @property
    def turns(self) -> int:
        """Number of the model's messages so far."""
        return sum(isinstance(message, AIMessage) for message in self.messages)
