"""Declares a plan to the other incidents, and waits where the policy says that they come first."""

import hashlib
from typing import assert_never

from graph.context import Context
from graph.evidence import verification
from graph.reports.vocabulary import sentence
from graph.state import Case, State, ended, planned
from incident.declared_plan import DeclaredPlan, Party, Setting
from incident.ending import Ending, Outcome
from incident.errors import Halted
from incident.remedy import AskHuman, Patch, Remedy, Restart, RevertConfig, RollBack, Scale, Wait
from incident.value import Value, encode
from policies.gates import conflicts

LOOK = 1.0
"""Seconds between looks at the others while waiting for them."""


class Turn(Value):
    """Result of waiting for the others."""

    again: bool = False
    """True when the base of the plan may have changed, so that everything starts again at the evidence."""
    ending: Ending | None = None


def settle(context: Context, state: State) -> Turn:
    """Declare the plan, and return when nobody comes first; each change of the answer is journaled.

    Waiting is bounded by the setting `conflict_wait_seconds`.  Raises Halted when a person stops it.
    """
    # Declared before the others are read: of two at this place at least one sees the other's plan.
    say(context, state, acting=False)
    started = context.clock.monotonic()
    asked: conflicts.Facts | None = None
    waited: list[str] = []
    while True:
        facts = _facts(context, state)
        if facts != asked:
            decision = context.journal.decide("lock", conflicts.POLICY, facts)
            asked = facts
        reason = sentence(decision.verdict.reason)
        match decision.choice:
            case "independent":
                return _afterwards(context, state, waited)
            case "escalate":
                return _given_up(context, state, reason)
            case "wait" | "order" | "merge":
                pass
            case _:
                assert_never(decision.choice)
        if context.clock.monotonic() - started >= context.settings.conflict_wait_seconds:
            return _given_up(context, state, f"waited {context.clock.monotonic() - started:.0f} s in vain: {reason}")
        waited.append(decision.choice)
        _may_wait(context, state.case)
        context.clock.sleep(LOOK)


def say(context: Context, state: State, *, acting: bool) -> None:
    """Write the declared plan into the incident's row, for the others to read."""
    _write(context, state.case, declared_of(state, acting=acting))


def withdraw(context: Context, case: Case) -> None:
    """Remove the declared plan from the incident's row."""
    _write(context, case, None)


def declared_of(state: State, *, acting: bool) -> DeclaredPlan:
    """Return the declared plan: what it changes and relies on."""
    remedy, neighbours = planned(state).remedy, state.inquiry.neighbours
    if remedy is None:
        raise LookupError("a plan without a remedy changes nothing")
    return DeclaredPlan(
        service=state.case.service,
        change=_change(remedy),
        path=remedy.path if isinstance(remedy, Patch) else "",
        function=remedy.function if isinstance(remedy, Patch) else "",
        setting=Setting(version=remedy.version, key=remedy.key, value=remedy.back_to)
        if isinstance(remedy, RevertConfig)
        else None,
        callers=neighbours.callers if neighbours else (),
        callees=neighbours.callees if neighbours else (),
        acting=acting,
    )


def _change(remedy: Remedy) -> str:
    """Return the digest of a change, the same whoever proposed it for whatever alert."""
    match remedy:
        case Patch():
            return hashlib.sha256(encode([[edit.path, edit.after] for edit in remedy.edits])).hexdigest()
        case RollBack() | RevertConfig() | Restart() | Scale() | Wait() | AskHuman():
            return remedy.digest()
    assert_never(remedy)


def _write(context: Context, case: Case, declared: DeclaredPlan | None) -> None:
    row = context.incidents.find(case.incident)
    if row is None:
        raise LookupError(f"incident {case.incident} has no row")
    if row.declared != declared:
        context.incidents.update(row.model_copy(update={"declared": declared}))


def _facts(context: Context, state: State) -> conflicts.Facts:
    parties = [
        Party(incident=row.id, opened_at=row.opened_at, declared=row.declared)
        for row in context.incidents.rows()
        # A closed or waiting incident has no declared plan, and nobody carries out a dead worker's.
        if row.world == state.case.world
        and row.status != "closed"
        and row.declared is not None
        and (row.id == state.case.incident or context.incidents.alive(row))
    ]
    return conflicts.Facts(
        mine=next(party for party in parties if party.incident == state.case.incident),
        others=tuple(party for party in parties if party.incident != state.case.incident),
    )


def _afterwards(context: Context, state: State, waited: list[str]) -> Turn:
    if not waited:
        return Turn()
    if verification.recovered(context, state.case.condition, "lock"):
        withdraw(context, state.case)
        return Turn(
            ending=ended(Outcome.NO_ACTION, "the alert recovered while this incident waited for another one's change")
        )
    # A plan that only waited for the same service is checked against its base at the lock.
    return Turn(again=set(waited) != {"wait"})


def _given_up(context: Context, state: State, reason: str) -> Turn:
    withdraw(context, state.case)
    return Turn(ending=ended(Outcome.ESCALATED, reason))


def _may_wait(context: Context, case: Case) -> None:
    control = context.incidents.control(case.incident)
    if control.stops("wait"):
        raise Halted(f"stopped by {control.by or 'nobody named'} while it waited for others")
