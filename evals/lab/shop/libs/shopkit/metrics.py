"""Golden signals through prometheus_client, and the service's own numbers; all are labelled with service and version."""

import os
import resource
from collections import Counter as Tally
from collections.abc import Callable, Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5)

_counted: Tally[str] = Tally()
_watched: dict[str, Callable[[], float]] = {}


def count(name: str, by: float = 1) -> None:
    """Add to one of the service's own counters, which is served as ``NAME_total``."""
    _counted[name] += by


def watch(name: str, value: Callable[[], float]) -> None:
    """Serve a gauge that is read at every scrape."""
    _watched[name] = value


class Metrics:
    """The metrics of one process."""

    def __init__(self, service: str, version: str) -> None:
        disable_created_metrics()
        self._registry = CollectorRegistry()
        self._service, self._version = service, version
        labels = ["service", "version", "route"]
        self._requests = Counter("http_requests", "Answers", [*labels, "status"], registry=self._registry)
        self._seconds = Histogram(
            "http_request_duration_seconds", "Time to answer", labels, buckets=BUCKETS, registry=self._registry
        )
        self._registry.register(ProcessCollector(service, version))
        self._registry.register(OwnCollector(service, version))

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self._requests.labels(self._service, self._version, route, str(status)).inc()
        self._seconds.labels(self._service, self._version, route).observe(seconds)

    def text(self) -> bytes:
        """Everything in the text format."""
        return generate_latest(self._registry)


class ProcessCollector(Collector):
    """Memory and processor time of this process."""

    def __init__(self, service: str, version: str) -> None:
        self._labels = [service, version]

    def collect(self) -> Iterable[Metric]:
        names = ["service", "version"]
        memory = GaugeMetricFamily("process_resident_memory_bytes", "Resident memory", labels=names)
        memory.add_metric(self._labels, _resident_bytes())
        yield memory
        spent = CounterMetricFamily("process_cpu_seconds", "User and system time", labels=names)
        times = os.times()
        spent.add_metric(self._labels, times.user + times.system)
        yield spent


class OwnCollector(Collector):
    """What the service itself counts and watches."""

    def __init__(self, service: str, version: str) -> None:
        self._labels = [service, version]

    def collect(self) -> Iterable[Metric]:
        names = ["service", "version"]
        for name, counted in sorted(_counted.items()):
            counter = CounterMetricFamily(name, "Counted by the service", labels=names)
            counter.add_metric(self._labels, counted)
            yield counter
        for name, value in sorted(_watched.items()):
            gauge = GaugeMetricFamily(name, "Read by the service", labels=names)
            gauge.add_metric(self._labels, value())
            yield gauge


def _resident_bytes() -> int:
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
