"""Collects evidence with code, before any model is asked."""

from typing import Any

from langgraph.runtime import Runtime

from graph.context import Context
from graph.evidence import collect, exposures, observe, past, workspace
from graph.state import State, changes
from incident.record import Gathered
from policies.suspects import asking, ranking


def gather(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Build the dossier of the suspected root."""
    context, inquiry = runtime.context, state.inquiry
    # A service that the search moved to has neighbours of its own.
    around = inquiry.neighbours or workspace.around(context, state.case.service)
    with context.tracer.span("gather", service=state.case.service):
        found = exposures.compared(context, collect.collect(context, state.case, around))
        dossier = past.recalled(context, state.case, found)
    context.journal.write("gather", Gathered(dossier=dossier))
    if context.settings.suspects and not inquiry.rounds:
        with context.tracer.span("suspects", service=state.case.service):
            seen = observe.observe(context, state.case)
            context.journal.decide("gather", ranking.POLICY, asking.facts(seen))
    return changes(inquiry=inquiry.model_copy(update={"neighbours": around, "dossier": dossier}))
