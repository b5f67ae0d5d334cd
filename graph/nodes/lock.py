"""Takes the service before the first effect, and looks again at what the plan rests on."""

import hashlib
from typing import Any

from langgraph.runtime import Runtime

from graph import benching, conflicting, effects, gated, inheriting, undo
from graph.desk import Desk
from graph.nodes.common import ended, moved, planned
from graph.state import Case, Inquiry, Rollout, State, changes
from graph.steps import version_of
from incident.ending import Outcome
from incident.errors import Fenced, Halted, Unavailable
from incident.phase import Phase
from incident.remedy import Patch
from incident.workload import Before, Workload
from tools import ports


def lock(state: State, runtime: Runtime[Desk]) -> dict[str, Any]:
    """Let others go first, claim what the plan touches, claim the resource, settle what others left there.

    When what runs is no longer what the plan was proved against, everything starts again at the
    evidence.
    """
    desk, case, plan = runtime.context, state.case, planned(state)
    gated.check(desk, state)
    phase = moved(desk, state, Phase.LOCKING, "lock")
    turn = conflicting.settle(desk, state)
    if turn.ending is not None:
        return changes(phase=phase, ending=turn.ending)
    if turn.again:
        return _again(desk, state.model_copy(update={"phase": phase}))
    lease = take(desk, state)
    if isinstance(lease, ports.Busy):
        conflicting.withdraw(desk, case)
        reason = f"{case.service} stayed claimed by {', '.join(lease.holders)} for {lease.waited:.0f} s"
        return changes(phase=phase, ending=ended(Outcome.ESCALATED, reason))
    conflicting.say(desk, state, acting=True)
    workload = effects.claim(desk, case, case.service, lease)
    left = effects.before_of(workload)
    if left is not None:
        # Whoever takes a resource inherits it.  Before our first effect, what stands there is not ours.
        stop = _inherit(desk, case, lease, workload, left)
        if stop:
            conflicting.withdraw(desk, case)
            desk.tenure.release()
            return changes(phase=phase, ending=ended(Outcome.ESCALATED, stop))
    base = benching.serving(desk, case.service)
    if (base.name, base.commit) != (plan.stable, plan.base):
        desk.tenure.release()
        return _again(desk, state.model_copy(update={"phase": phase}))
    again = state.model_copy(update={"phase": phase})
    return changes(phase=moved(desk, again, Phase.DEPLOYING, "lock"), rollout=Rollout(lease=lease))


def _inherit(desk: Desk, case: Case, lease: ports.Lease, workload: Workload, left: Before) -> str:
    """Take back what others left; returns why nothing may follow, or an empty string."""
    why = inheriting.doubt(desk, workload, left)
    if why:
        return f"{case.service} carries a mark of an unfinished change that cannot be believed: {why}"
    unbooked = undo.restore(desk, case, lease, "inherit").unbooked
    if unbooked:
        return f"what others left was taken back, but {', '.join(unbooked)} could not be recorded"
    return ""


def _again(desk: Desk, state: State) -> dict[str, Any]:
    """Start again at the evidence; the plan is none any more."""
    conflicting.withdraw(desk, state.case)
    return changes(
        phase=moved(desk, state, Phase.DIAGNOSING, "lock"),
        plan=None,
        inquiry=Inquiry(rounds=state.inquiry.rounds, neighbours=state.inquiry.neighbours),
    )


def take(desk: Desk, state: State) -> ports.Lease | ports.Busy:
    """Claim exclusively what the plan changes and shared what it relies on, all or nothing."""
    case, neighbours, remedy = state.case, state.inquiry.neighbours, planned(state).remedy
    files = (f"file:{remedy.path}",) if isinstance(remedy, Patch) else ()
    around = () if neighbours is None else (*neighbours.callers, *neighbours.callees)
    return desk.tenure.take(
        case.incident,
        tuple(scoped(case.world, name) for name in (case.service, *files)),
        tuple(scoped(case.world, name) for name in sorted(set(around)) if name != case.service),
        seconds=desk.settings.lease_seconds,
        wait=desk.settings.lock_wait_seconds,
    )


def held(desk: Desk, state: State, rollout: Rollout) -> Rollout:
    """Return the rollout with a lease that this process holds, claimed anew after an interruption.

    Raises Fenced when somebody else has taken over meanwhile, and Halted when this incident's own undo stands at the
    resource: it ended in order, which could not be written down.
    """
    if desk.tenure.holds(rollout.lease):
        return rollout
    plan = planned(state)
    added = rollout.canary or (version_of(plan.remedy, plan.stable, state.case.incident) if plan.remedy else "")
    if undo.begun(state.case, desk.world.platform.read(state.case.service), added):
        raise Halted(f"what this incident had changed on {state.case.service} is being taken back already")
    if desk.tenure.lost(rollout.lease):
        # Somebody may already act on what we relied on, and the store cannot say who: no widening from here on.
        raise Fenced(f"the store of claims no longer knows token {rollout.lease.token}")
    lease = take(desk, state)
    if isinstance(lease, ports.Busy):
        raise Fenced(f"{state.case.service} was taken over by {', '.join(lease.holders)}")
    effects.claim(desk, state.case, state.case.service, lease)
    return rollout.model_copy(update={"lease": lease})


def for_undo(desk: Desk, state: State, rollout: Rollout) -> ports.Lease:
    """Return the lease to undo under.  The store of claims is asked only when the resource does not know us.

    While the resource carries our own grant nobody newer has come, so undoing neither waits for the
    store nor fails with it; that may be an older grant than the one that this process holds, if nothing
    was allowed under that one.  Raises Fenced when somebody else has taken over.
    """
    current = desk.tenure.lease
    mine = current if current is not None and desk.tenure.holds(current) else None
    try:
        if effects.owned(desk.world.platform.read(state.case.service), rollout.lease):
            return rollout.lease
        lease = mine or take(desk, state)
    except Unavailable:
        return mine or rollout.lease
    if isinstance(lease, ports.Busy):
        raise Fenced(f"{state.case.service} was taken over by {', '.join(lease.holders)}")
    effects.claim(desk, state.case, state.case.service, lease, undoing=True)
    return lease


def scoped(world: str, name: str) -> str:
    """Name of the claim on a service or file: those of different worlds do not meet."""
    return f"{hashlib.sha256(world.encode()).hexdigest()[:8]}/{name}"
