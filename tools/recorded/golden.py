"""Golden series of a service, made of the series of a recording that the description names, or that usually are them."""

import bisect
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime

from incident import series
from incident.errors import BadInput
from tools.recorded import raw as raws
from tools.recorded import selecting
from tools.recorded.description import Golden
from tools.recorded.files import Troubles
from tools.recorded.raw import Raw
from tools.recorded.selecting import Matcher, Selector

Points = dict[datetime, float]

_USUAL: Mapping[str, tuple[str, ...]] = {
    "requests": (
        "requests",
        "http_requests_total",
        "http.server.request.duration_count",
        "http_server_request_duration_seconds_count",
        "http_server_requests_seconds_count",
        "http_request_duration_seconds_count",
    ),
    "errors": ("errors",),
    "latency": (
        "http.server.request.duration",
        "http_server_request_duration_seconds",
        "http_server_requests_seconds",
        "http_request_duration_seconds",
    ),
    "error_ratio": ("error_ratio",),
    "p50_ms": ("p50_ms",),
    "p99_ms": ("p99_ms",),
    "memory_bytes": ("memory_bytes", "container_memory_working_set_bytes", "process_resident_memory_bytes"),
    "cpu_seconds": ("cpu_seconds", "container_cpu_usage_seconds_total", "process_cpu_seconds_total"),
}
"""Names that golden series usually have: our own, those of OpenTelemetry, and those of Prometheus' libraries."""

_STATUS = (
    "status",
    "code",
    "status_code",
    "http_status_code",
    "http_response_status_code",
    "http.response.status_code",
)
"""Labels that usually hold the status of an answer."""

_QUANTILES = {"p50_ms": 0.5, "p99_ms": 0.99}
_LIKE_MS = {"s": 1000.0, "ms": 1.0, "us": 0.001, "ns": 0.000001}


class Measured:
    """Golden series of one service, or of one version of it."""

    def __init__(self, held: Iterable[Raw], said: Golden, version: str | None, troubles: Troubles) -> None:
        self._raws, self._version = list(held), version
        self._said = {name: _selector(getattr(said, name), troubles) for name in Golden.model_fields}

    @property
    def live(self) -> bool:
        """True when there is any series of this service or version."""
        return bool(self._own(self._raws))

    def used(self) -> frozenset[int]:
        """Identities of the series that golden ones are made of, but for histograms, which are told as they are too."""
        return frozenset(
            id(raw) for name in series.GOLDEN for raw in (*self._named(name), *self._named(name, "_count"))
        )

    def counted(self) -> tuple[Points, Points] | str:
        """Requests and errors per sample, zero errors where none is told beside requests; or why they are not known."""
        requests, errors = self._requests()
        if not requests:
            return "no series of the recording counts its requests"
        if errors is None:
            return "no series of the recording counts its errors"
        asked, failed = raws.added(requests), raws.added(errors, raws.first(requests))
        times = sorted(asked)
        told: Points = dict.fromkeys(times, 0.0)
        for at, value in failed.items():
            # An error belongs to the first sample of the requests that is not before it.
            later = bisect.bisect_left(times, at)
            if later < len(times):
                told[times[later]] += value
        return asked, told

    def points(self, name: str) -> Points | str:
        """One golden series per sample, or why it is not known."""
        if name in ("requests", "errors"):
            found = self.counted()
            return found if isinstance(found, str) else found[name == "errors"]
        if name == "error_ratio":
            return self._ratio()
        if name in _QUANTILES:
            return self._percentiles(name)
        held = self._named(name)
        if not held:
            return f"no series of the recording is its {name}"
        return raws.added(held) if name == "cpu_seconds" else {at: sum(all_) for at, all_ in _levels(held).items()}

    def quantile(self, name: str, start: datetime, end: datetime) -> float | None:
        """A percentile in milliseconds over (start, end]; None where it is not known."""
        held = self._buckets()
        counts = {
            bound: sum(v for at, v in raws.added(those).items() if start < at <= end) for bound, those in held.items()
        }
        found = _interpolated(counts, _QUANTILES[name])
        if found is not None:
            return found * self._scale()
        points = self.points(name)
        inside = [value for at, value in points.items() if start < at <= end] if isinstance(points, dict) else []
        return inside[-1] if inside else None

    def _ratio(self) -> Points | str:
        held = self._named("error_ratio")
        if held:
            return {at: min(1.0, max(0.0, *found)) for at, found in _levels(held).items()}
        counts = self.counted()
        if isinstance(counts, str):
            return counts
        asked, failed = counts
        return {at: min(1.0, failed[at] / value) for at, value in asked.items() if value > 0}

    def _percentiles(self, name: str) -> Points | str:
        held = self._named(name)
        if held:
            return {at: max(found) for at, found in _levels(held).items()}
        buckets = {bound: raws.added(those) for bound, those in self._buckets().items()}
        if not buckets:
            return "no series of the recording tells its latency"
        scale = self._scale()
        told = {}
        for at in sorted({at for points in buckets.values() for at in points}):
            found = _interpolated({bound: points.get(at, 0.0) for bound, points in buckets.items()}, _QUANTILES[name])
            if found is not None:
                told[at] = found * scale
        return told

    def _requests(self) -> tuple[list[Raw], list[Raw] | None]:
        requests = self._named("requests") or self._named("requests", "_count")
        said = self._said["errors"]
        if said is not None:
            return requests, self._own(said.of(self._raws) or said.of(self._raws, "_count"))
        own = self._named("errors")
        if own:
            return requests, own
        label = next((label for label in _STATUS if any(label in raw.labels for raw in requests)), None)
        if label is None:
            return requests, None
        bad = Matcher(label, "=~", "5..")
        return requests, [raw for raw in requests if bad.fits(raw)]

    def _named(self, name: str, suffix: str = "") -> list[Raw]:
        if name not in self._said:
            return []
        said = self._said[name]
        selectors = (said,) if said is not None else tuple(Selector(usual) for usual in _USUAL[name])
        return next((found for one in selectors if (found := self._own(one.of(self._raws, suffix)))), [])

    def _buckets(self) -> dict[float, list[Raw]]:
        found: dict[float, list[Raw]] = {}
        for raw in self._named("latency", "_bucket"):
            with suppress(ValueError):
                found.setdefault(float(raw.labels.get("le", "")), []).append(raw)
        return found

    def _scale(self) -> float:
        unit = next((raw.unit for raw in self._named("latency", "_bucket")), "s")
        return _LIKE_MS.get(unit, 1000.0)

    def _own(self, found: list[Raw]) -> list[Raw]:
        """The series of the version; those without one are of all versions."""
        if self._version is not None:
            return [raw for raw in found if raw.version == self._version]
        return [raw for raw in found if not raw.version] or found


def _selector(said: str, troubles: Troubles) -> Selector | None:
    try:
        return selecting.parse(said) if said else None
    except BadInput as error:
        troubles.say("recording.toml", str(error))
        return None


def _levels(held: list[Raw]) -> dict[datetime, list[float]]:
    return raws.anchored(raw.points for raw in held)


def _interpolated(upto: Mapping[float, float], share: float) -> float | None:
    """The value below which a share of observations lies, evenly spread within a bucket, as Prometheus has it.

    ``upto`` has the observations up to each bound.  None without observations, or without a last bucket.
    """
    bounds = sorted(upto)
    if not bounds or bounds[-1] != float("inf") or upto[bounds[-1]] <= 0:
        return None
    rank, below, before = share * upto[bounds[-1]], 0.0, 0.0
    for bound in bounds:
        if upto[bound] >= rank:
            if bound == float("inf"):
                return below
            inside = upto[bound] - before
            return below + (bound - below) * ((rank - before) / inside if inside > 0 else 1.0)
        below, before = bound, upto[bound]
    return None
