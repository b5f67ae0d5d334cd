"""Locks the service before the first effect, and checks the base of the plan again."""

from typing import Any

from langgraph.runtime import Runtime

from graph.context import Context
from graph.effects import conflicts, gate_record, ownership, perform, undo
from graph.effects.service_lock import take
from graph.evidence import workspace
from graph.state import Case, Plan, Rollout, State, changes, ended, planned
from incident.decision import Hold
from incident.ending import Outcome
from incident.workload import Before, Workload
from policies.rollout import stages
from tools import ports


def lock(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Let others go first, lock what the plan touches, fence the resource, settle what others left there.

    When another version runs than the plan was proved against, everything starts again at the evidence.
    """
    context, case, plan = runtime.context, state.case, planned(state)
    gate_record.check(context, state)
    turn = conflicts.settle(context, state)
    if turn.ending is not None:
        return changes(ending=turn.ending)
    if turn.again:
        return _again(context, state)
    lease = take(context, state)
    if isinstance(lease, ports.Busy):
        conflicts.withdraw(context, case)
        reason = f"{case.service} stayed locked by {', '.join(lease.holders)} for {lease.waited:.0f} s"
        return changes(ending=ended(Outcome.ESCALATED, reason))
    # Before the first write: from there on others must reckon with a change of ours.
    conflicts.say(context, state, acting=True)
    workload = perform.fence(context, case, case.service, lease)
    left = perform.before_of(workload)
    if left is not None:
        # A new owner inherits the resource.  Before our first effect, a mark on it is not ours.
        stop = _inherit(context, case, lease, workload, left)
        if stop:
            conflicts.withdraw(context, case)
            context.lease_keeper.release()
            return changes(ending=ended(Outcome.ESCALATED, stop))
    # Read behind the fence: what runs now cannot be changed by another incident any more.
    base = workspace.serving(context, case.service)
    if (base.name, base.commit) != (plan.stable, plan.base) or not _able_still(context, case, plan):
        context.lease_keeper.release()
        return _again(context, state)
    return changes(rollout=Rollout(lease=lease))


def _able_still(context: Context, case: Case, plan: Plan) -> bool:
    """True when the platform can still carry the plan out as the gate saw it: a person's answer lifts no more than that."""
    facts = stages.Facts(kind=plan.kind, able=workspace.able(context, case.service, plan.remedy))
    way = context.journal.decide("lock", stages.POLICY, facts)
    refused = way.verdict.kind == "deny" or (isinstance(way.verdict, Hold) and not way.verdict.liftable)
    return not refused and (way.result.stages, way.result.source or plan.source) == (plan.stages, plan.source)


def _inherit(context: Context, case: Case, lease: ports.Lease, workload: Workload, left: Before) -> str:
    """Take back what others left; return the reason that nothing may follow, or an empty string."""
    why = ownership.doubt(context, workload, left)
    if why:
        return f"{case.service} carries a mark of an unfinished change that cannot be believed: {why}"
    unrecorded = undo.restore(context, case, lease, "inherit").unrecorded
    if unrecorded:
        return f"what others left was taken back, but {', '.join(unrecorded)} could not be recorded"
    return ""


def _again(context: Context, state: State) -> dict[str, Any]:
    """Drop the plan, and start again at the evidence."""
    conflicts.withdraw(context, state.case)
    return changes(
        plan=None,
        inquiry=state.inquiry.model_copy(update={"dossier": None, "followed": None, "hypothesis": None}),
    )
