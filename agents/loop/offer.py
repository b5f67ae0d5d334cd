"""Selects the tools that one question offers, and how far the choice among them is forced.

A small model prefers prose when it may choose, wanders when it has many tools, and never says by
itself that it is done.  So a call is always required; where one tool is left it is named; the
readers may take a third of the room; and the last question that the budget allows offers answers only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable
from langchain_core.tools import StructuredTool

from agents.view import context, toolbox
from agents.view.toolbox import Terminal

A = TypeVar("A")

SHARE = 3
"""Descriptions of tools may take this part of the room for a question; answers are always offered."""


@dataclass(frozen=True)
class Offer(Generic[A]):
    """The tools of one question."""

    readers: tuple[StructuredTool, ...]
    terminals: tuple[Terminal[A], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the tools, readers first, as they are shown."""
        return (*(tool.name for tool in self.readers), *(terminal.name for terminal in self.terminals))

    @property
    def prose(self) -> Terminal[A] | None:
        """The only way to end, where that is an answer in prose."""
        (*others, last) = self.terminals
        return last if last.prose is not None and not others and not self.readers else None

    @cached_property
    def described(self) -> list[dict[str, Any]]:
        """The tools in the form in which chat models take them."""
        if self.prose is not None:
            return []
        return [*map(toolbox.described, self.readers), *(item.described for item in self.terminals)]

    @property
    def tokens(self) -> int:
        """Estimated room that the descriptions take."""
        return context.described_size(self.described)

    def bind(self, model: BaseChatModel) -> Runnable[LanguageModelInput, AIMessage]:
        """The model with these tools, made to call one of them; without any where it answers in prose."""
        if self.prose is not None:
            return cast("Runnable[LanguageModelInput, AIMessage]", model)
        return model.bind_tools(self.described, tool_choice=self.names[0] if len(self.names) == 1 else "required")


def offer(readers: Sequence[StructuredTool], terminals: Sequence[Terminal[A]], room: int, *, last: bool) -> Offer[A]:
    """The tools for a question of `room` tokens; readers are given up from the end until they fit."""
    kept = () if last else tuple(readers)
    while kept and Offer(kept, tuple(terminals)).tokens > room // SHARE:
        kept = kept[:-1]
    return Offer(kept, tuple(terminals))
