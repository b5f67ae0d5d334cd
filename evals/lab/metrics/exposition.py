"""Parses a Prometheus text page: the golden signals, and every other series that the process exposes.

Format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

import functools
import math
import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

REQUESTS = "http_requests_total"
MEMORY, CPU = "process_resident_memory_bytes", "process_cpu_seconds_total"
BUCKET = "http_request_duration_seconds_bucket"
_LINE = re.compile(r"^([a-zA-Z_:][\w:]*(?:\{.*\})?)\s+(\S+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_OWN = frozenset({"/healthz", "/metrics"})  # the platform's requests are no users'
_KNOWN = frozenset({"service", "version"})  # said by the target already
_GOLDEN = ("http_request", "process_")


class Unreadable(ValueError):
    """The page is not what a service should serve."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Names and kinds of the series of a page; most pages of a process have the same one."""

    names: tuple[str, ...]
    """Each as ``family{label="value",...}`` without the labels that name the service and its version."""
    kinds: tuple[tuple[str, str], ...]
    """(family, type) as the page declares them."""


@dataclass(frozen=True, slots=True)
class Page:
    """The counters and gauges of one process at one instant; counters are summed over routes."""

    requests: float | None
    """None where the page counts no requests at all, which is not zero."""
    errors: float
    """Requests with a status of 500 and above."""
    memory_bytes: float
    cpu_seconds: float
    buckets: tuple[tuple[float, float], ...]
    """(upper bound in seconds, cumulative count), the bounds growing and the last one infinite."""
    shape: Shape = Shape((), ())
    values: "array[float]" = field(default_factory=lambda: array("d"))
    """One for each name of the shape."""

    def value(self, name: str) -> float | None:
        """The value of one series; None where the page does not have it."""
        found = _columns(self.shape).get(name)
        return None if found is None else self.values[found]


class _Head(NamedTuple):
    """Name and labels of a sample, as they stand before its value."""

    family: str
    name: str
    labels: Mapping[str, str]
    own: bool


def read(text: str) -> Page:
    """Read a page.  Raises Unreadable when a golden value is missing, NaN or negative, or a line is no sample."""
    lines = [line for line in text.splitlines() if line.strip()]
    declared = (line.split() for line in lines if line.startswith("# TYPE "))
    kinds = tuple((words[2], words[3]) for words in declared if len(words) > 3)
    samples = [found for line in lines if not line.startswith("#") and (found := _sample(line)) is not None]
    values: dict[str, float] = {}
    for head, value in samples:
        if math.isfinite(value):
            values[head.name] = values.get(head.name, 0.0) + value
    memory, cpu = _sum(samples, MEMORY), _sum(samples, CPU)
    if memory is None or cpu is None:
        raise Unreadable(f"no {MEMORY} or {CPU}")
    buckets: dict[float, float] = {}
    for head, value in samples:
        if head.family == BUCKET:
            bound = float(head.labels["le"])
            buckets[bound] = buckets.get(bound, 0.0) + value
    # A page that declares the counter and has no line of it counts: nothing was asked yet.
    declares = 0.0 if REQUESTS in dict(kinds) else None
    failed = [(head, value) for head, value in samples if head.labels.get("status", "").startswith("5")]
    return Page(
        requests=declares if (requests := _sum(samples, REQUESTS)) is None else requests,
        errors=_sum(failed, REQUESTS) or 0.0,
        memory_bytes=memory,
        cpu_seconds=cpu,
        buckets=tuple(sorted(buckets.items())),
        shape=_shape(tuple(values), kinds),
        values=array("d", values.values()),
    )


def labelled(name: str) -> tuple[str, Mapping[str, str]]:
    """Family and labels of a series' name."""
    head = _head(name)
    return head.family, head.labels


def _sample(line: str) -> tuple[_Head, float] | None:
    """Name and value of a line; None for the platform's own requests."""
    match = _LINE.match(line)
    if match is None:
        raise Unreadable(line[:120])
    head, value = _head(match[1]), _number(line, match[2])
    if head.family.startswith(_GOLDEN) and not (math.isfinite(value) and value >= 0):
        raise Unreadable(line[:120])
    return None if head.own else (head, value)


def _sum(samples: Sequence[tuple[_Head, float]], family: str) -> float | None:
    found = [value for head, value in samples if head.family == family]
    return sum(found) if found else None


@functools.lru_cache(maxsize=16_384)
def _head(text: str) -> _Head:
    family, _, inside = text.partition("{")
    labels = dict(_LABEL.findall(inside))
    shown = ",".join(f'{key}="{value}"' for key, value in labels.items() if key not in _KNOWN)
    own = labels.get("route", "").rpartition(" ")[2] in _OWN
    return _Head(family, f"{family}{{{shown}}}" if shown else family, labels, own)


# One object for the thousands of equal shapes of an hour: names are most of a page.
@functools.lru_cache(maxsize=1_024)
def _shape(names: tuple[str, ...], kinds: tuple[tuple[str, str], ...]) -> Shape:
    return Shape(names, kinds)


@functools.lru_cache(maxsize=1_024)
def _columns(shape: Shape) -> Mapping[str, int]:
    return {name: column for column, name in enumerate(shape.names)}


def _number(line: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise Unreadable(line[:120]) from error
