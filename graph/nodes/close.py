"""Ends the incident: settles what runs, releases the lock, writes the ending."""

from typing import Any

from langgraph.runtime import Runtime

from graph.context import Context, entered
from graph.effects import publication, undo, whole_ending
from graph.effects.notify import tell
from graph.effects.service_lock import for_undo
from graph.evidence.workspace import running
from graph.state import State, changes, ended, replaced
from incident.ending import Ending, Outcome
from incident.errors import SutureError
from incident.record import Closed


def close(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Close with the ending that was reached; a node before this one has always set it."""
    context, case = runtime.context, state.case
    if state.ending is None:
        raise LookupError("an incident is never closed without an ending")
    ending = state.ending
    if ending.outcome is Outcome.HEALED:
        ending = _settled(context, state, ending)
        publication.publish(context, state)
    phase = entered(context, state, "close").phase
    # After the settling, which is an effect and needs the lock.
    context.lease_keeper.release()
    ending = whole_ending.of(context.folder, case.incident, case.service, ending)
    if state.ending.outcome in (Outcome.HEALED, Outcome.ROLLED_BACK, Outcome.REJECTED):
        tell(context, case, "close", ending)
    context.journal.write("close", Closed(ending=ending, running=running(context, case.service)))
    return changes(phase=phase, ending=ending, closed=True)


def _settled(context: Context, state: State, ending: Ending) -> Ending:
    """Remove the version that was replaced, and our mark; return the ending, escalated when that was not recorded.

    No failing store can stop it: a mark that stayed would let the next incident here take the fix back.
    """
    rollout = state.rollout
    if rollout is None:
        return ending
    try:
        done = undo.settle(context, state.case, for_undo(context, state, rollout), replaced(state))
    except SutureError as error:
        return ending.model_copy(update={"reason": f"{ending.reason}; the replaced version still runs idle: {error}"})
    if done.unrecorded:
        reason = f"{ending.reason}; the change stays; that it was settled could not be recorded and stands in the emergency log"
        return ended(Outcome.ESCALATED, reason)
    return ending
