"""Error boundary around every node: retries Unavailable for 45 s, then ends the incident as escalated.

An internal error leaves the node, and the graph; see :mod:`graph.runtime.rescue`.
"""

from contextlib import suppress
from functools import wraps
from typing import Any, Protocol

from langgraph.runtime import Runtime

from graph.context import Context, entered
from graph.effects import perform
from graph.state import State, changes, ended
from incident.control import OBEYED, Step
from incident.ending import Outcome
from incident.errors import (
    Conflict,
    Fenced,
    Halted,
    Refused,
    Superseded,
    SutureError,
    Tampered,
    Throttled,
    Unavailable,
    Unsure,
)

PATIENCE = 45.0
"""Seconds for which a backend that does not answer is waited for, in one node."""

CLOSING = ("roll_back", "escalate", "close")
"""Nodes that a person's abort leads to, and so does not stop."""


class Node(Protocol):
    """A node of the graph, under the name of its function."""

    __name__: str

    def __call__(self, state: State, runtime: Runtime[Context]) -> dict[str, Any]:
        """Read the state and return its changes."""


def guarded(node: Node) -> Node:
    """Turn the expected errors of a node into an ending; an internal error is raised.

    The node's input and its result are kept in memory, for the rescue.
    """

    @wraps(node)
    def run(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
        context = runtime.context
        context.progress.entered(node.__name__, state)
        deadline = context.clock.monotonic() + PATIENCE
        pause = 0.5
        while True:
            try:
                _go_on(context, state, node.__name__)
                state = entered(context, state, node.__name__)
                return _left(context, state, _kept(context, changes(phase=state.phase) | node(state, runtime)))
            except Superseded:  # another process works on it now: nothing of ours is written any more
                raise
            except (Refused, Fenced, Halted) as error:  # asking again is no use
                return _left(context, state, _stopped(context, state, node, error))
            except Unavailable as error:
                asked = error.after if isinstance(error, Throttled) else 0.0
                if context.clock.monotonic() + max(pause, asked) > deadline:
                    return _left(context, state, _stopped(context, state, node, error))
                context.clock.sleep(max(pause, asked))
                pause = min(pause * 2, 8.0)
            except (Conflict, Tampered, Unsure) as error:  # nobody knows what became of an effect
                return _left(context, state, _ended(state, node, error))

    return run


def noted(node: Node) -> Node:
    """Keep a node's input and its result in memory; its errors are raised."""

    @wraps(node)
    def run(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
        runtime.context.progress.entered(node.__name__, state)
        return _left(runtime.context, state, node(state, runtime))

    return run


def _left(context: Context, state: State, update: dict[str, Any]) -> dict[str, Any]:
    context.progress.left(state.model_copy(update=update))
    return update


def _kept(context: Context, update: dict[str, Any]) -> dict[str, Any]:
    """Return a node's update, if it may still be checkpointed.  Raises Superseded."""
    context.hold.look()
    return update


def _go_on(context: Context, state: State, node: str) -> None:
    """Raise Halted when a person aborted the incident, or the kill switch is set while a change is under way.

    Raises Superseded when another process works on it.
    """
    context.hold.look()
    step: Step = "undo" if node in CLOSING else "think" if state.rollout is None else "change"
    # A step that obeys nothing needs no store: the way back is open when none can be read.
    if not OBEYED[step]:
        return
    control = context.incidents.control(state.case.incident)
    if stopped := control.stops(step):
        switch = "aborted" if stopped == "abort" else "stopped with all others"
        raise Halted(f"{switch} by {control.by or 'nobody named'}: {control.reason or 'no reason given'}")


def _stopped(context: Context, state: State, node: Node, error: SutureError) -> dict[str, Any]:
    """Escalate, and give up an effect that was intended and not made."""
    context.hold.look()
    if node.__name__ not in CLOSING:
        with suppress(SutureError, KeyError):
            perform.give_up(context, state.case, f"{error}")
    return _ended(state, node, error)


def _ended(state: State, node: Node, error: SutureError) -> dict[str, Any]:
    return changes(phase=state.phase, ending=ended(Outcome.ESCALATED, f"{node.__name__}: {error}"))
