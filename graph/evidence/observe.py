"""Observation of all services around an alert, asked of the ports by bounded questions; what fails becomes a gap.

The alert's own metric is asked first: it says when trouble began at the earliest, and so what is healthy time.  Then
comes what is few and tells much, and log lines are last: a slow store of lines must not cost the changes.
"""

from datetime import datetime, timedelta
from functools import partial

from graph.context import Context
from graph.evidence import deploys, sources
from graph.evidence.answers import Found
from graph.evidence.asking import Asking, Periods
from graph.evidence.logged_counts import Counter
from graph.state import Case
from incident import call_times
from incident.evidence import Change, Gap, Origin, Span
from incident.observed import Heard, Observed, Stretch, Track, Watched, moment, seconds
from policies.suspects import onset

SERVICES = 60
"""Most services that are asked about, the alert's own first."""

CHANGES = 200
"""Most changes, the newest."""

EARLIER = timedelta(hours=2)
"""Time before all that is looked at from which changes are asked for."""

LONGEST = timedelta(hours=1)
"""Most healthy time that is looked at, where the rule's own windows ask for no more."""

OLDEST = timedelta(days=1)
"""Age of an alert up to which its onset is looked for, unless its samples are so many."""

SAMPLES = 4_000
"""Samples of one series up to which an onset is looked for: every service has two dozen series."""

BUCKETS = 720
"""Most buckets of log lines."""


def observe(context: Context, case: Case, alerted: str = "") -> Observed:
    """Look at every service, from well before the onset up to now.

    `alerted` is the service that the first alert was about, where the case is about another one by now.
    """
    world, now, ask = context.world, context.clock.now(), Asking(context.clock)
    bare = _alerted(context, case, now, ask)
    found = onset.interval(bare)
    times = case.windows
    # What began before all that is looked at began at its edge, as far as anybody can see.
    start = max(min(moment(found.earliest), now - times.slack), now - _oldest(case))
    before = max(times.before, min(times.compared, LONGEST))
    # Of trouble that has lasted long, the newest part.
    periods = Periods((start - before, start), (times.recent(start, now), now))
    names = _names(context, case, ask)
    looked = Stretch(start=seconds(start - before), end=seconds(now))
    gaps: list[Gap] = []
    changes = _changes(context, case, start - before, now, ask, gaps)
    placements = [ask("places", "places", name, partial(world.places.of, name)) for name in names]
    tracks = tuple(track for name in names for track in sources.tracks(world.metrics, name, periods, ask))
    spans = sources.spans(world.traces, case.service, names, periods, ask)
    requests = tuple(one for name in names for one in sources.requests(world.captures, name, periods, ask))
    bucket = max(times.step_seconds, looked.seconds / BUCKETS)
    logs = [sources.log(world.logs, name, periods, Counter(name, looked.start, bucket), ask) for name in names]
    return bare.model_copy(
        update={
            "service": alerted or case.service,
            "looked": looked,
            "healthy": Stretch(start=looked.start, end=seconds(start)),
            "since": Stretch(start=seconds(periods.since[0]), end=looked.end),
            "bucket_seconds": bucket,
            "services": tuple(sorted(names)),
            "tracks": tracks,
            "logged": tuple(one for log in logs for one in log.counted),
            "calls": call_times.of(spans),
            "changes": changes,
            "placements": tuple(one for one in placements if one is not None),
            "requests": requests,
            "heard": tuple(_heard(name, tracks, log, spans) for name, log in zip(names, logs, strict=True)),
            "gaps": (*ask.gaps(), *gaps),
        }
    )


def _alerted(context: Context, case: Case, now: datetime, ask: Asking) -> Observed:
    """The observation of the alert alone."""
    condition, times = case.condition, case.windows
    started = min(case.alert.starts_at, now)  # clocks differ
    # An alert may have been firing for months.
    first = max(started, now - _oldest(case)) - max(times.compared, times.before)
    points = None
    if condition is not None:
        asked = partial(context.world.metrics.of, condition, first, now)
        points = ask("metrics", "the alert's series", case.service, asked)
    looked = Stretch(start=seconds(first), end=seconds(now))
    edge = min(max(looked.start, seconds(started - times.alarm)), looked.end)
    return Observed(
        as_of=now,
        service=case.service,
        alert=Watched(
            started=seconds(started), condition=condition, track=sources.track(points) if points is not None else None
        ),
        windows=times,
        looked=looked,
        healthy=Stretch(start=looked.start, end=edge),
        since=Stretch(start=edge, end=looked.end),
        bucket_seconds=times.step_seconds,
        services=(case.service,),
    )


def _oldest(case: Case) -> timedelta:
    """Time up to now in which an onset is looked for."""
    return min(OLDEST, SAMPLES * timedelta(seconds=case.windows.step_seconds))


def _names(context: Context, case: Case, ask: Asking) -> tuple[str, ...]:
    known = ask("platform", "the services", "this world", context.world.platform.services) or ()
    return tuple(dict.fromkeys((case.service, *case.members, *sorted(known))))[:SERVICES]


def _changes(
    context: Context, case: Case, start: datetime, now: datetime, ask: Asking, gaps: list[Gap]
) -> tuple[Change, ...]:
    found = ask("changes", "changes", "everybody", partial(context.world.changes.within, start - EARLIER, now))
    facts: list[Found] = [("changes", Origin.PLATFORM, change) for change in (found or ())[-CHANGES:]]
    told = deploys.with_commits(context, case.service, facts, gaps)
    return tuple(change for *_, change in told if isinstance(change, Change))


def _heard(name: str, tracks: tuple[Track, ...], log: sources.Log, spans: tuple[Span, ...]) -> Heard:
    return Heard(
        service=name,
        metrics=max((track.at[-1] for track in tracks if track.service == name and track.at), default=None),
        logs=log.last,
        spans=max((seconds(span.start) for span in spans if span.service == name), default=None),
        lines=log.told,
    )
