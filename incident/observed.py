"""Observation of all services around an alert: what the mechanisms that rank suspects read, and nothing else.

It holds counts, durations and points as plain tuples, sized for forty services and an hour of samples every five
seconds.  A time is a float of seconds since 1970-01-01 UTC; tuples that belong together have equal lengths.
What was sought and is not there is a `Gap`; an empty tuple beside a gap means "not known", never "none".
"""

from datetime import UTC, datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from incident.evidence import Change, Condition, Gap
from incident.places import Placement
from incident.series import SeriesKind
from incident.value import Value
from incident.windows import Windows

Seconds = tuple[float, ...]
"""Times in seconds since 1970-01-01 UTC, in ascending order."""


class Stretch(Value):
    """A stretch of time, (start, end], in seconds since 1970-01-01 UTC."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """Its length; 0.0 for one that ends before it begins."""
        return max(0.0, self.end - self.start)

    def holds(self, at: float) -> bool:
        """True when a time lies inside."""
        return self.start < at <= self.end


class Track(Value):
    """Points of one series of one service."""

    service: str
    version: str = ""
    """Empty: of all versions."""
    name: str
    unit: str
    kind: SeriesKind
    """Of a counter, points are increments since the sample before (:mod:`incident.series`)."""
    step_seconds: float
    at: Seconds
    values: tuple[float, ...]


class Logged(Value):
    """One kind of log line of a service: a template, an attribute's value, or a place that raised; counted by bucket.

    Buckets without such a line are left out.  Everything but service and version was written by the workload.
    """

    service: str
    version: str = ""
    what: Literal["template", "attribute", "place"]
    text: str
    """Template; ``name=value``; or ``path:function`` of the innermost frame in the service's own source."""
    level: str = ""
    example: str = ""
    """First such line, masked."""
    at: Seconds
    """Start of each bucket that has such a line; its length is `Observed.bucket_seconds`."""
    count: tuple[int, ...]
    first: float
    """Time of the first such line."""


class Calls(Value):
    """Traced calls of one operation, from one caller; a request from outside has no caller (``""``).

    One entry per call in each tuple, by the time that it began.  Failed means by the span's status or by the status
    code of its protocol, since most libraries leave the status unset.
    """

    caller: str
    callee: str
    """Service, or host outside the platform."""
    version: str = ""
    """Version of the callee that answered; empty where it is not known."""
    operation: str
    at: Seconds
    took_ms: tuple[float, ...]
    """Time as the caller saw it; of a request from outside as the callee saw it."""
    callee_ms: tuple[float | None, ...]
    """Time in the callee; None where no span of it was seen."""
    below_ms: tuple[float, ...]
    """Time that the callee spent waiting for its own callees; overlapping calls count once.  At most `callee_ms`."""
    failed: tuple[bool, ...]
    """The call failed, as the caller saw it."""
    answered_badly: tuple[bool, ...]
    """The callee itself said that it failed; False where no span of it was seen."""
    failed_below: tuple[bool, ...]
    """A call that the callee made in it failed."""


class Request(Value):
    """One recorded request: whether it failed, and its features."""

    at: float
    failed: bool
    version: str = ""
    features: tuple[str, ...]
    """Sorted ``where|kind|value`` texts of everything that may set it apart, see :mod:`incident.features`."""


class Requests(Value):
    """Recorded requests of one route of one service, oldest first.  Successes are sampled."""

    service: str
    route: str
    requests: tuple[Request, ...]


class Heard(Value):
    """Latest time at which each source told anything of a service; None: it told nothing in the whole stretch."""

    service: str
    metrics: float | None = None
    """Latest sample of its own series, its scrapes included."""
    logs: float | None = None
    spans: float | None = None
    """Latest span of its own; that others call it is no sign of life."""
    lines: tuple[Stretch, ...] = ()
    """Stretches of which every log line is counted; a store tells only the newest of too many."""


class Watched(Value):
    """Alert: when it began to fire, its own condition, and the points of that condition's expression."""

    started: float
    condition: Condition | None = None
    """None where the world serves no rule for it."""
    track: Track | None = None
    """None where no points are known."""


class Observed(Value):
    """All that was seen of a world up to one time, about one alert."""

    as_of: AwareDatetime
    """Time up to which anything was looked at; nothing later is known."""
    service: str
    """The alert's own service."""
    alert: Watched
    windows: Windows
    looked: Stretch
    """All of the time that was looked at."""
    healthy: Stretch
    """Time that counts as healthy: it ends before the alert could begin."""
    since: Stretch
    """Time from the earliest onset that the alert allows."""
    bucket_seconds: float = Field(gt=0)
    """Length of a bucket of log lines."""
    services: tuple[str, ...]
    """Services of the platform, sorted."""
    tracks: tuple[Track, ...] = ()
    logged: tuple[Logged, ...] = ()
    calls: tuple[Calls, ...] = ()
    changes: tuple[Change, ...] = ()
    """Recorded changes of everybody, oldest first."""
    placements: tuple[Placement, ...] = ()
    requests: tuple[Requests, ...] = ()
    heard: tuple[Heard, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def split(self, earliest: float, latest: float) -> "Observed":
        """The same observation, healthy up to the earliest onset and sick from the latest on, both in seconds."""
        return self.model_copy(
            update={
                "healthy": Stretch(start=self.looked.start, end=max(self.looked.start, earliest)),
                "since": Stretch(start=min(latest, self.looked.end), end=self.looked.end),
            }
        )


def seconds(at: datetime) -> float:
    """A time in seconds since 1970-01-01 UTC, to the millisecond."""
    return round(at.timestamp(), 3)


def moment(at: float) -> datetime:
    """The time of so many seconds since 1970-01-01 UTC."""
    return datetime.fromtimestamp(at, UTC)
