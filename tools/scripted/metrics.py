"""`ports.Metrics` of a simulated world: one error-rate rule for each service."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from incident import series
from incident.evidence import Condition, Measurement, Missing, Ratios, Signals
from tools.scripted import traffic
from tools.scripted.stage import Stage
from tools.scripted.state import Behaviour, sampled

NAME = "HighErrorRate"
THRESHOLD = 0.05
WINDOW = 10.0
"""Seconds of the rule's window, or four samples where those take longer."""
FOR = 5.0
"""Seconds for which the condition must hold, or two samples."""
STEP = 1.0
"""Seconds between two points of a series where every question takes a sample of its own."""
ENOUGH = 20
"""Requests in the window below which a rate says nothing."""


def condition(service: str, step: float = STEP) -> Condition:
    """The rule of a service that is sampled so often."""
    window, held = max(WINDOW, 4 * step), max(FOR, 2 * step)
    requests = f'http_requests_total{{service="{service}"'
    seconds = f"[{window:.0f}s]"
    return Condition(
        name=NAME,
        service=service,
        expression=f'sum(rate({requests},status=~"5.."}}{seconds})) / sum(rate({requests}}}{seconds}))',
        comparison=">",
        threshold=THRESHOLD,
        window_seconds=window,
        for_seconds=held,
        step_seconds=step,
        labels={"alertname": NAME, "service": service, "severity": "critical"},
    )


class ScriptedMetrics:
    """Samples that follow from the expected counts."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def rules(self) -> tuple[Condition, ...]:
        """All rules of the world."""
        return tuple(condition(service, self._step) for service in sorted(self._stage.state.services))

    @property
    def _step(self) -> float:
        return self._stage.state.scrape_seconds or STEP

    def _sampled(self, now: datetime) -> datetime:
        return sampled(self._stage.state, now)

    def rule(self, name: str, labels: Mapping[str, str]) -> Condition | Missing:
        """The one rule of this name whose service stands in `labels` and whose own labels do not contradict them."""
        self._stage.now("metrics")
        fits = [
            rule
            for rule in self.rules()
            if rule.name == name and rule.service in labels.values() and _agree(rule.labels, labels)
        ]
        if len(fits) == 1:
            return fits[0]
        return Missing(reason=f"{len(fits)} rules fit {name}" if fits else f"no rule of the world fits {name}")

    def measure(self, condition: Condition) -> Measurement | Missing:
        """The condition's value now; Missing for one that the world does not serve."""
        now = self._sampled(self._stage.now("metrics"))
        if condition not in self.rules():
            return Missing(reason=f"no rule of this world reads like this {condition.name}")
        value, requests = self._rate(condition, now)
        if requests < ENOUGH:
            return Missing(reason=f"only {requests} requests in {condition.window_seconds:g} s")
        return Measurement(value=value, samples=requests, at=now, firing=self._fires(condition, now))

    def signals(
        self, service: str, start: datetime, end: datetime, version: str | None = None
    ) -> Signals | Ratios | Missing:
        """Golden signals of a window, between the samples at or before its start and its end."""
        now = self._stage.now("metrics")
        objection = self._objection(service, version)
        if objection:
            return Missing(reason=objection)
        since, until = self._sampled(start), self._sampled(min(end, now))
        if until <= since:
            return Missing(reason="no sample lies in the window")
        count = traffic.counts(self._stage.state, service, since, until, version)
        shown = self._shown(service, version)
        found = Signals(
            service=service,
            version=version,
            start=since,
            end=until,
            requests=count.requests,
            errors=count.errors,
            p50_ms=shown.p50_ms,
            p99_ms=shown.p99_ms,
            memory_bytes=self._memory(service, version, until),
            cpu_cores=self._cpu(service, since, until, version),
        )
        return _uncounted(found) if service in self._stage.state.uncounted else found

    def names(self, service: str) -> series.Metrics | Missing:
        """The golden series: a simulated service exposes nothing else."""
        self._stage.now("metrics")
        objection = self._objection(service, None)
        return Missing(reason=objection) if objection else series.listed(service, ())

    def range(
        self, service: str, name: str, start: datetime, end: datetime, version: str | None = None
    ) -> series.Series | Missing:
        """One point per sample."""
        now = self._stage.now("metrics")
        metric = series.golden(name)
        objection = self._objection(service, version) or (f"there is no series {name[:80]!r}" if metric is None else "")
        if objection or metric is None:
            return Missing(reason=objection)
        step = timedelta(seconds=self._step)
        found = [(at, self._point(service, name, at - step, at, version)) for at in self._samples(start, min(end, now))]
        points = tuple((at, value) for at, value in found if value is not None)
        if not points:
            return Missing(reason="no sample lies in the window")
        return series.Series(service=service, version=version, metric=metric, step_seconds=self._step, points=points)

    def of(self, condition: Condition, start: datetime, end: datetime) -> series.Series | Missing:
        """The share of failed requests at each sample."""
        now = self._stage.now("metrics")
        if condition not in self.rules():
            return Missing(reason=f"no rule of this world reads like this {condition.name}")
        found = ((at, *self._rate(condition, at)) for at in self._samples(start, min(end, now)))
        points = tuple((at, value) for at, value, requests in found if requests >= ENOUGH)
        if not points:
            return Missing(reason=f"{condition.name} is known at no sample of the window")
        metric = series.Metric(name=condition.name, unit="1", kind="ratio")
        return series.Series(service=condition.service, metric=metric, step_seconds=self._step, points=points)

    def firing(self) -> tuple[dict[str, str], ...]:
        """Label sets of the rules that fire now."""
        now = self._sampled(self._stage.now("metrics"))
        return tuple(dict(rule.labels) for rule in self.rules() if self._fires(rule, now))

    def _point(self, service: str, name: str, before: datetime, at: datetime, version: str | None) -> float | None:
        """One series at one sample; None where nothing is known."""
        count, shown = traffic.counts(self._stage.state, service, before, at, version), self._shown(service, version)
        known = {
            "requests": float(count.requests),
            "errors": float(count.errors),
            "error_ratio": count.errors / count.requests if count.requests else None,
            "p50_ms": shown.p50_ms,
            "p99_ms": shown.p99_ms,
            "memory_bytes": self._memory(service, version, at),
            "cpu_seconds": self._cpu(service, before, at, version) * (at - before).total_seconds(),
        }
        return known[name]

    def _shown(self, service: str, version: str | None) -> Behaviour:
        split = self._stage.state.services[service].splits[-1]
        return split.behaviours[version or max(split.weights, key=lambda name: split.weights[name])]

    def _samples(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Times of the samples in (start, end]."""
        step = timedelta(seconds=self._step)
        at = self._sampled(start) + step
        while at <= end:
            yield at
            at += step

    def _fires(self, condition: Condition, now: datetime) -> bool:
        """True when the condition has held at every sample for its time, or is forced."""
        if condition.service in self._stage.state.forced:
            return True
        steps = range(int(condition.for_seconds / self._step) + 1)
        looks = (now - timedelta(seconds=condition.for_seconds - self._step * step) for step in steps)
        rates = (self._rate(condition, at) for at in looks)
        return all(requests >= ENOUGH and condition.breached(value) for value, requests in rates)

    def _rate(self, condition: Condition, now: datetime) -> tuple[float, int]:
        count = traffic.counts(
            self._stage.state, condition.service, now - timedelta(seconds=condition.window_seconds), now
        )
        return (count.errors / count.requests if count.requests else 0.0), count.requests

    def _memory(self, service: str, version: str | None, at: datetime) -> float:
        """Bytes of one version, or of all that run."""
        found = self._stage.state.services[service]
        split = found.splits[-1]
        total = 0.0
        for running in found.workload.versions:
            if version in (None, running.name):
                shown = split.behaviours[running.name]
                age = max(0.0, (at - running.started_at).total_seconds())
                total += shown.memory_bytes + shown.leak_bytes_per_second * age
        return total

    def _cpu(self, service: str, start: datetime, until: datetime, version: str | None) -> float:
        """Cores that the requests of a window kept busy, in one version or in all that run."""
        found, busy = self._stage.state.services[service], 0.0
        for running in found.workload.versions:
            if version in (None, running.name):
                shown = found.splits[-1].behaviours[running.name]
                age = max(0.0, (until - running.started_at).total_seconds())
                served = traffic.counts(self._stage.state, service, start, until, running.name).requests
                busy += served * (shown.cpu_ms + shown.cpu_ms_per_second * age) / 1000.0
        return busy / (until - start).total_seconds()

    def _objection(self, service: str, version: str | None) -> str:
        """Reason that there is nothing to tell about this service and version; empty when there is."""
        found = self._stage.state.services.get(service)
        if found is None:
            return f"there is no service {service[:80]!r}"
        if version is not None and found.workload.version(version) is None:
            return f"no samples of version {version[:80]!r}"
        return ""


def _uncounted(found: Signals) -> Ratios | Missing:
    """The signals without their counts; no request has no share of errors."""
    if not found.requests:
        return Missing(reason=f"{found.service} had no requests")
    told = found.model_dump(exclude={"kind", "requests", "errors"})
    return Ratios(error_ratio=found.error_rate, **told)


def _agree(own: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    return all(labels.get(key, value) == value for key, value in own.items() if key != "alertname")
