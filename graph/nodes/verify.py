"""Verifies the change: reads the alert's own condition on live data until the policy decides."""

from datetime import timedelta
from typing import Any, assert_never

from langgraph.runtime import Runtime

from graph.context import Context
from graph.effects.service_lock import held
from graph.evidence import bounds, canary_look, counts
from graph.evidence.samples import signatures
from graph.reports.vocabulary import sentence
from graph.state import State, believed, changes, ended, gathered, rolling
from incident.ending import Outcome
from incident.errors import Unavailable
from incident.evidence import Measurement, Missing, Signals
from policies.rollout import verify as policy

KEPT = 240
"""Most readings that are kept: twice those of a bake window."""


def verify(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Take one reading and let the policy judge all of them."""
    context, case = runtime.context, state.case
    rollout = held(context, state, rolling(state))
    if rollout.readings is None:
        raise LookupError("nothing is being verified")
    limits = bounds.of(context, case)
    # Once per sample, but no more often than the readings that are kept need to cover the bake window twice.
    context.clock.sleep(max(case.windows.step_seconds, 2 * limits.verify.bake_seconds / KEPT))
    now = context.clock.now()
    seen = rollout.readings.model_copy(
        update={"readings": (*rollout.readings.readings, (now, _measured(context, state)))[-KEPT:]}
    )
    decision = context.journal.decide(
        "verify",
        policy.POLICY,
        policy.Facts(
            started=seen.started,
            now=now,
            bake_seconds=limits.verify.bake_seconds,
            deadline=seen.deadline,
            condition=case.condition,
            readings=seen.readings,
            neighbours_worse=_neighbours_worse(context, state),
            signature_seen_since=_signature_seen(context, state),
            limits=limits.verify,
        ),
    )
    why = decision.verdict.reason
    watched = rollout.model_copy(
        update={"readings": seen, "verdict": decision.choice, "reason": sentence(why), "why": why}
    )
    match decision.choice:
        case "healed":
            return changes(rollout=watched, ending=ended(Outcome.HEALED, decision.verdict.reason))
        case "ask":
            return changes(rollout=watched, ending=ended(Outcome.ESCALATED, decision.verdict.reason))
        case "watch" | "extend" | "roll_back":
            return changes(rollout=watched)
        case _:
            assert_never(decision.choice)


def _measured(context: Context, state: State) -> Measurement | Missing:
    """Return one reading; Missing when the world does not answer."""
    # Not waited for: a provider that does not answer is a gap in the readings, which the policy judges.
    if state.case.condition is None:
        return Missing(reason="the world serves no rule of the alert's name")
    try:
        return context.world.metrics.measure(state.case.condition)
    except Unavailable as error:
        return Missing(reason=str(error))


def _signature_seen(context: Context, state: State) -> int | None:
    """Return the errors of the incident's kind since verification started, on the new version; None without logs."""
    rollout = rolling(state)
    start = rollout.readings.started if rollout.readings else context.clock.now()
    sick = gathered(state.inquiry).service
    # Where another service was changed, the errors are those of the service that failed, whatever its version.
    version = rollout.canary if sick == state.case.service else ""
    try:
        logs = context.world.logs.errors(sick, start, context.clock.now(), version or None)
    except Unavailable:
        return None
    if isinstance(logs, Missing):
        return None
    own = signatures(believed(state), gathered(state.inquiry))
    return sum(1 for log in logs if log.signature and any(canary_look.same(log.signature, item) for item in own))


def _neighbours_worse(context: Context, state: State) -> bool | None:
    """True when a direct caller fails more than before the incident by more than the margin; None when unknown."""
    neighbours = state.inquiry.neighbours
    if neighbours is None:
        return None
    try:
        found = [_worse(context, state, caller) for caller in neighbours.callers]
    except Unavailable:
        return None
    return True if True in found else (None if None in found else False)


def _worse(context: Context, state: State, caller: str) -> bool | None:
    onset, now = gathered(state.inquiry).onset, context.clock.now()
    limits = bounds.of(context, state.case)
    window = timedelta(seconds=limits.verify.bake_seconds)
    before = counts.signals(context.world.metrics, caller, onset - state.case.windows.before, onset)
    after = counts.signals(context.world.metrics, caller, now - window, now)
    if not isinstance(before, Signals) or not isinstance(after, Signals):
        return None
    enough = after.requests >= limits.verify.min_samples
    return enough and after.error_rate > before.error_rate + limits.canary.min_margin
