"""One look at a canary: routed counts, the incident's own errors from the logs, exposure from the recorder."""

from datetime import datetime, timedelta

from graph.context import Context
from graph.evidence import bounds, counts
from graph.evidence.samples import signatures
from graph.state import Case, Readings, State, believed, gathered, planned, rolling
from incident import capture
from incident.errors import Unavailable
from incident.evidence import Dossier, ErrorGroup, ErrorLog, Missing, Signals, Signature, Traits
from incident.rollout import Arm, Baseline, Blind, Look
from incident.workload import Routed, Routing
from policies.diagnosis import traits


def look(context: Context, state: State, since: datetime) -> Look | Blind:
    """Count both arms since the canary got its first request, up to a sample that no look has counted yet.

    The router is read before the logs, so that an error it counted is in the logs already and is
    not taken for one of another kind.
    """
    try:
        routing = _sampled(context, state)
        if isinstance(routing, Missing):
            return Blind(at=context.clock.now(), missing=routing)
        return _counted(context, state, since, routing)
    except Unavailable as error:
        return Blind(at=context.clock.now(), missing=Missing(reason=str(error)))


def _sampled(context: Context, state: State) -> Routing | Missing:
    """Wait for a sample of the router that is newer than the last look's and than the last shift of weights."""
    memory, times = rolling(state).memory, state.case.windows
    seen = (
        None if memory is None else max(memory.stage_started, memory.last.at if memory.last else memory.stage_started)
    )
    asked = context.clock.now()
    while True:
        routing = context.world.platform.routing(state.case.service)
        if seen is None or routing.at > seen:
            return routing
        if context.clock.now() - asked >= times.stale:
            return Missing(reason=f"the router was not sampled since {seen:%H:%M:%S}")
        context.clock.sleep(times.step_seconds / 10)


def _counted(context: Context, state: State, since: datetime, routing: Routing) -> Look | Blind:
    plan, rollout = planned(state), rolling(state)
    canary, stable = routing.of(rollout.canary), routing.of(plan.stable)
    if canary is None or stable is None:
        return Blind(at=routing.at, missing=Missing(reason="the router does not know both versions"))
    until = _until(context, state, routing)
    logs = context.world.logs.errors(state.case.service, since, until)
    if isinstance(logs, Missing):
        return Blind(at=routing.at, missing=logs)
    weight = plan.stages[rollout.memory.stage if rollout.memory else 0]
    return Look(
        at=routing.at,
        weight=weight,
        counted_by=routing.counted_by,
        canary=_arm(context, state, (since, until), canary, logs),
        stable=_arm(context, state, (since, until), stable, logs),
    )


def _until(context: Context, state: State, routing: Routing) -> datetime:
    """Time up to which logs are counted beside a sample of the router: a little longer, as clocks differ."""
    # What was logged long after the sample would be taken for errors that the router has counted.
    return min(context.clock.now(), routing.at + state.case.windows.step / 10)


def _arm(
    context: Context, state: State, counted: tuple[datetime, datetime], routed: Routed, logs: tuple[ErrorLog, ...]
) -> Arm:
    dossier = gathered(state.inquiry)
    own = signatures(believed(state), dossier)
    mine = [log for log in logs if log.version == routed.version and log.signature is not None]
    exposed, failed = _exposed(context, state, counted, routed.version, dossier)
    now = context.clock.now()
    lately = now - state.case.windows.stale
    signals = counts.signals(context.world.metrics, state.case.service, lately, now, routed.version)
    return Arm(
        version=routed.version,
        requests=routed.requests,
        errors=routed.errors,
        signature=sum(1 for log in mine if log.signature and any(same(log.signature, other) for other in own)),
        slow=routed.slow,
        exposed=exposed,
        exposed_failed=failed,
        memory_bytes=signals.memory_bytes if isinstance(signals, Signals) else None,
        cpu_ms=cpu_ms(signals),
    )


def cpu_ms(signals: Signals | Missing) -> float | None:
    """Return the milliseconds of CPU for one request; None when nothing is known, or there was no request."""
    if isinstance(signals, Missing) or signals.cpu_cores is None or signals.requests <= 0:
        return None
    return 1000.0 * signals.cpu_cores * (signals.end - signals.start).total_seconds() / signals.requests


def same(one: Signature, other: Signature) -> bool:
    """True when two errors are the same, in sources whose lines may have moved."""
    return (one.service, one.exception, one.path, one.function) == (
        other.service,
        other.exception,
        other.path,
        other.function,
    )


def _exposed(
    context: Context, state: State, counted: tuple[datetime, datetime], version: str, dossier: Dossier
) -> tuple[int | None, int | None]:
    """Recorded requests of the failing kind on this version: a lower bound, as successes are sampled."""
    kinds = [item.fact for item in dossier.evidence if isinstance(item.fact, Traits) and item.fact.traits]
    if not kinds:
        return None, None
    counts = []
    for outcome in ("ok", "failed"):
        recorded = context.world.captures.recorded(state.case.service, outcome, *counted, version, limit=5000)
        # Not "none seen", nor "cannot be told": nobody answered, so that this is no look.
        if isinstance(recorded, Missing):
            raise Unavailable(recorded.reason)
        counts.append(
            sum(
                1
                for item in recorded
                if any(kind.route == item.route and traits.matches(kind.traits, capture.traits(item)) for kind in kinds)
            )
        )
    return counts[0] + counts[1], counts[1]


def baseline(state: State) -> Baseline:
    """Return the baseline: counts from before the onset, and the present rate of the incident's own errors."""
    dossier = gathered(state.inquiry)
    windows = [item.fact for item in dossier.evidence if isinstance(item.fact, Signals)]
    before = [signals for signals in windows if signals.end <= dossier.onset]
    after = [signals for signals in windows if signals.start >= dossier.onset]
    own = signatures(believed(state), dossier)
    groups = [item.fact for item in dossier.evidence if isinstance(item.fact, ErrorGroup)]
    sick = sum(group.count for group in groups if group.signature in own)
    requests = sum(signals.requests for signals in after)
    condition = state.case.condition
    return Baseline(
        healthy_requests=sum(signals.requests for signals in before),
        healthy_errors=sum(signals.errors for signals in before),
        alert_threshold=condition.threshold if condition and 0 < condition.threshold < 1 else None,
        signature_rate=min(1.0, sick / requests) if requests else 0.0,
    )


def readings(context: Context, case: Case) -> Readings:
    """Return the readings of a verification that starts now."""
    now = context.clock.now()
    patience = timedelta(seconds=bounds.of(context, case).verify.watch_seconds)
    return Readings(started=now, deadline=now + patience)
