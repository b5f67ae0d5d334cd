"""Collection of a dossier, source by source; a source that does not answer is recorded as a gap."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from graph.context import Context
from graph.evidence import deploys, logged, workspace
from graph.evidence.answers import Found, once, patiently
from graph.evidence.traces import followed
from graph.state import Case
from incident import capture
from incident.evidence import (
    Dossier,
    Evidence,
    FailingTrace,
    Gap,
    Missing,
    Neighbours,
    Origin,
    Ratios,
    Search,
    Signals,
    Traits,
    Unready,
)
from incident.gaps import unread
from incident.workload import Workload
from policies.diagnosis import onset, traits

CHANGES = 2
"""Recorded changes are collected from so many times the age up to which a change is fresh."""

SHAPE = 120
"""Most lines of a failing request's shape."""

ELSEWHERE = 20
"""Most changes of others that are told, the newest."""

OUTSIDE = "it is no service of this platform"


def collect(context: Context, case: Case, neighbours: Neighbours | None) -> Dossier:
    """Collect the evidence about the case's service around its onset."""
    now = context.clock.now()
    age = timedelta(seconds=CHANGES * context.settings.limits.remedies.fresh_seconds)
    start, latest = _onset(context, case, now)
    gaps: list[Gap] = []
    searches: list[Search] = []
    traces = tuple(_traces(context, case, start, now))
    touched = [name for trace in traces for name in trace.path]
    found = [
        *_signals(context, case, start, now, gaps),
        *logged.errors(context, case, start, now, gaps),
        *_traits(context, case, start, now, gaps),
        *(("traces", Origin.WORKLOAD, trace) for trace in traces),
        *_changes(context, _asked_about(case, neighbours, touched), (start - age, now), searches),
        *_unready(context, case, _below(case, neighbours, traces), now, gaps),
        *_around(case, neighbours, gaps),
        *_elsewhere(context, _asked_about(case, neighbours, touched), (start - age, now), gaps),
        *_placed(context, case, gaps),
        *logged.templates(context, case, start, now, gaps),
    ]
    gaps.extend(context.world.gaps())
    told = deploys.with_commits(context, case.service, found, gaps)
    code = workspace.source(context, case.service)
    if isinstance(code, Missing):
        gaps.append(unread(case.service, code.reason))
    evidence = tuple(
        Evidence(id=f"E{number}", source=source, origin=origin, fact=fact)
        for number, (source, origin, fact) in enumerate(told, start=1)
    )
    return Dossier(
        service=case.service,
        onset=start,
        latest=latest,
        evidence=evidence,
        gaps=tuple(gaps),
        searches=tuple(searches),
        windows=case.windows,
    )


def _onset(context: Context, case: Case, now: datetime) -> tuple[datetime, datetime]:
    """Return the estimated onset, and the latest time that it may have: the alert's start where no step is seen."""
    started = min(case.alert.starts_at, now)  # clocks differ
    errors = context.world.metrics.range(case.service, "errors", started - 2 * case.windows.before, started)
    window = case.windows.window.total_seconds()
    if isinstance(errors, Missing):
        return started - timedelta(seconds=window), started
    seen = onset.step(errors.points, started)
    return onset.estimate(errors.points, started, window), started if seen is None else seen


def _signals(context: Context, case: Case, start: datetime, now: datetime, gaps: list[Gap]) -> Iterator[Found]:
    times = case.windows
    stretches = (("before the onset", start - times.before, start), ("since the onset", times.recent(start, now), now))
    for name, begin, end in stretches:
        signals = context.world.metrics.signals(case.service, begin, end)
        if isinstance(signals, Missing):
            gaps.append(Gap(source="metrics", sought=f"golden signals {name}", reason=signals.reason))
        else:
            if isinstance(signals, Ratios):
                gaps.append(Gap(source="metrics", sought=f"counts {name}", reason="only shares are known"))
            yield "metrics", Origin.MEASURED, signals
    if case.condition is not None:
        yield "rules", Origin.PLATFORM, case.condition


def _traits(context: Context, case: Case, start: datetime, now: datetime, gaps: list[Gap]) -> Iterator[Found]:
    captures, times = context.world.captures, case.windows
    failing = captures.recorded(case.service, "failed", times.recent(start - times.slack, now), now)
    healthy = captures.recorded(case.service, "ok", times.recent(start - times.before, now), now)
    if isinstance(failing, Missing) or isinstance(healthy, Missing):
        reason = next(one.reason for one in (failing, healthy) if isinstance(one, Missing))
        gaps.append(Gap(source="recorder", sought="failing requests", reason=reason))
        return
    if not failing:
        gaps.append(Gap(source="recorder", sought="failing requests", reason="none was recorded"))
        return
    for route in sorted({item.route for item in failing}):
        bad = tuple(capture.traits(item) for item in failing if item.route == route)
        good = tuple(capture.traits(item) for item in healthy if item.route == route)
        yield (
            "recorder",
            Origin.WORKLOAD,
            Traits(
                service=case.service,
                route=route,
                traits=traits.distinguish(bad, good),
                failing=len(bad),
                healthy=len(good),
                shape=bad[-1][:SHAPE],
            ),
        )


def _traces(context: Context, case: Case, start: datetime, now: datetime) -> Iterator[FailingTrace]:
    for spans in context.world.traces.failing(case.service, case.windows.recent(start, now), now, 3):
        trace = followed(spans)
        if trace is not None:
            yield trace


def _asked_about(case: Case, neighbours: Neighbours | None, touched: list[str]) -> tuple[str, ...]:
    """Return whose changes are asked for: the service, what it calls, and what the failing requests went through."""
    around = (*neighbours.callees, *neighbours.external) if neighbours else ()
    return tuple(dict.fromkeys((case.service, *around, *touched)))


def _changes(
    context: Context, names: tuple[str, ...], window: tuple[datetime, datetime], searches: list[Search]
) -> Iterator[Found]:
    known = set(context.world.platform.services())
    start, end = window
    for name in names:
        # Where nobody answers, no change is ruled out.
        ask = partial(context.world.platform.history, name, start)
        answer = patiently(context.clock, ask) if name in known else Missing(reason=OUTSIDE)
        if isinstance(answer, Missing):
            searches.append(Search(service=name, start=start, end=end, failure=answer.reason))
            continue
        searches.append(Search(service=name, start=start, end=end, found=len(answer)))
        for change in answer:
            yield "platform", Origin.PLATFORM, change


def _below(case: Case, neighbours: Neighbours | None, traces: tuple[FailingTrace, ...]) -> tuple[str, ...]:
    """Return the service and those that its requests go on to: whoever calls it cannot make it fail."""
    called = neighbours.callees if neighbours else ()
    on = (trace.path[trace.path.index(case.service) :] for trace in traces if case.service in trace.path)
    return tuple(dict.fromkeys((case.service, *called, *(name for path in on for name in path))))


def _unready(context: Context, case: Case, names: tuple[str, ...], now: datetime, gaps: list[Gap]) -> Iterator[Found]:
    """Yield the versions with a share of the requests that the platform finds not ready, and that nobody saw answer of late."""
    known = set(context.world.platform.services())
    for name in names:
        workload = once(partial(context.world.platform.read, name)) if name in known else None
        if isinstance(workload, Missing):
            gaps.append(Gap(source="platform", sought=f"versions of {name}", reason=workload.reason))
        for one in workload.versions if isinstance(workload, Workload) else ():
            if one.weight and not one.ready and not _answers(context, case, name, now):
                yield "platform", Origin.PLATFORM, Unready(service=name, version=one.name, started_at=one.started_at)


def _answers(context: Context, case: Case, name: str, now: datetime) -> bool:
    """True when a service answered somebody well of late: on a busy machine a health check comes late, too."""
    seen = once(partial(context.world.metrics.signals, name, now - case.windows.stale, now))
    return isinstance(seen, Signals) and seen.requests > seen.errors


def _elsewhere(
    context: Context, names: tuple[str, ...], window: tuple[datetime, datetime], gaps: list[Gap]
) -> Iterator[Found]:
    """Yield the newest changes of everybody else: of other services, nodes, certificates, flags, traffic."""
    found = once(lambda: context.world.changes.within(*window))
    if isinstance(found, Missing):
        gaps.append(Gap(source="changes", sought="changes of everybody", reason=found.reason))
        return
    for change in [one for one in found if one.service not in names][-ELSEWHERE:]:
        yield "changes", Origin.PLATFORM, change


def _placed(context: Context, case: Case, gaps: list[Gap]) -> Iterator[Found]:
    found = once(lambda: context.world.places.of(case.service))
    if isinstance(found, Missing):
        gaps.append(Gap(source="places", sought=f"places of {case.service}", reason=found.reason))
    else:
        yield "places", Origin.PLATFORM, found


def _around(case: Case, neighbours: Neighbours | None, gaps: list[Gap]) -> Iterator[Found]:
    if neighbours is None:
        gaps.append(Gap(source="traces", sought=f"neighbours of {case.service}", reason="no topology is known"))
    else:
        yield "traces", Origin.WORKLOAD, neighbours
