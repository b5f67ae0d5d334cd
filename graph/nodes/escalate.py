"""Hands the incident to a person."""

from typing import Any

from langgraph.runtime import Runtime

from graph.context import Context
from graph.effects import whole_ending
from graph.effects.notify import tell
from graph.state import State, changes, ended
from incident.ending import Outcome


def escalate(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Tell people; when nobody could be told, the ending says so."""
    context, case = runtime.context, state.case
    ending = state.ending or ended(Outcome.ESCALATED, "nothing more could be done safely")
    if tell(context, case, "escalate", whole_ending.of(context.folder, case.incident, case.service, ending)):
        return changes(ending=ending)
    return changes(ending=ended(ending.outcome, f"{ending.reason}; and nobody could be told"))
