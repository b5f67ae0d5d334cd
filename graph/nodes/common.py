"""What several nodes do alike."""

from graph.desk import Desk
from graph.state import Plan, Rollout, State
from incident import phase as phases
from incident.ending import Ending, Outcome
from incident.phase import Phase
from incident.record import Answered, Moved


def moved(desk: Desk, state: State, to: Phase, node: str) -> Phase:
    """Check the move against the table of legal ones, journal it, and return the new phase."""
    phase = phases.move(state.phase, to)
    if phase is not state.phase:
        desk.scribe.write(node, Moved(before=state.phase, after=phase))
    return phase


def ended(outcome: Outcome, reason: str) -> Ending:
    """An ending, its reason capped to what fits a line."""
    return Ending(outcome=outcome, reason=reason[:500])


def planned(state: State) -> Plan:
    """The plan; nodes behind `plan` are never reached without one."""
    if state.plan is None:
        raise LookupError("this node needs a plan")
    return state.plan


def rolling(state: State) -> Rollout:
    """The rollout; nodes behind `lock` are never reached without one."""
    if state.rollout is None:
        raise LookupError("this node needs a rollout")
    return state.rollout


def unanswered(*runs: Answered) -> Ending | None:
    """The ending when asking again is no use: nobody answers, or nothing may be spent any more, in any of the runs.

    Models are asked before anything is changed, so nothing is in flight.
    """
    if not all(map(_for_good, runs)):
        return None
    first = runs[0]
    return ended(Outcome.ESCALATED, f"{first.agent}: {first.model} was asked and {first.why}")


def _for_good(run: Answered) -> bool:
    return run.ended in ("gone", "refused", "too_long", "money") or (run.ended == "tokens" and run.steps == 0)
