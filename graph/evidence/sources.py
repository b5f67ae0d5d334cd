"""What each source tells of one service: series, log lines, spans and recorded requests.  Bounded."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from graph.evidence.answers import once
from graph.evidence.asking import Asking, Periods
from graph.evidence.logged_counts import Counter
from incident import features
from incident.evidence import Missing, Span
from incident.observed import Logged, Request, Requests, Stretch, Track, seconds
from incident.series import GOLDEN, Metric, Series
from tools import ports

SERIES = 24
"""Most series of one service, the golden ones first, then those whose names speak of a resource."""

RESOURCES = (
    *("cpu", "throttl", "mem", "heap", "gc", "disk", "space", "inode", "descriptor", "pool", "queue", "lag", "age"),
    *("wait", "pending", "backlog", "thread", "worker", "restart", "connection", "cert", "expir", "quota", "limit"),
)
"""Words that names of resources have, by the conventions of Prometheus and OpenTelemetry."""

LINES, TRACES, REQUESTS = 2_000, 400, 100
"""Most log lines of one service in one stretch, traces of the alert's own, and recorded requests of one outcome."""

OTHERS = 40
"""Most traces of a service that the alert's own traces do not show."""


def track(series: Series) -> Track:
    """Return a series as plain tuples."""
    return Track(
        service=series.service,
        version=series.version or "",
        name=series.metric.name,
        unit=series.metric.unit,
        kind=series.metric.kind,
        step_seconds=series.step_seconds,
        at=tuple(seconds(at) for at, _ in series.points),
        values=tuple(value for _, value in series.points),
    )


def tracks(metrics: ports.Metrics, name: str, periods: Periods, ask: Asking) -> Iterator[Track]:
    """Yield the chosen series of a service, over healthy time and what followed."""
    listed = ask("metrics", "names of series", name, partial(metrics.names, name))
    for metric in _chosen(listed.metrics) if listed is not None else ():
        answer = once(partial(metrics.range, name, metric.name, periods.healthy[0], periods.since[1]))
        if not isinstance(answer, Missing):
            yield track(answer)
            continue
        # A series that ended is asked for up to the onset: its silence is a finding.
        ended = ask("metrics", "series up to now", name, partial(metrics.range, name, metric.name, *periods.healthy))
        if ended is not None:
            yield track(ended)


def _chosen(metrics: tuple[Metric, ...]) -> tuple[Metric, ...]:
    """The series that are asked for: golden ones, then those whose names speak of a resource."""
    useful = [metric for metric in metrics if "_bucket" not in metric.name]
    useful.sort(key=lambda metric: (metric.name not in GOLDEN, not _is_resource(metric.name), metric.name))
    return tuple(useful[:SERIES])


def _is_resource(name: str) -> bool:
    return any(word in name.lower() for word in RESOURCES)


class Log(NamedTuple):
    """Lines of a service, counted; the stretches of which all are told, and the time of the newest."""

    counted: tuple[Logged, ...]
    told: tuple[Stretch, ...]
    last: float | None


def log(logs: ports.Logs, name: str, periods: Periods, counter: Counter, ask: Asking) -> Log:
    """Return the lines of a service, counted."""
    told: list[Stretch] = []
    for start, end in periods.both:
        found = ask("logs", "log lines", name, partial(logs.lines, name, start, end, limit=LINES))
        if found is not None:
            counter.lines(found.lines)
            told.append(Stretch(start=seconds(max(start, found.since)), end=seconds(end)))
    errors = partial(logs.errors, name, periods.healthy[0], periods.since[1])
    counter.errors(ask("logs", "errors with stack traces", name, errors) or ())
    return Log(counter.counted(), tuple(told), counter.last)


def spans(traces: ports.Traces, own: str, names: tuple[str, ...], periods: Periods, ask: Asking) -> tuple[Span, ...]:
    """Return spans of whole traces: those of the alert's own service, then of services that these do not show."""
    seen: dict[tuple[str, str], Span] = {}
    shown: set[str] = set()
    for name in (own, *(name for name in names if name != own)):
        if name in shown:
            continue
        limit = TRACES if name == own else OTHERS
        for start, end in periods.both:
            found = ask("traces", "whole traces", name, partial(traces.whole, name, start, end, limit))
            for span in (span for trace in found or () for span in trace):
                seen[span.trace_id, span.span_id] = span
                shown.add(span.service)
    return tuple(seen.values())


def requests(captures: ports.Captures, name: str, periods: Periods, ask: Asking) -> Iterator[Requests]:
    """Yield the recorded requests of a service by route: healthy ones of all the time, failing ones since the onset."""
    failing = partial(captures.recorded, name, "failed", *periods.since, limit=REQUESTS)
    before = partial(captures.recorded, name, "ok", *periods.healthy, limit=REQUESTS)
    since = partial(captures.recorded, name, "ok", *periods.since, limit=REQUESTS)
    by_route: dict[str, list[Request]] = {}
    for sought, asked in (("failing requests", failing), ("healthy requests", before), ("healthy requests", since)):
        for one in ask("recorder", sought, name, asked) or ():
            request = Request(
                at=seconds(one.at), failed=one.outcome == "failed", version=one.version, features=features.of(one)
            )
            by_route.setdefault(one.route, []).append(request)
    for route, many in sorted(by_route.items()):
        yield Requests(service=name, route=route, requests=tuple(sorted(many, key=lambda one: one.at)))
