"""Takes the service before the first effect, and looks again at what the plan rests on."""

import hashlib
from typing import Any

from langgraph.runtime import Runtime

from graph import benching, effects, inheriting, undo
from graph.desk import Desk
from graph.nodes.common import ended, moved, planned
from graph.state import Inquiry, Rollout, State, changes
from incident.ending import Outcome
from incident.errors import Fenced, Unavailable
from incident.phase import Phase
from tools import ports


def lock(state: State, runtime: Runtime[Desk]) -> dict[str, Any]:
    """Claim the service and its direct neighbours, claim the resource, settle what others left there.

    When what runs is no longer what the plan was proved against, everything starts again at the
    evidence.
    """
    desk, case, plan = runtime.context, state.case, planned(state)
    phase = moved(desk, state, Phase.LOCKING, "lock")
    lease = take(desk, state)
    if isinstance(lease, ports.Busy):
        reason = f"{case.service} stayed claimed by {', '.join(lease.holders)} for {lease.waited:.0f} s"
        return changes(phase=phase, ending=ended(Outcome.ESCALATED, reason))
    workload = effects.claim(desk, case, case.service, lease)
    left = effects.before_of(workload)
    if left is not None:
        # Whoever takes a resource inherits it.  Before our first effect, what stands there is not ours.
        why = inheriting.doubt(desk, workload, left)
        if why:
            desk.tenure.release()
            reason = f"{case.service} carries a mark of an unfinished change that cannot be believed: {why}"
            return changes(phase=phase, ending=ended(Outcome.ESCALATED, reason))
        undo.restore(desk, case, lease)
    base = benching.serving(desk, case.service)
    if (base.name, base.commit) != (plan.stable, plan.base):
        desk.tenure.release()
        again = state.model_copy(update={"phase": phase})
        return changes(
            phase=moved(desk, again, Phase.DIAGNOSING, "lock"),
            plan=None,
            inquiry=Inquiry(rounds=state.inquiry.rounds, neighbours=state.inquiry.neighbours),
        )
    again = state.model_copy(update={"phase": phase})
    return changes(phase=moved(desk, again, Phase.DEPLOYING, "lock"), rollout=Rollout(lease=lease))


def take(desk: Desk, state: State) -> ports.Lease | ports.Busy:
    """Claim exclusively what the plan changes and shared what it relies on, all or nothing."""
    case, neighbours = state.case, state.inquiry.neighbours
    around = () if neighbours is None else (*neighbours.callers, *neighbours.callees)
    return desk.tenure.take(
        case.incident,
        (scoped(case.world, case.service),),
        tuple(scoped(case.world, name) for name in sorted(set(around)) if name != case.service),
        seconds=desk.settings.lease_seconds,
        wait=desk.settings.lock_wait_seconds,
    )


def held(desk: Desk, state: State, rollout: Rollout) -> Rollout:
    """Return the rollout with a lease that this process holds, claimed anew after an interruption.

    Raises Fenced when somebody else has taken over meanwhile.
    """
    if desk.tenure.holds(rollout.lease):
        return rollout
    lease = take(desk, state)
    if isinstance(lease, ports.Busy):
        raise Fenced(f"{state.case.service} was taken over by {', '.join(lease.holders)}")
    effects.claim(desk, state.case, state.case.service, lease)
    return rollout.model_copy(update={"lease": lease})


def for_undo(desk: Desk, state: State, rollout: Rollout) -> ports.Lease:
    """Return the lease to undo under.  Without a lock store the one that was granted last still counts.

    Raises Fenced when somebody else has taken over.
    """
    current = desk.tenure.lease
    if current is not None and desk.tenure.holds(current):
        return current
    try:
        lease = take(desk, state)
    except Unavailable:
        return rollout.lease
    if isinstance(lease, ports.Busy):
        raise Fenced(f"{state.case.service} was taken over by {', '.join(lease.holders)}")
    effects.claim(desk, state.case, state.case.service, lease, undoing=True)
    return lease


def scoped(world: str, service: str) -> str:
    """Name of a service's lock: services of different worlds do not meet."""
    return f"{hashlib.sha256(world.encode()).hexdigest()[:8]}/{service}"
