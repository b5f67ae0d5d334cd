"""Claims the root for this incident in our own store: one worker per root."""

from typing import Any

from langgraph.runtime import Runtime

from graph.context import Context
from graph.evidence import verification
from graph.state import State, changes, ended
from incident.ending import Outcome


def claim(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Write the root into the incident's row; the incident that was opened first keeps it."""
    context, case = runtime.context, state.case
    row = context.incidents.find(case.incident)
    if row is None:
        raise LookupError(f"incident {case.incident} has no row")
    # Our row first and the others' after it: of two workers at this place at least one sees the other.
    context.incidents.update(row.model_copy(update={"service": case.service, "changed_at": context.clock.now()}))
    earlier = [
        other
        for other in context.incidents.rows()
        if other.status == "open"
        and other.id != row.id
        and (other.world, other.service) == (case.world, case.service)
        # The id decides between two that were opened at one moment, so exactly one of them goes on.
        and (other.opened_at, other.id) < (row.opened_at, row.id)
        and verification.handles(context, other, case)
    ]
    # A dead worker's incident blocks nobody: the next holder of the lock settles what it left at the service.
    alive = next((other for other in earlier if context.incidents.alive(other)), None)
    if alive is not None:
        reason = f"{case.service} is already being handled by {alive.id}"
        return changes(ending=ended(Outcome.NO_ACTION, reason))
    return changes()
