"""Collects evidence with code, before any model is asked."""

from typing import Any

from langgraph.runtime import Runtime

from graph.context import Context
from graph.evidence import collect
from graph.state import State, changes
from incident.record import Gathered


def gather(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Build the dossier of the suspected root."""
    context = runtime.context
    with context.tracer.span("gather", service=state.case.service):
        dossier = collect.collect(context, state.case, state.inquiry.neighbours)
    context.journal.write("gather", Gathered(dossier=dossier))
    return changes(inquiry=state.inquiry.model_copy(update={"dossier": dossier}))
