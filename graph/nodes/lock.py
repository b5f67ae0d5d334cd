"""Takes the service before the first effect, and looks again at what the plan rests on."""

from typing import Any

from langgraph.runtime import Runtime

from graph.context import Desk, moved
from graph.effects import conflicts, gate_record, ownership, perform, undo
from graph.effects.service_lock import take
from graph.evidence import workspace
from graph.state import Case, Inquiry, Rollout, State, changes, ended, planned
from incident.ending import Outcome
from incident.phase import Phase
from incident.workload import Before, Workload
from tools import ports


def lock(state: State, runtime: Runtime[Desk]) -> dict[str, Any]:
    """Let others go first, claim what the plan touches, claim the resource, settle what others left there.

    When what runs is no longer what the plan was proved against, everything starts again at the
    evidence.
    """
    desk, case, plan = runtime.context, state.case, planned(state)
    gate_record.check(desk, state)
    phase = moved(desk, state, Phase.LOCKING, "lock")
    turn = conflicts.settle(desk, state)
    if turn.ending is not None:
        return changes(phase=phase, ending=turn.ending)
    if turn.again:
        return _again(desk, state.model_copy(update={"phase": phase}))
    lease = take(desk, state)
    if isinstance(lease, ports.Busy):
        conflicts.withdraw(desk, case)
        reason = f"{case.service} stayed claimed by {', '.join(lease.holders)} for {lease.waited:.0f} s"
        return changes(phase=phase, ending=ended(Outcome.ESCALATED, reason))
    conflicts.say(desk, state, acting=True)
    workload = perform.claim(desk, case, case.service, lease)
    left = perform.before_of(workload)
    if left is not None:
        # Whoever takes a resource inherits it.  Before our first effect, what stands there is not ours.
        stop = _inherit(desk, case, lease, workload, left)
        if stop:
            conflicts.withdraw(desk, case)
            desk.tenure.release()
            return changes(phase=phase, ending=ended(Outcome.ESCALATED, stop))
    base = workspace.serving(desk, case.service)
    if (base.name, base.commit) != (plan.stable, plan.base):
        desk.tenure.release()
        return _again(desk, state.model_copy(update={"phase": phase}))
    again = state.model_copy(update={"phase": phase})
    return changes(phase=moved(desk, again, Phase.DEPLOYING, "lock"), rollout=Rollout(lease=lease))


def _inherit(desk: Desk, case: Case, lease: ports.Lease, workload: Workload, left: Before) -> str:
    """Take back what others left; returns why nothing may follow, or an empty string."""
    why = ownership.doubt(desk, workload, left)
    if why:
        return f"{case.service} carries a mark of an unfinished change that cannot be believed: {why}"
    unbooked = undo.restore(desk, case, lease, "inherit").unbooked
    if unbooked:
        return f"what others left was taken back, but {', '.join(unbooked)} could not be recorded"
    return ""


def _again(desk: Desk, state: State) -> dict[str, Any]:
    """Start again at the evidence; the plan is none any more."""
    conflicts.withdraw(desk, state.case)
    return changes(
        phase=moved(desk, state, Phase.DIAGNOSING, "lock"),
        plan=None,
        inquiry=Inquiry(rounds=state.inquiry.rounds, neighbours=state.inquiry.neighbours),
    )
