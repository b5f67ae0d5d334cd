"""Takes one look at the canary and lets the policy judge it."""

from datetime import timedelta
from typing import Any

from langgraph.runtime import Runtime

from graph.context import Context
from graph.effects.service_lock import held
from graph.evidence import bounds, canary_answers, canary_look
from graph.evidence.canary_look import readings
from graph.reports.vocabulary import sentence
from graph.state import State, changes, planned, rolling
from incident.control import Control
from incident.rollout import CanaryMemory, Look
from policies.rollout import canary

PAUSE = timedelta(minutes=10)
"""Time for which a person's pause stops the stage's deadline."""


def observe(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Wait for the next look, take it, and fold it into the memory."""
    context = runtime.context
    rollout = held(context, state, rolling(state))
    if rollout.memory is None:
        raise LookupError("nothing is being observed")
    # Between two samples there is nothing new to look at.
    context.clock.sleep(state.case.windows.step_seconds)
    control = context.incidents.control(state.case.incident)
    memory = _rested(context, state, rollout.memory, control)
    started = rollout.started or memory.stage_started
    look = canary_look.look(context, state, started)
    decision = context.journal.decide(
        "observe",
        canary.POLICY,
        canary.Facts(
            memory=memory,
            look=look,
            baseline=rollout.baseline,
            limits=bounds.of(context, state.case).canary,
            stage_weights=planned(state).stages,
            now=context.clock.now(),
            # A look that could not be taken is judged by nothing else.
            answers=canary_answers.compared(context, state, started) if isinstance(look, Look) else None,
        ),
    )
    choice = decision.choice
    if control.stops("widen") and choice not in ("hold", "roll_back"):
        # The evidence is kept; only the step that a person forbade waits.
        return changes(rollout=rollout.model_copy(update={"memory": memory, "verdict": "hold"}))
    update = {
        "memory": decision.result.memory,
        "verdict": choice,
        "reason": sentence(decision.verdict.reason),
        "why": decision.verdict.reason,
    }
    watched = rollout.model_copy(update=update)
    if choice == "finish":
        watched = watched.model_copy(update={"readings": readings(context, state.case)})
    return changes(rollout=watched)


def _rested(context: Context, state: State, memory: CanaryMemory, control: Control) -> CanaryMemory:
    """Return the memory with a later deadline while a person pauses, for as long as a pause may last."""
    now = context.clock.now()
    if not control.stops("widen") or control.at is None or now > control.at + PAUSE:
        return memory
    # Some looks ahead, so that a deadline does not pass between two of them while a person pauses.
    return memory.model_copy(update={"deadline": max(memory.deadline, now + state.case.windows.stale)})
