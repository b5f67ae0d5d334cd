"""Points of a series from the pages of one sampling step: growth of counters, levels, ratios and percentiles."""

import functools
import itertools
import re
from collections.abc import Callable, Mapping, Sequence

from evals.lab.metrics.exposition import Page, Shape, labelled
from incident import series

Pairs = Sequence[tuple[Page, Page]]
"""Of each process the page before, and the page of this step."""

Buckets = tuple[tuple[float, float], ...]
"""(upper bound in seconds, requests up to it), the bounds growing."""

_SHARES = {"p50": 0.50, "p99": 0.99}
_LE = re.compile(r'[{,]le="([^"]+)"')


def told(name: str, kinds: Mapping[str, str]) -> tuple[series.Metric, ...]:
    """The series that a line of a page is told as: of a histogram its count, its sum and two percentiles."""
    family = name.partition("{")[0]
    stem, _, part = family.rpartition("_")
    if kinds.get(stem) == "histogram" and part == "bucket":
        unit = series.unit_of(stem)
        return tuple(series.Metric(name=f"{share}({stem})", unit=unit, kind="percentile") for share in _SHARES)
    of_histogram = kinds.get(stem) == "histogram" and part in ("count", "sum")
    counted = of_histogram or part == "total" or kinds.get(family) == "counter"
    return (series.Metric(name=name, unit=series.unit_of(name), kind="counter" if counted else "gauge"),)


def point(metric: series.Metric, pairs: Pairs) -> float | None:
    """The value of one step over all processes; None where nothing is known of it."""
    name = metric.name
    if name in _OF:
        return _OF[name](pairs)
    if metric.kind == "percentile":
        return quantile(_grown_buckets(pairs, lambda page: _parts(page, name[4:-1])), _SHARES[name[:3]])
    if metric.kind == "counter":
        return _grown(pairs, lambda page: page.value(name))
    levels = [level for _, after in pairs if (level := after.value(name)) is not None]
    return sum(levels) if levels else None


Labels = tuple[tuple[str, str], ...]
"""Names of labels with patterns that their whole values match, as PromQL's ``=~``."""


def grown(family: str, labels: Labels, pairs: Pairs) -> float | None:
    """Growth of all matching counters over all processes; None where no page has one now."""
    found = [
        increase([before.value(name) or 0.0, after.value(name) or 0.0])
        for before, after in pairs
        for name in chosen(after.shape, family, labels)
    ]
    return sum(found) if found else None


def level(family: str, labels: Labels, pairs: Pairs) -> float | None:
    """Sum of all matching series over all processes now; None where no page has one."""
    found = [after.value(name) or 0.0 for _, after in pairs for name in chosen(after.shape, family, labels)]
    return sum(found) if found else None


@functools.lru_cache(maxsize=1_024)
def chosen(shape: Shape, family: str, labels: Labels) -> tuple[str, ...]:
    """Names of a page's series of this family whose labels match."""
    return tuple(name for name in shape.names if _matches(name, family, labels))


def _matches(name: str, family: str, labels: Labels) -> bool:
    of, known = labelled(name)
    return of == family and all(re.fullmatch(pattern, known.get(key, "")) for key, pattern in labels)


def increase(values: Sequence[float]) -> float:
    """Growth of a counter; a value below the one before means that it began again at zero."""
    return sum(after - before if after >= before else after for before, after in itertools.pairwise(values))


def quantile(buckets: Buckets, share: float) -> float | None:
    """Seconds below which a share of the requests stayed, interpolated linearly inside its bucket.

    The same arithmetic as PromQL's ``histogram_quantile``; None when nothing was observed.
    https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
    """
    total = buckets[-1][1] if buckets else 0.0
    if total <= 0:
        return None
    rank, below, lower = share * total, 0.0, 0.0
    for bound, count in buckets:
        if count >= rank and count > below:
            if bound == float("inf"):
                return lower
            return lower + (bound - lower) * (rank - below) / (count - below)
        below, lower = count, bound
    return lower


def _grown(pairs: Pairs, of: Callable[[Page], float | None]) -> float | None:
    """Growth of a counter over all processes; a series that is new began at zero, one that is absent is unknown."""
    grown = [increase([of(before) or 0.0, now]) for before, after in pairs if (now := of(after)) is not None]
    return sum(grown) if grown else None


def _requests(pairs: Pairs) -> float | None:
    return _grown(pairs, lambda page: page.requests)


def _errors(pairs: Pairs) -> float | None:
    # No error counted beside requests that are: none happened.
    return _grown(pairs, lambda page: None if page.requests is None else page.errors)


def _error_ratio(pairs: Pairs) -> float | None:
    requests, errors = _requests(pairs), _errors(pairs)
    return errors / requests if requests and errors is not None else None


def _milliseconds(share: float) -> Callable[[Pairs], float | None]:
    def of(pairs: Pairs) -> float | None:
        seconds = quantile(_grown_buckets(pairs, lambda page: page.buckets), share)
        return None if seconds is None else seconds * 1000

    return of


_OF: Mapping[str, Callable[[Pairs], float | None]] = {
    "requests": _requests,
    "errors": _errors,
    "error_ratio": _error_ratio,
    "memory_bytes": lambda pairs: sum(after.memory_bytes for _, after in pairs),
    "cpu_seconds": lambda pairs: _grown(pairs, lambda page: page.cpu_seconds),
    "p50_ms": _milliseconds(0.50),
    "p99_ms": _milliseconds(0.99),
}


def _parts(page: Page, stem: str) -> Buckets:
    """Buckets of one histogram of a page, summed over its other labels."""
    sums: dict[float, float] = {}
    for name, value in zip(page.shape.names, page.values, strict=True):
        match = _LE.search(name) if name.startswith(f"{stem}_bucket{{") else None
        if match is not None:
            sums[float(match[1])] = sums.get(float(match[1]), 0.0) + value
    return tuple(sorted(sums.items()))


def _grown_buckets(pairs: Pairs, of: Callable[[Page], Buckets]) -> Buckets:
    sums: dict[float, float] = {}
    for before, after in pairs:
        old = dict(of(before))
        for bound, count in of(after):
            sums[bound] = sums.get(bound, 0.0) + increase([old.get(bound, 0.0), count])
    return tuple(sorted(sums.items()))
