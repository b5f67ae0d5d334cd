"""Ends the incident: settles what runs, gives the claims back, writes the ending."""

from typing import Any

from langgraph.runtime import Runtime

from graph import effects
from graph.desk import Desk
from graph.nodes.common import moved
from graph.nodes.lock import for_undo
from graph.state import State, changes
from graph.telling import tell
from incident.ending import Ending, Outcome
from incident.errors import SutureError
from incident.phase import Phase
from incident.record import Closed
from incident.workload import BEFORE_ANNOTATION, Annotate, Remove, WorkloadChange


def close(state: State, runtime: Runtime[Desk]) -> dict[str, Any]:
    """Close with the ending that was reached; a node before this one has always set it."""
    desk, case = runtime.context, state.case
    if state.ending is None:
        raise LookupError("an incident is never closed without an ending")
    ending = state.ending
    if ending.outcome is Outcome.HEALED:
        ending = _settled(desk, state, ending)
    phase = moved(desk, state, Phase.CLOSED, "close")
    desk.tenure.release()
    if ending.outcome in (Outcome.HEALED, Outcome.ROLLED_BACK, Outcome.REJECTED):
        tell(desk, case, "close", ending)
    desk.scribe.write("close", Closed(ending=ending, running=running(desk, state)))
    return changes(phase=phase, ending=ending, closed=True)


def _settled(desk: Desk, state: State, ending: Ending) -> Ending:
    """Remove the version that was replaced and take our mark off; a healed service stays healed without it."""
    rollout, plan = state.rollout, state.plan
    if rollout is None or plan is None:
        return ending
    # Computed from the plan alone, so that a resumed run asks for the same effect under the same key.
    replaced = rollout.canary not in ("", plan.stable)
    change: WorkloadChange = Remove(version=plan.stable) if replaced else Annotate()
    try:
        effects.perform(
            desk,
            state.case,
            for_undo(desk, state, rollout),
            "settle",
            change,
            annotations={BEFORE_ANNOTATION: ""},
            undoing=True,
        )
    except SutureError as error:
        return ending.model_copy(update={"reason": f"{ending.reason}; the replaced version still runs idle: {error}"})
    return ending


def running(desk: Desk, state: State) -> str:
    """What runs now, in words; says so when that cannot be told."""
    try:
        workload = desk.world.platform.read(state.case.service)
    except SutureError as error:
        return f"unknown ({error})"
    return ", ".join(
        f"{version.name} ({version.commit[:12]}) {version.weight} %"
        for version in sorted(workload.versions, key=lambda version: -version.weight)
    )
