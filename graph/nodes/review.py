"""Asks the reviewer, which can reject or pass on, never approve."""

from typing import Any

from langgraph.runtime import Runtime

from agents import reviewing
from graph.context import Context
from graph.evidence import allowance, choices
from graph.evidence.allowance import unanswered
from graph.evidence.workspace import view
from graph.state import State, believed, changes, gathered, planned, refused
from incident.record import Reviewed
from incident.remedy import Patch


def review(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Let an agent that did not write the patch read its diff and its proof."""
    context, plan = runtime.context, planned(state)
    if not isinstance(plan.remedy, Patch) or plan.proof is None:
        raise LookupError("only a proved patch is reviewed")
    with context.tracer.span("review", service=state.case.service):
        said, answered = reviewing.review(
            plan.remedy,
            plan.proof,
            believed(state),
            view(context, state.case, gathered(state.inquiry)),
            context.models.reviewer(context.settings.budget),
            context.models.review,
            allowance.left(context),
            context.clock,
        )
    context.journal.write("review", answered)
    if (ending := unanswered(answered)) is not None:
        return changes(ending=ending)
    context.journal.write("review", Reviewed(review=said))
    if said.objections:
        left = refused(plan, plan.remedy, "review: " + "; ".join(said.objections), "review")
        return changes(plan=choices.settled(context, state, left))
    return changes(plan=plan.model_copy(update={"review": said}))
