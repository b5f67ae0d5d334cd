"""Collects evidence with code, before any model is asked."""

from typing import Any

from langgraph.runtime import Runtime

from graph.context import Context
from graph.evidence import collect, exposures, past, steering, suspicions, workspace
from graph.state import State, changes
from incident.record import Gathered


def gather(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Build the dossier of the suspected root, with the suspects over all services where they are asked for."""
    context = runtime.context
    inquiry = steering.heard(context, state.case, state.inquiry, "gather")
    # A service that the search moved to has neighbours of its own.
    around = inquiry.neighbours or workspace.around(context, state.case.service)
    with context.tracer.span("gather", service=state.case.service):
        found = exposures.compared(context, collect.collect(context, state.case, around))
        dossier = past.recalled(context, state.case, found)
    accused = inquiry.accused
    if accused is None and (inquiry.wide or context.settings.suspects == "first"):
        accused = suspicions.ranked(context, state.case, inquiry)
    dossier = steering.added(suspicions.added(dossier, accused or ()), inquiry.words)
    context.journal.write("gather", Gathered(dossier=dossier))
    update = {"neighbours": around, "dossier": dossier, "accused": accused}
    return changes(inquiry=inquiry.model_copy(update=update))
