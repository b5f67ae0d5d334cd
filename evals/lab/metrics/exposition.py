"""Parses the few lines of a Prometheus text page that the lab stores.

Format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

import math
import re
from dataclasses import dataclass

BUCKET = "http_request_duration_seconds_bucket"
_LINE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_OWN = frozenset({"/healthz", "/metrics"})  # the platform's requests are no users'


class Unreadable(ValueError):
    """The page is not what a service should serve."""


@dataclass(frozen=True, slots=True)
class Page:
    """The counters and gauges of one process at one instant; counters are summed over routes."""

    requests: float
    errors: float
    """Requests with a status of 500 and above."""
    memory_bytes: float
    cpu_seconds: float
    buckets: tuple[tuple[float, float], ...]
    """(upper bound in seconds, cumulative count), the bounds growing and the last one infinite."""


def read(text: str) -> Page:
    """Read a page.  Raises Unreadable when a value is missing, NaN or negative."""
    requests = errors = 0.0
    gauges: dict[str, float] = {}
    buckets: dict[float, float] = {}
    for line in text.splitlines():
        if not line.startswith(("http_request", "process_")):
            continue
        match = _LINE.match(line)
        if match is None:
            raise Unreadable(line[:120])
        name, labels, value = match[1], dict(_LABEL.findall(match[2] or "")), _number(line, match[3])
        if labels.get("route", "").rpartition(" ")[2] in _OWN:
            continue
        if name == "http_requests_total":
            requests += value
            errors += value if labels.get("status", "").startswith("5") else 0.0
        elif name == BUCKET:
            bound = float(labels["le"])
            buckets[bound] = buckets.get(bound, 0.0) + value
        elif name in ("process_resident_memory_bytes", "process_cpu_seconds_total"):
            gauges[name] = gauges.get(name, 0.0) + value
    if len(gauges) != 2:
        raise Unreadable("no process_resident_memory_bytes or process_cpu_seconds_total")
    return Page(
        requests=requests,
        errors=errors,
        memory_bytes=gauges["process_resident_memory_bytes"],
        cpu_seconds=gauges["process_cpu_seconds_total"],
        buckets=tuple(sorted(buckets.items())),
    )


def _number(line: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise Unreadable(line[:120]) from error
    if not math.isfinite(value) or value < 0:
        raise Unreadable(line[:120])
    return value
