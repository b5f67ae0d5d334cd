"""Collects evidence with code, before any model is asked."""

from typing import Any

from langgraph.runtime import Runtime

from graph.context import Desk
from graph.evidence import collect
from graph.state import State, changes
from incident.record import Gathered


def gather(state: State, runtime: Runtime[Desk]) -> dict[str, Any]:
    """Build the dossier of the suspected root."""
    desk = runtime.context
    with desk.tracer.span("gather", service=state.case.service):
        dossier = collect.collect(desk, state.case, state.inquiry.neighbours)
    desk.scribe.write("gather", Gathered(dossier=dossier))
    return changes(inquiry=state.inquiry.model_copy(update={"dossier": dossier}))
