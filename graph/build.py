"""The graph: its nodes, and the routes between them."""

from collections.abc import Callable
from functools import cache

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from graph import routing
from graph.context import Context
from graph.guard import Node, guarded, noted
from graph.nodes.approve import approve
from graph.nodes.assess import assess
from graph.nodes.canary import canary
from graph.nodes.claim import claim
from graph.nodes.close import close
from graph.nodes.correlate import correlate
from graph.nodes.diagnose import diagnose
from graph.nodes.escalate import escalate
from graph.nodes.gate import gate
from graph.nodes.gather import gather
from graph.nodes.intake import intake
from graph.nodes.lock import lock
from graph.nodes.observe import observe
from graph.nodes.plan import plan
from graph.nodes.prove import prove
from graph.nodes.review import review
from graph.nodes.roll_back import roll_back
from graph.nodes.search import search
from graph.nodes.verify import verify
from graph.nodes.write_patch import write_patch
from graph.state import State

Route = Callable[[State], str | None]

WAYS: tuple[tuple[Node, Route], ...] = (
    (intake, routing.after_intake),
    (correlate, routing.after_correlate),
    (claim, routing.after_claim),
    (gather, routing.after_gather),
    (diagnose, routing.after_diagnose),
    (search, routing.after_search),
    (plan, routing.after_plan),
    (write_patch, routing.after_write_patch),
    (prove, routing.after_prove),
    (review, routing.after_review),
    (assess, routing.after_assess),
    (gate, routing.after_gate),
    (lock, routing.after_lock),
    (canary, routing.after_canary),
    (observe, routing.after_observe),
    (verify, routing.after_verify),
    (roll_back, routing.after_roll_back),
)

STEPS = 2_000
"""Most node executions of one incident; looks and readings are most of them."""


def build(saver: BaseCheckpointSaver[str]) -> CompiledStateGraph[State, Context, State, State]:
    """The graph over a checkpointer."""
    return _compiled().copy({"checkpointer": saver})


@cache
def _compiled() -> CompiledStateGraph[State, Context, State, State]:
    """Compiled once in a process: the nodes are the same over every checkpointer."""
    graph: StateGraph[State, Context, State, State] = StateGraph(State, context_schema=Context)
    for node, route in WAYS:
        graph.add_node(node.__name__, guarded(node))
        graph.add_conditional_edges(node.__name__, route)
    # The person's answer goes back to the gate, which alone decides whether it opens.
    graph.add_node("approve", approve)
    graph.add_edge("approve", "gate")
    graph.add_node("escalate", guarded(escalate))
    graph.add_edge("escalate", "close")
    # Closing has no error boundary: what it raises leaves the graph, and the rescue ends the incident.
    graph.add_node("close", noted(close))
    graph.add_edge("close", END)
    graph.add_edge(START, "intake")
    return graph.compile()
