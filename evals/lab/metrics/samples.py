"""Stored samples: scrapes of every process at one step, the last 3,600 of each, and windows over them.

Counters are cumulative per process and begin at zero when the process starts, so its start is stored as a
first scrape of zeros and nothing that happened before the first real one is lost.
"""

import itertools
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from evals.lab.metrics import points
from evals.lab.metrics.exposition import Page
from evals.lab.metrics.points import increase
from incident import series
from incident.evidence import Missing

STEP = 1.0
"""Seconds between two scrapes."""
STALE = 5.0
"""Steps after which the newest sample says nothing about now."""
KEPT = 3600
"""Scrapes kept per process."""

_ZERO = Page(requests=0, errors=0, memory_bytes=0, cpu_seconds=0, buckets=())


@dataclass(frozen=True, slots=True)
class Scrape:
    """One page and when it was read, in seconds since the epoch."""

    at: float
    page: Page


@dataclass
class Target:
    """One process that is scraped."""

    service: str
    version: str
    started: float
    ended: float | None = None
    idle: bool = False
    """No traffic is routed to it, so that its silence hides nothing."""
    scrapes: deque[Scrape] = field(default_factory=lambda: deque(maxlen=KEPT))

    def __post_init__(self) -> None:
        self.scrapes.append(Scrape(self.started, _ZERO))

    def within(self, start: float, end: float) -> list[Scrape]:
        """Scrapes of (start, end] and the last one before, oldest first."""
        found: list[Scrape] = []
        for scrape in reversed(self.scrapes):
            if scrape.at > end:
                continue
            found.append(scrape)
            if scrape.at <= start:
                break
        return found[::-1]


@dataclass(frozen=True)
class Window:
    """Increments of the counters over a window, summed over processes, and the gauges at its end."""

    start: float
    """Time of the first of the samples used; later than asked when there are none before."""
    end: float
    requests: int
    errors: int
    cpu_seconds: float
    memory_bytes: float | None
    buckets: tuple[tuple[float, float], ...]
    """(upper bound in seconds, requests up to it)."""


class Samples:
    """All targets, those that have ended included."""

    def __init__(self, step: float = STEP) -> None:
        self.step = step
        """Seconds between two scrapes."""
        self._targets: list[Target] = []

    def begin(self, target: Target) -> None:
        """A process has started."""
        forgotten = target.started - KEPT * self.step
        self._targets = [known for known in self._targets if known.ended is None or known.ended > forgotten]
        self._targets.append(target)

    def window(
        self, service: str, start: float, end: float, now: float, version: str | None = None
    ) -> Window | Missing:
        """Samples in (start, end].  Missing when there are none, or stale ones at its end."""
        end = min(end, now)
        chosen = self._of(service, version, start, end)
        if not chosen:
            return Missing(reason=f"no samples of {service}{f' {version}' if version else ''} in this window")
        stale = STALE * self.step
        silent = _silent(chosen, end, stale)
        if silent is not None:
            return silent
        found = [(target, target.within(start, end)) for target in chosen]
        mute = next((target for target, scrapes in found if scrapes[-1].page.requests is None), None)
        if mute is not None:
            return Missing(reason=f"{mute.service} {mute.version} counts no requests")
        return Window(
            start=max(start, min(scrapes[0].at for _, scrapes in found)),
            end=max(scrapes[-1].at for _, scrapes in found),
            requests=round(sum(increase([scrape.page.requests or 0.0 for scrape in scrapes]) for _, scrapes in found)),
            errors=round(sum(increase([scrape.page.errors for scrape in scrapes]) for _, scrapes in found)),
            cpu_seconds=sum(increase([scrape.page.cpu_seconds for scrape in scrapes]) for _, scrapes in found),
            memory_bytes=_memory(scrapes[-1] for _, scrapes in found if scrapes[-1].at >= end - stale),
            buckets=_buckets([scrapes for _, scrapes in found]),
        )

    def ends(self, service: str, start: float, end: float, now: float) -> tuple[points.Pairs, float] | Missing:
        """Of each process the pages at the start and at the end of (start, end], and the time of the newest."""
        end = min(end, now)
        chosen = self._of(service, None, start, end)
        silent = _silent(chosen, end, STALE * self.step)
        found = [scrapes for target in chosen if len(scrapes := target.within(start, end)) > 1]
        if silent is not None or not found:
            return silent or Missing(reason=f"no samples of {service} in this window")
        # A counter of one process begins anew only with the process, so its first and its last page are enough.
        return [(scrapes[0].page, scrapes[-1].page) for scrapes in found], max(scrapes[-1].at for scrapes in found)

    def names(self, service: str) -> series.Metrics | Missing:
        """Every series that the service's processes expose, the parts of histograms as percentiles."""
        pages = [target.scrapes[-1].page for target in self._targets if target.service == service]
        if not pages:
            return Missing(reason=f"no samples of {service}")
        found: dict[str, series.Metric] = {}
        for page in pages:
            kinds = dict(page.shape.kinds)
            for name in page.shape.names:
                for metric in points.told(name, kinds):
                    found[metric.name] = metric
        return series.listed(service, tuple(found.values()))

    def range(
        self, service: str, name: str, start: float, end: float, now: float, version: str | None = None
    ) -> tuple[series.Metric, list[tuple[float, float]]] | Missing:
        """One point per step of one series, summed over processes; of a ratio or percentile over what happened."""
        chosen = self._of(service, version, start, min(end, now))
        if not chosen:
            return Missing(reason=f"no samples of {service}{f' {version}' if version else ''} in this window")
        metric = series.golden(name) or self._metric(service, name)
        if metric is None:
            return Missing(reason=f"{service} exposes no series {name[:80]!r}")
        pairs: dict[int, list[tuple[Page, Page]]] = {}
        for target in chosen:
            for before, after in itertools.pairwise(target.within(start, end)):
                # Processes are scraped one after the other: samples of one step belong to one point.
                pairs.setdefault(int(after.at / self.step), []).append((before.page, after.page))
        known = [(slot * self.step, points.point(metric, found)) for slot, found in sorted(pairs.items())]
        return metric, [(at, value) for at, value in known if value is not None]

    def _metric(self, service: str, name: str) -> series.Metric | None:
        found = self.names(service)
        return None if isinstance(found, Missing) else next((one for one in found.metrics if one.name == name), None)

    def _of(self, service: str, version: str | None, start: float, end: float) -> list[Target]:
        return [
            target
            for target in self._targets
            if target.service == service
            and version in (None, target.version)
            and target.started <= end
            and (target.ended is None or target.ended >= start)
        ]


def _silent(targets: Iterable[Target], end: float, stale: float) -> Missing | None:
    """Reason that these samples cannot speak for the window's end, or None when they can."""
    for target in targets:
        gone = target.ended is not None and target.ended <= end
        newest = max((scrape.at for scrape in target.within(end, end)), default=0.0)
        if not gone and not target.idle and newest < end - stale:
            return Missing(
                reason=f"the samples of {target.service} {target.version} end {end - newest:.0f} s too early"
            )
    return None


def _memory(newest: Iterable[Scrape]) -> float | None:
    values = [scrape.page.memory_bytes for scrape in newest if scrape.page is not _ZERO]
    return sum(values) if values else None


def _buckets(found: Sequence[Sequence[Scrape]]) -> tuple[tuple[float, float], ...]:
    sums: dict[float, float] = {}
    for scrapes in found:
        pages: list[Mapping[float, float]] = [dict(scrape.page.buckets) for scrape in scrapes]
        for bound in pages[-1]:
            sums[bound] = sums.get(bound, 0.0) + increase([page.get(bound, 0.0) for page in pages])
    return tuple(sorted(sums.items()))
