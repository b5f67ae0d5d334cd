"""Series: one measured quantity of a service over time, with its unit and its kind.

Every store of samples answers about the golden series below by these names; whatever else a service exposes
goes by the name that it has there.
"""

from collections.abc import Sequence
from typing import Literal

from pydantic import AwareDatetime

from incident.value import Value

SeriesKind = Literal["counter", "gauge", "ratio", "percentile"]
"""Counter: points are increments since the sample before.  Gauge: levels.  Ratio: a share between 0 and 1 of what
happened since the sample before.  Percentile: of what happened since the sample before."""

GOLDEN = ("requests", "errors", "error_ratio", "p50_ms", "p99_ms", "memory_bytes", "cpu_seconds")
"""Names of the series that every service has, where it is measured at all."""

MAX_NAMES = 500
"""Most names of one service that a store tells; labels can make any number of series."""


class Metric(Value):
    """One series of a service: its name, its unit (UCUM, as OpenTelemetry writes it) and its kind."""

    name: str
    unit: str
    kind: SeriesKind


class Metrics(Value):
    """Series of one service, sorted by name behind the golden ones."""

    service: str
    metrics: tuple[Metric, ...]
    left_out: int = 0
    """Series that exist and are not told, because there are too many."""


class Series(Value):
    """Points of one series over a window, oldest first, each stamped with the time of its sample."""

    service: str
    version: str | None = None
    metric: Metric
    step_seconds: float
    """Time between two samples."""
    points: tuple[tuple[AwareDatetime, float], ...]


_GOLDEN: dict[str, Metric] = {
    "requests": Metric(name="requests", unit="1", kind="counter"),
    "errors": Metric(name="errors", unit="1", kind="counter"),
    "error_ratio": Metric(name="error_ratio", unit="1", kind="ratio"),
    "p50_ms": Metric(name="p50_ms", unit="ms", kind="percentile"),
    "p99_ms": Metric(name="p99_ms", unit="ms", kind="percentile"),
    "memory_bytes": Metric(name="memory_bytes", unit="By", kind="gauge"),
    "cpu_seconds": Metric(name="cpu_seconds", unit="s", kind="counter"),
}


def golden(name: str) -> Metric | None:
    """The golden series of this name, or None."""
    return _GOLDEN.get(name)


def listed(service: str, others: Sequence[Metric]) -> Metrics:
    """The golden series and at most so many others that there are `MAX_NAMES` in all."""
    room = MAX_NAMES - len(GOLDEN)
    ordered = sorted(others, key=lambda metric: metric.name)
    return Metrics(
        service=service,
        metrics=(*_GOLDEN.values(), *ordered[:room]),
        left_out=max(0, len(ordered) - room),
    )


def unit_of(name: str) -> str:
    """The unit that a Prometheus name ends with (https://prometheus.io/docs/practices/naming/); "1" for a count."""
    stem = name.partition("{")[0].removesuffix("_total").removesuffix("_sum")
    if name.partition("{")[0].endswith("_count"):
        return "1"
    return {"seconds": "s", "milliseconds": "ms", "bytes": "By"}.get(stem.rpartition("_")[2], "1")
