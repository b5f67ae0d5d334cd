"""The claim on a service: taken before the first effect, held while it is changed, and asked for an undo."""

import hashlib

from graph.context import Context
from graph.effects import perform, undo
from graph.effects.steps import version_of
from graph.state import Rollout, State, planned
from incident.errors import Fenced, Halted, Unavailable
from incident.remedy import Patch
from tools import ports


def take(context: Context, state: State) -> ports.Lease | ports.Busy:
    """Claim exclusively what the plan changes and shared what it relies on, all or nothing."""
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
    """Return the rollout with a lease that this process holds, claimed anew after an interruption.

    Raises Fenced when somebody else has taken over meanwhile, and Halted when this incident's own undo stands at the
    resource: it ended in order, which could not be written down.
    """
    if context.lease_keeper.holds(rollout.lease):
        return rollout
    plan = planned(state)
    added = rollout.canary or (version_of(plan.remedy, plan.stable, state.case.incident) if plan.remedy else "")
    if undo.begun(state.case, context.world.platform.read(state.case.service), added):
        raise Halted(f"what this incident had changed on {state.case.service} is being taken back already")
    if context.lease_keeper.lost(rollout.lease):
        # Somebody may already act on what we relied on, and the store cannot say who: no widening from here on.
        raise Fenced(f"the store of claims no longer knows token {rollout.lease.token}")
    lease = take(context, state)
    if isinstance(lease, ports.Busy):
        raise Fenced(f"{state.case.service} was taken over by {', '.join(lease.holders)}")
    perform.fence(context, state.case, state.case.service, lease)
    return rollout.model_copy(update={"lease": lease})


def for_undo(context: Context, state: State, rollout: Rollout) -> ports.Lease:
    """Return the lease to undo under.  The store of claims is asked only when the resource does not know us.

    While the resource carries our own grant nobody newer has come, so undoing neither waits for the
    store nor fails with it; that may be an older grant than the one that this process holds, if nothing
    was allowed under that one.  Raises Fenced when somebody else has taken over.
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
    """Name of the claim on a service or file: those of different worlds do not meet."""
    return f"{hashlib.sha256(world.encode()).hexdigest()[:8]}/{name}"
