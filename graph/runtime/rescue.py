"""Rescue: ends an incident in order when something fails outside of its nodes.

The checkpoints, the journal, the chain or LangGraph may fail between two nodes, or an internal error may occur, while
a canary runs.  Then this incident's change is taken back from the state at the resource, people are told, every
store that can still be written is written, and the incident ends as escalated.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import JsonValue

from graph.context import Context, entered
from graph.effects import notify, perform, undo, whole_ending
from graph.effects.undo import Undone
from graph.evidence.workspace import running
from graph.state import Case, Rollout, State, replaced
from incident.ending import Ending, Outcome
from incident.errors import Fenced, Superseded
from incident.phase import Phase
from incident.record import Closed
from tools import attempt, program
from tools.ports import Lease
from tools.ports.basics import ENDED

UNWRITTEN = "; not written down: "

BEFORE = "what had been changed was taken back before"


def ended(context: Context, fresh: State | None, error: Exception) -> Mapping[str, Any]:
    """Return the values of the state of an incident that an error ended.

    `fresh` is the state that the incident was opened with.  Raises the error when no state is known, and Superseded
    when another process works on the incident: then it is not ours to end.
    """
    if isinstance(error, Superseded):
        raise error
    logging.getLogger(__name__).info("ends after an error", exc_info=error)
    context.hold.look()
    state = context.progress.state or fresh
    if state is None:
        raise error
    return dict(rescued(context, state, error))


def rescued(context: Context, state: State, error: Exception) -> State:
    """Take the change back, tell people, write what can be written, and return the state with its ending."""
    if state.closed:  # only the last checkpoint failed, and nobody needs it
        return state
    context.room.make()
    why = f"{context.progress.node}: {attempt.sentence(error)}".removeprefix(": ")
    # The world can tell of an effect that an earlier process left in flight only before the next one is made.
    attempt.failure(lambda: perform.give_up(context, state.case, why))
    known = "" if state.ending is None else f"{_worded(state.ending)[: attempt.LONGEST]}; "
    ending = Ending(outcome=Outcome.ESCALATED, reason=f"{known}{why}; {_fate(context, state)}")
    attempt.failure(context.lease_keeper.release)
    missing = []
    if attempt.failure(lambda: perform.give_up(context, state.case, why)):
        missing.append("the ledger")
    if attempt.failure(lambda: entered(context, state, "rescue")):
        missing.append("the journal")
    ending = told(context, state.case, ending, missing)
    if "the journal" not in missing:
        closed = Closed(ending=ending, running=_running(context, state.case))
        attempt.failure(lambda: context.journal.write("rescue", closed))
    over = state.model_copy(update={"phase": Phase.CLOSED, "ending": ending, "closed": True})
    context.progress.left(over)
    return over


def in_flight(context: Context, fresh: State) -> bool:
    """True when the resource carries a change of this incident, or when that cannot be known."""
    state = context.progress.state
    if state is not None and (state.rollout is None or state.closed):
        return False
    case = (state or fresh).case
    leases = attempt.run(lambda: _leases(context, case, state.rollout if state else None))
    mark = attempt.run(lambda: perform.before_of(context.world.platform.read(case.service)))
    return bool(leases) and mark is not None


def told(context: Context, case: Case, ending: Ending, missing: list[str]) -> Ending:
    """Return the ending of an incident that was not fully written, as escalated; a person is told once.

    What is `missing` is named in the emergency log with the ending, for the next process that opens the stores.
    """
    lost = context.progress.lost = (*context.progress.lost, *missing)
    reason = _worded(ending).partition(UNWRITTEN)[0]
    if lost:
        reason += f"{UNWRITTEN}{', '.join(lost)}; mend that, then run {program.called('resume')}"
    final = _whole(context, case, reason)
    if context.progress.told is not Outcome.ESCALATED and not notify.tell(context, case, "rescue", final):
        final = _whole(context, case, f"{reason}; and nobody could be told")
    if missing:
        note: dict[str, JsonValue] = {"incident": case.incident, "service": case.service, "reason": final.reason}
        note |= {"lines": list(final.lines), "stop": final.stop, "running": _running(context, case)}
        attempt.failure(lambda: context.emergency.write(context.clock.now(), "suture", ENDED, note))
    return final


def _whole(context: Context, case: Case, reason: str) -> Ending:
    ending = Ending(outcome=Outcome.ESCALATED, reason=reason)
    return whole_ending.of(context.folder, case.incident, case.service, ending, whole=False)


def ending_of(state: State) -> Ending:
    """Return the ending.  Raises LookupError when there is none."""
    if state.ending is None:
        raise LookupError("the graph ended without an ending")
    return state.ending


def _worded(ending: Ending) -> str:
    return ending.stopped if ending.outcome is Outcome.ESCALATED else f"{ending.outcome}: {ending.stopped}"


def _running(context: Context, case: Case) -> str:
    said = attempt.run(lambda: running(context, case.service))
    return said if isinstance(said, str) else f"unknown ({attempt.sentence(said)})"


def _fate(context: Context, state: State) -> str:
    """Undo or settle this incident's change, and return the result in words."""
    service, rollout = state.case.service, state.rollout
    if rollout is None and context.progress.state is not None:
        return BEFORE if state.case.taken_back else "this incident had changed no service"
    if rollout is not None and rollout.verdict == "undone":
        return BEFORE
    healed = rollout is not None and state.ending is not None and state.ending.outcome is Outcome.HEALED
    leases = attempt.run(lambda: _leases(context, state.case, rollout))
    if isinstance(leases, Exception):
        return f"whether {service} carries a change of this incident is not known ({attempt.sentence(leases)})"
    if not leases:
        return f"{service} carries no change of this incident"
    done = _under(
        leases, lambda lease: _settled(context, state, lease) if healed else undo.restore(context, state.case, lease)
    )
    return _said(service, done, healed=healed)


def _said(service: str, done: Undone | Exception, *, healed: bool) -> str:
    if isinstance(done, Fenced):
        way = "the change stays, and is not settled" if healed else "not taken back"
        return f"{way}, because somebody newer owns {service}: {done}"
    if isinstance(done, Exception):
        way = "the change stays, and settling it failed" if healed else f"it was NOT taken back, so look at {service}"
        return f"{way}: {attempt.sentence(done)}"
    if healed:
        return "the change was verified before that, and it stays"
    return f"taken back: {done.said}" if done.said != undo.NOTHING else done.said


def _settled(context: Context, state: State, lease: Lease) -> Undone:
    return undo.settle(context, state.case, lease, replaced(state))


def _under(leases: tuple[Lease, ...], work: Callable[[Lease], Undone]) -> Undone | Exception:
    """Work under the first of these leases that the resource knows."""
    done: Undone | Exception = Fenced("no lease is left")
    for lease in leases:
        done = attempt.run(lambda held=lease: work(held))  # type: ignore[misc]
        if not isinstance(done, Fenced):
            break
    return done


def _leases(context: Context, case: Case, rollout: Rollout | None) -> tuple[Lease, ...]:
    """Return the leases under which this incident may have changed something.

    When its state cannot be read, the grant at the resource is ours if the ledger has its last effect as ours.
    """
    if rollout is not None:
        return tuple(lease for lease in (context.lease_keeper.lease, rollout.lease) if lease is not None)
    workload = context.world.platform.read(case.service)
    entry = perform.last(context, workload)
    token = perform.token_at(workload)
    if entry is None or (entry.incident, entry.intent.get("token")) != (case.incident, token):
        return ()
    grant = perform.effect_at(workload).grant
    return (Lease(owner=case.incident, token=token, grant=grant, exclusive=(case.service,), shared=(), seconds=0.0),)
