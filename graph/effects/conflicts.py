"""Says to the other incidents what a plan will change, and waits where the policy says that they come first."""

import hashlib
from typing import assert_never

from graph.context import Desk
from graph.state import Case, State, ended, planned
from incident.ending import Ending, Outcome
from incident.errors import Halted
from incident.evidence import Measurement
from incident.remedy import AskHuman, Patch, Remedy, Restart, RevertConfig, RollBack, Scale, Wait
from incident.stake import Party, Setting, Stake
from incident.value import Value, encode
from policies.gates import conflicts

LOOK = 1.0
"""Seconds between looks at the others while waiting for them."""


class Turn(Value):
    """What waiting for the others came to."""

    again: bool = False
    """Whether what the plan rests on may have changed, so that everything starts again at the evidence."""
    ending: Ending | None = None


def settle(desk: Desk, state: State) -> Turn:
    """Say what the plan changes, and return when nobody comes first; each change of the answer is journaled.

    Waiting is bounded by the setting `conflict_wait_seconds`.  Raises Halted when a person stops it.
    """
    say(desk, state, acting=False)
    started = desk.clock.monotonic()
    asked: conflicts.Facts | None = None
    waited: list[str] = []
    while True:
        facts = _facts(desk, state)
        if facts != asked:
            decision = desk.scribe.decide("lock", "conflicts.judge", facts)
            asked = facts
        if decision.choice == "independent":
            return _afterwards(desk, state, waited)
        reason = decision.verdict.reason
        if decision.choice == "escalate":
            return _given_up(desk, state, reason)
        if desk.clock.monotonic() - started >= desk.settings.conflict_wait_seconds:
            return _given_up(desk, state, f"waited {desk.clock.monotonic() - started:.0f} s in vain: {reason}")
        waited.append(decision.choice)
        _may_wait(desk, state.case)
        desk.clock.sleep(LOOK)


def say(desk: Desk, state: State, *, acting: bool) -> None:
    """Write the plan's stake into the incident's row, for the others to read."""
    _write(desk, state.case, stake_of(state, acting=acting))


def withdraw(desk: Desk, case: Case) -> None:
    """Take the stake back: nothing is planned any more."""
    _write(desk, case, None)


def stake_of(state: State, *, acting: bool) -> Stake:
    """What the plan changes and relies on."""
    remedy, neighbours = planned(state).remedy, state.inquiry.neighbours
    if remedy is None:
        raise LookupError("a plan without a remedy changes nothing")
    return Stake(
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
    """Digest of what is changed, whoever proposed it and whatever it was proposed for."""
    match remedy:
        case Patch():
            return hashlib.sha256(encode([[edit.path, edit.after] for edit in remedy.edits])).hexdigest()
        case RollBack() | RevertConfig() | Restart() | Scale() | Wait() | AskHuman():
            return remedy.digest()
    assert_never(remedy)


def _write(desk: Desk, case: Case, stake: Stake | None) -> None:
    row = desk.incidents.find(case.incident)
    if row is None:
        raise LookupError(f"incident {case.incident} has no row")
    if row.stake != stake:
        desk.incidents.update(row.model_copy(update={"stake": stake}))


def _facts(desk: Desk, state: State) -> conflicts.Facts:
    parties = [
        Party(incident=row.id, opened_at=row.opened_at, stake=row.stake)
        for row in desk.incidents.rows()
        # What is over or waits has no stake, and a dead worker's plan is carried out by nobody.
        if row.world == state.case.world
        and row.status != "closed"
        and row.stake is not None
        and (row.id == state.case.incident or desk.incidents.alive(row))
    ]
    return conflicts.Facts(
        mine=next(party for party in parties if party.incident == state.case.incident),
        others=tuple(party for party in parties if party.incident != state.case.incident),
    )


def _afterwards(desk: Desk, state: State, waited: list[str]) -> Turn:
    if not waited:
        return Turn()
    if _over(desk, state.case):
        withdraw(desk, state.case)
        return Turn(ending=ended(Outcome.NO_ACTION, "the trouble is over: the fix that we waited for mended this, too"))
    # Who only waited for the same service is told by the base whether anything changed.
    return Turn(again=set(waited) != {"wait"})


def _over(desk: Desk, case: Case) -> bool:
    """Whether the alert's own condition is inside its threshold on live data; not known is not over."""
    if case.condition is None:
        return False
    measured = desk.world.metrics.measure(case.condition)
    return isinstance(measured, Measurement) and not measured.firing and not case.condition.breached(measured.value)


def _given_up(desk: Desk, state: State, reason: str) -> Turn:
    withdraw(desk, state.case)
    return Turn(ending=ended(Outcome.ESCALATED, reason))


def _may_wait(desk: Desk, case: Case) -> None:
    control = desk.incidents.control(case.incident)
    if control.aborted or control.stop_all:
        raise Halted(f"stopped by {control.by or 'nobody named'} while it waited for others")
