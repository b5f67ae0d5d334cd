"""Lock on a service: taken before the first effect, held while it is changed, and needed for an undo."""

import hashlib

from graph.context import Context
from graph.effects import perform, undo
from graph.effects.steps import version_of
from graph.state import Rollout, State, planned
from incident.errors import Fenced, Halted, Unavailable
from incident.remedy import Patch
from tools import ports


def take(context: Context, state: State) -> ports.Lease | ports.Busy:
    """Lock exclusively what the plan changes and shared what it relies on, all or nothing."""
    case, neighbours, remedy = state.case, state.inquiry.neighbours, planned(state).remedy
    files = (f"file:{remedy.path}",) if isinstance(remedy, Patch) else ()
    around = () if neighbours is None else (*neighbours.callers, *neighbours.callees)
    return context.lease_keeper.take(
        case.incident,
        tuple(scoped(case.world, name) for name in (case.service, *files)),
        tuple(scoped(case.world, name) for name in sorted(set(around)) if name != case.service),
        seconds=context.settings.lease_seconds,
        wait=context.settings.lock_wait_seconds,
    )


def held(context: Context, state: State, rollout: Rollout) -> Rollout:
    """Return the rollout with a lease that this process holds, taken anew after an interruption.

    Raises Fenced when somebody else has taken over meanwhile, and Halted when the last effect at the resource is this
    incident's own undo: it ended in order, but its ending could not be written.
    """
    if context.lease_keeper.holds(rollout.lease):
        return rollout
    plan = planned(state)
    case = state.case
    named = version_of(plan.remedy, plan.stable, case.incident, case.taken_back) if plan.remedy else ""
    added = rollout.canary or named
    if undo.begun(state.case, context.world.platform.read(state.case.service), added):
        raise Halted(f"what this incident had changed on {state.case.service} is being taken back already")
    if context.lease_keeper.lost(rollout.lease):
        # Somebody may already act on what we relied on, and the store cannot say who: no widening from here on.
        raise Fenced(f"the store of locks no longer knows token {rollout.lease.token}")
    lease = take(context, state)
    if isinstance(lease, ports.Busy):
        raise Fenced(f"{state.case.service} was taken over by {', '.join(lease.holders)}")
    perform.fence(context, state.case, state.case.service, lease)
    return rollout.model_copy(update={"lease": lease})


def for_undo(context: Context, state: State, rollout: Rollout) -> ports.Lease:
    """Return the lease to undo under.  The store of locks is asked only when the resource does not carry our grant.

    While it carries our grant nobody newer has come, so an undo neither waits for the store nor fails with it.  That
    grant may be older than the one that this process holds, if nothing was done under the newer one.  Raises
    Fenced when somebody else has taken over.
    """
    current = context.lease_keeper.lease
    mine = current if current is not None and context.lease_keeper.holds(current) else None
    try:
        if perform.owned(context.world.platform.read(state.case.service), rollout.lease):
            return rollout.lease
        lease = mine or take(context, state)
    except Unavailable:
        return mine or rollout.lease
    if isinstance(lease, ports.Busy):
        raise Fenced(f"{state.case.service} was taken over by {', '.join(lease.holders)}")
    perform.fence(context, state.case, state.case.service, lease, undoing=True)
    return lease


def scoped(world: str, name: str) -> str:
    """Return the name of the lock on a service or file; each world has names of its own."""
    return f"{hashlib.sha256(world.encode()).hexdigest()[:8]}/{name}"
