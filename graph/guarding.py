"""What happens when a node is surprised: it is asked again for a while, and then it stops safely."""

from functools import wraps
from typing import Any, Protocol

from langgraph.runtime import Runtime

from graph.desk import Desk
from graph.nodes.common import ended
from graph.state import State, changes
from incident.ending import Outcome
from incident.errors import Conflict, Fenced, Halted, Tampered, Unavailable, Unsure

PATIENCE = 45.0
"""Seconds for which a backend that does not answer is waited for, in one node."""


class Node(Protocol):
    """A node of the graph, under the name of its function."""

    __name__: str

    def __call__(self, state: State, runtime: Runtime[Desk]) -> dict[str, Any]:
        """Read the state and return changes."""


def guarded(node: Node) -> Node:
    """Turn what may go wrong in a node into an ending; a defect of ours still surfaces as one."""

    @wraps(node)
    def run(state: State, runtime: Runtime[Desk]) -> dict[str, Any]:
        desk = runtime.context
        deadline = desk.clock.monotonic() + PATIENCE
        pause = 0.5
        while True:
            try:
                return node(state, runtime)
            except Unavailable as error:
                if desk.clock.monotonic() + pause > deadline:
                    return _stopped(f"{node.__name__}: {error}")
                desk.clock.sleep(pause)
                pause = min(pause * 2, 8.0)
            except (Conflict, Fenced, Halted, Tampered, Unsure) as error:
                return _stopped(f"{node.__name__}: {error}")

    return run


def _stopped(reason: str) -> dict[str, Any]:
    return changes(ending=ended(Outcome.ESCALATED, reason))
