"""Takes the change back."""

from typing import Any

from langgraph.runtime import Runtime

from graph.context import Context
from graph.effects import undo
from graph.effects.service_lock import for_undo
from graph.setbacks import setback
from graph.state import Rollout, State, changes, ended, rolling
from incident.decision import because
from incident.ending import Outcome
from incident.errors import Fenced, Unavailable, Unsure


def roll_back(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Undo from the state recorded at the resource.  An ending that was set before stays the ending.

    Without one the remedy was judged bad, and the search goes on.
    """
    context, rollout = runtime.context, rolling(state)
    why = state.ending.reason if state.ending else rollout.reason
    try:
        # No span around it: undoing needs the platform and nothing else.
        done = undo.restore(context, state.case, for_undo(context, state, rollout))
    except Fenced as error:
        reason = f"{why}; not undone, because somebody newer owns {state.case.service}: {error}"
        return changes(ending=ended(Outcome.ESCALATED, reason))
    except (Unavailable, Unsure) as error:
        return changes(ending=ended(Outcome.ESCALATED, f"{why}; and undoing it failed: {error}"))
    undone = rollout.model_copy(update={"verdict": "undone"})
    if done.unrecorded:
        missing = f"{', '.join(done.unrecorded)} could not be recorded and stands in the emergency log"
        return changes(rollout=undone, ending=ended(Outcome.ESCALATED, f"{why}; {done.said}; {missing}"))
    if state.ending is not None:
        return changes(rollout=undone, ending=ended(state.ending.outcome, f"{why}; {done.said}"))
    return _on(state, rollout, done.said)


def _on(state: State, rollout: Rollout, said: str) -> dict[str, Any]:
    """Return to the search: the remedy was judged, and it did not help."""
    case = state.case.model_copy(update={"taken_back": state.case.taken_back + 1})
    why = rollout.why or because("nothing_decided")
    return {**setback(state, why, Outcome.ROLLED_BACK, said), **changes(case=case)}
