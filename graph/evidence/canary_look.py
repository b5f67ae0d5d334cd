"""One look at a canary: routed counts, the incident's own errors from the logs, exposure from the recorder."""

from datetime import datetime, timedelta

from graph.context import Context
from graph.evidence.samples import signatures
from graph.state import Readings, State, believed, gathered, planned, rolling
from incident import capture
from incident.errors import Unavailable
from incident.evidence import Dossier, ErrorGroup, ErrorLog, Missing, Signals, Signature, Traits
from incident.rollout import STAGES, Arm, Baseline, Blind, Look
from incident.workload import Routed, Routing
from policies.diagnosis import traits


def look(context: Context, state: State, since: datetime) -> Look | Blind:
    """Count both arms since the canary got its first request.

    The router is read before the logs, so that an error it counted is in the logs already and is
    not taken for one of another kind.
    """
    try:
        routing = context.world.platform.routing(state.case.service)
        return _counted(context, state, since, routing)
    except Unavailable as error:
        return Blind(at=context.clock.now(), missing=Missing(reason=str(error)))


def _counted(context: Context, state: State, since: datetime, routing: Routing) -> Look | Blind:
    plan, rollout = planned(state), rolling(state)
    canary, stable = routing.of(rollout.canary), routing.of(plan.stable)
    if canary is None or stable is None:
        return Blind(at=routing.at, missing=Missing(reason="the router does not know both versions"))
    logs = context.world.logs.errors(state.case.service, since, context.clock.now())
    if isinstance(logs, Missing):
        return Blind(at=routing.at, missing=logs)
    weight = STAGES[rollout.memory.stage] if rollout.memory else STAGES[0]
    return Look(
        at=routing.at,
        weight=weight,
        canary=_arm(context, state, since, canary, logs),
        stable=_arm(context, state, since, stable, logs),
    )


def _arm(context: Context, state: State, since: datetime, routed: Routed, logs: tuple[ErrorLog, ...]) -> Arm:
    dossier = gathered(state.inquiry)
    own = signatures(believed(state), dossier)
    mine = [log for log in logs if log.version == routed.version and log.signature is not None]
    exposed, failed = _exposed(context, state, since, routed.version, dossier)
    now = context.clock.now()
    signals = context.world.metrics.signals(state.case.service, now - timedelta(seconds=5), now, routed.version)
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
    context: Context, state: State, since: datetime, version: str, dossier: Dossier
) -> tuple[int | None, int | None]:
    """Recorded requests of the failing kind on this version: a lower bound, as successes are sampled."""
    kinds = [item.fact for item in dossier.evidence if isinstance(item.fact, Traits) and item.fact.traits]
    if not kinds:
        return None, None
    counts = []
    now = context.clock.now()
    for outcome in ("ok", "failed"):
        recorded = context.world.captures.recorded(state.case.service, outcome, since, now, version, limit=5000)
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


def readings(context: Context) -> Readings:
    """Return the readings of a verification that starts now."""
    now = context.clock.now()
    patience = timedelta(seconds=context.settings.limits.verify.watch_seconds)
    return Readings(started=now, deadline=now + patience)
