"""The agent loop: ask, call a tool, observe; until a terminal tool is called or the budget is used up.

What the model can mend (unknown tools, wrong arguments, prose, broken calls, ToolMistake) is told to
it, a bounded number of times.  A question that was too long is asked again, shorter.  When the endpoint
is gone or refuses us, the next model starts from the beginning; after the last one the run is over.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolCall, ToolMessage
from langchain_core.tools import StructuredTool
from pydantic import ValidationError

from agents.budget import Budget
from agents.loop import offer as offering
from agents.loop.offer import Offer
from agents.loop.run import Run
from agents.models import patience, ranked, replies
from agents.models.patience import Reply, TooLong
from agents.view import context
from agents.view.rendering import normalise, page
from agents.view.toolbox import Terminal
from incident.errors import BadInput, ToolMistake, Unavailable
from tools import ports

__all__ = ["Run", "run"]

A = TypeVar("A")

_TURN = threading.Lock()
"""Loops that run side by side use their tools in turn: before Python 3.11.8 two threads must not parse at the same time."""


def run(
    model: BaseChatModel,
    system: str,
    opening: str,
    readers: Sequence[StructuredTool],
    terminals: Sequence[Terminal[A]],
    budget: Budget,
    clock: ports.Clock,
) -> Run[A]:
    """Run one agent.  An endpoint that is gone or refuses us is an ending of the run, and not an error.

    Raises Unavailable when what a tool reads from does not answer.
    """
    first, *rest = ranked.order(model)
    going = Run[A](budget, clock, clock.monotonic(), first, [SystemMessage(system), HumanMessage(opening)])
    while going.ended is None:
        # Known before the question, so that the last one offers answers only and the run does not end on a
        # look-up.
        last = going.last(context.size(going.messages))
        offer = offering.offer(readers, terminals, going.room, last=last)
        try:
            reply = _ask(going, offer)
        except TooLong as error:
            going.shorten(str(error))
        except Unavailable as error:
            going.pass_over("gone", str(error), rest)
        except BadInput as error:
            going.pass_over("refused", str(error), rest)
        else:
            _observe(going, replies.readable(reply.message, going.steps), offer)
    return going


def _ask(going: Run[A], offer: Offer[A]) -> Reply:
    """Ask one question, as long as there is room for, and count what its answer cost."""
    shown = context.fitted(going.messages, going.room - offer.tokens)
    before = going.clock.monotonic()
    reply = patience.ask(offer.bind(going.model), shown, going.clock, going.deadline, going.budget)
    going.charge(reply, going.clock.monotonic() - before)
    return reply


def _observe(going: Run[A], reply: replies.Readable, offer: Offer[A]) -> None:
    """Carry out the calls of one answer and append what came of them."""
    if offer.prose is not None and not reply.calls:
        _read(going, reply.text, offer.prose)
        return
    going.messages.append(AIMessage(content=reply.text, tool_calls=list(reply.calls)))
    mistakes = list(reply.mistakes)
    for call in reply.calls:
        going.calls.append(call["name"])
        try:
            seen = _carry_out(going, call, offer)
        except ToolMistake as mistake:
            seen = f"mistake: {mistake}"
            mistakes.append(seen)
        going.messages.append(ToolMessage(content=seen, tool_call_id=str(call["id"]), name=call["name"]))
    if not reply.calls:
        told = " ".join([*reply.mistakes, f"Answer by calling one of these tools: {', '.join(offer.names)}."])
        going.messages.append(HumanMessage(told))
    elif reply.mistakes:
        going.messages.append(HumanMessage(" ".join(reply.mistakes)))
    # One usable call among broken ones is progress; only answers without any count against the model.
    useless = not reply.calls or len(mistakes) >= len(reply.calls)
    going.mistakes = going.mistakes + 1 if useless else 0


def _read(going: Run[A], text: str, end: Terminal[A]) -> None:
    """Take an answer in prose for a call of the only tool."""
    going.messages.append(AIMessage(content=text))
    try:
        _finish(going, end, end.prose(text) if end.prose else {})
    except ToolMistake as mistake:
        going.messages.append(HumanMessage(f"mistake: {mistake}"))
        going.mistakes += 1
    else:
        going.calls.append(end.name)


def _finish(going: Run[A], end: Terminal[A], given: Mapping[str, Any]) -> None:
    """Take one answer.  Raises ToolMistake for whatever the model can mend."""
    try:
        fields = end.schema.model_validate(given)
    except ValidationError as error:
        raise ToolMistake(_arguments_wrong(error)) from error
    named = {name: getattr(fields, name) for name in type(fields).model_fields}
    going.answers.append(end.accept(named))
    if end.gives_up:
        going.given_up.append(normalise(str(named.get("reason", "")), 600))


def _carry_out(going: Run[A], call: ToolCall, offer: Offer[A]) -> str:
    """Answer one call.  Raises ToolMistake for whatever the model can mend."""
    terminal = next((item for item in offer.terminals if item.name == call["name"]), None)
    tool = next((item for item in offer.readers if item.name == call["name"]), None)
    try:
        with _TURN:
            if terminal is not None:
                _finish(going, terminal, call["args"])
                return "noted"
            if tool is not None:
                return page(str(tool.invoke(call["args"])))
    except ValidationError as error:
        raise ToolMistake(_arguments_wrong(error)) from error
    # The names are told, since a small model otherwise makes up another one.
    raise ToolMistake(f"there is no tool {normalise(call['name'], 60)!r}; there are: {', '.join(offer.names)}")


def _arguments_wrong(error: ValidationError) -> str:
    found = [f"{'.'.join(map(str, item['loc'])) or 'arguments'}: {item['msg']}" for item in error.errors()[:4]]
    return normalise("; ".join(found), 1000)
