"""What happens when a node is surprised: it is asked again for a while, and then it stops safely."""

from functools import wraps
from typing import Any, Protocol

from langgraph.runtime import Runtime

from graph.desk import Desk
from graph.nodes.common import ended
from graph.state import State, changes
from incident.ending import Outcome
from incident.errors import Conflict, Fenced, Halted, Refused, Tampered, Throttled, Unavailable, Unsure

PATIENCE = 45.0
"""Seconds for which a backend that does not answer is waited for, in one node."""

CLOSING = ("roll_back", "escalate", "close")
"""What a person's abort leads to, and so does not stop."""


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
                _go_on(desk, state, node.__name__)
                return node(state, runtime)
            except Refused as error:  # asking again is no use
                return _stopped(f"{node.__name__}: {error}")
            except Unavailable as error:
                asked = error.after if isinstance(error, Throttled) else 0.0
                if desk.clock.monotonic() + max(pause, asked) > deadline:
                    return _stopped(f"{node.__name__}: {error}")
                desk.clock.sleep(max(pause, asked))
                pause = min(pause * 2, 8.0)
            except (Conflict, Fenced, Halted, Tampered, Unsure) as error:
                return _stopped(f"{node.__name__}: {error}")

    return run


def _go_on(desk: Desk, state: State, node: str) -> None:
    """Raise Halted when a person aborted the incident, or the kill switch is set while a change is under way."""
    if node in CLOSING:
        return
    control = desk.incidents.control(state.case.incident)
    if control.aborted or (control.stop_all and state.rollout is not None):
        who = control.by or "nobody named"
        switch = "aborted" if control.aborted else "stopped with all others"
        raise Halted(f"{switch} by {who}: {control.reason or 'no reason given'}")


def _stopped(reason: str) -> dict[str, Any]:
    return changes(ending=ended(Outcome.ESCALATED, reason))
