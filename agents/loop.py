"""The one loop: ask, call a tool, observe; until a terminal tool is called or the budget is used up.

What the model can mend (unknown tools, wrong arguments, prose, broken calls, ToolMistake) is told to
it, a bounded number of times.  Whatever else a tool raises ends the run, as does Unavailable.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolCall, ToolMessage
from langchain_core.tools import StructuredTool
from pydantic import ValidationError

from agents import context, patience, replies
from agents.budget import Budget
from agents.rendering import normalise, page
from agents.toolbox import Terminal
from incident.errors import ToolMistake
from tools import ports

A = TypeVar("A")

Ended = Literal["answered", "steps", "seconds", "tokens", "silent"]
"""Why a run is over; everything but the first means: no answer."""


@dataclass
class Run(Generic[A]):
    """One run while it goes on, and afterwards what it came to and used up."""

    budget: Budget
    clock: ports.Clock
    started: float
    messages: list[BaseMessage]
    answers: list[A] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    steps: int = 0
    mistakes: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def ended(self) -> Ended | None:
        """Why the run is over, or None while it may go on."""
        if self.answers:
            return "answered"
        if self.mistakes >= self.budget.mistakes:
            return "silent"
        if self.steps >= self.budget.steps:
            return "steps"
        if self.seconds >= self.budget.seconds:
            return "seconds"
        return "tokens" if self.input_tokens + self.output_tokens >= self.budget.tokens else None

    @property
    def seconds(self) -> float:
        """Since the run started."""
        return self.clock.monotonic() - self.started


def run(
    model: BaseChatModel,
    system: str,
    opening: str,
    readers: Sequence[StructuredTool],
    terminals: Sequence[Terminal[A]],
    budget: Budget,
    clock: ports.Clock,
) -> Run[A]:
    """Run one agent.  Raises Unavailable when the endpoint does not answer, BadInput when it refuses us."""
    now = clock.monotonic()
    going = Run[A](budget, clock, now, [SystemMessage(system), HumanMessage(opening)])
    bound = model.bind_tools([*readers, *(terminal.described for terminal in terminals)])
    while going.ended is None:
        shown = context.fitted(going.messages, budget.context_tokens)
        reply = patience.ask(bound, shown, clock, now + budget.seconds)
        going.steps += 1
        going.input_tokens += reply.input_tokens
        going.output_tokens += reply.output_tokens
        _observe(going, replies.readable(reply.message, going.steps), readers, terminals)
    return going


def _observe(
    going: Run[A], reply: replies.Readable, readers: Sequence[StructuredTool], terminals: Sequence[Terminal[A]]
) -> None:
    """Carry out the calls of one answer and append what came of them."""
    going.messages.append(AIMessage(content=reply.text, tool_calls=list(reply.calls)))
    mistakes = list(reply.mistakes)
    for call in reply.calls:
        going.calls.append(call["name"])
        try:
            seen = _carry_out(going, call, readers, terminals)
        except ToolMistake as mistake:
            seen = f"mistake: {mistake}"
            mistakes.append(seen)
        going.messages.append(ToolMessage(content=seen, tool_call_id=str(call["id"]), name=call["name"]))
    if not reply.calls:
        names = ", ".join([*(tool.name for tool in readers), *(terminal.name for terminal in terminals)])
        told = " ".join([*reply.mistakes, f"Answer by calling one of these tools: {names}."])
        going.messages.append(HumanMessage(told))
    elif reply.mistakes:
        going.messages.append(HumanMessage(" ".join(reply.mistakes)))
    useless = not reply.calls or len(mistakes) >= len(reply.calls)
    going.mistakes = going.mistakes + 1 if useless else 0


def _carry_out(
    going: Run[A], call: ToolCall, readers: Sequence[StructuredTool], terminals: Sequence[Terminal[A]]
) -> str:
    """Answer one call.  Raises ToolMistake for whatever the model can mend."""
    terminal = next((item for item in terminals if item.name == call["name"]), None)
    tool = next((item for item in readers if item.name == call["name"]), None)
    try:
        if terminal is not None:
            fields = terminal.schema.model_validate(call["args"])
            going.answers.append(terminal.accept({name: getattr(fields, name) for name in type(fields).model_fields}))
            return "noted"
        if tool is not None:
            return page(str(tool.invoke(call["args"])))
    except ValidationError as error:
        raise ToolMistake(_arguments_wrong(error)) from error
    names = ", ".join([*(item.name for item in readers), *(item.name for item in terminals)])
    raise ToolMistake(f"there is no tool {normalise(call['name'], 60)!r}; there are: {names}")


def _arguments_wrong(error: ValidationError) -> str:
    found = [f"{'.'.join(map(str, item['loc'])) or 'arguments'}: {item['msg']}" for item in error.errors()[:4]]
    return normalise("; ".join(found), 1000)
