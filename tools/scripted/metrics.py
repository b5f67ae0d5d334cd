"""`ports.Metrics` of a simulated world: one error-rate rule for each service."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Literal, assert_never

from incident.evidence import Condition, Measurement, Missing, Signals
from tools.scripted import traffic
from tools.scripted.stage import Stage

NAME = "HighErrorRate"
THRESHOLD = 0.05
WINDOW = timedelta(seconds=10)
FOR = timedelta(seconds=5)
SAMPLING = timedelta(seconds=1)
ENOUGH = 20
"""Requests in the window below which a rate says nothing."""


def condition(service: str) -> Condition:
    """The rule of a service."""
    requests = f'http_requests_total{{service="{service}"'
    seconds = f"[{WINDOW.seconds}s]"
    return Condition(
        name=NAME,
        service=service,
        expression=f'sum(rate({requests},status=~"5.."}}{seconds})) / sum(rate({requests}}}{seconds}))',
        comparison=">",
        threshold=THRESHOLD,
        window_seconds=WINDOW.total_seconds(),
        for_seconds=FOR.total_seconds(),
        labels={"alertname": NAME, "service": service, "severity": "critical"},
    )


class ScriptedMetrics:
    """Samples that follow from the expected counts."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def rules(self) -> tuple[Condition, ...]:
        """All rules of the world."""
        return tuple(condition(service) for service in sorted(self._stage.state.services))

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
        now = self._stage.now("metrics")
        if condition not in self.rules():
            return Missing(reason=f"no rule of this world reads like this {condition.name}")
        value, requests = self._rate(condition, now)
        if requests < ENOUGH:
            return Missing(reason=f"only {requests} requests in {condition.window_seconds:g} s")
        return Measurement(value=value, samples=requests, at=now, firing=self._fires(condition, now))

    def signals(self, service: str, start: datetime, end: datetime, version: str | None = None) -> Signals | Missing:
        """Golden signals of a window."""
        now = self._stage.now("metrics")
        objection = self._objection(service, version)
        if objection:
            return Missing(reason=objection)
        until = min(end, now)
        if until <= start:
            return Missing(reason="the window lies in the future")
        count = traffic.counts(self._stage.state, service, start, until, version)
        split = self._stage.state.services[service].splits[-1]
        shown = split.behaviours[version or max(split.weights, key=lambda name: split.weights[name])]
        return Signals(
            service=service,
            version=version,
            start=start,
            end=until,
            requests=count.requests,
            errors=count.errors,
            p50_ms=shown.p50_ms,
            p99_ms=shown.p99_ms,
            memory_bytes=self._memory(service, version, until),
            cpu_cores=self._cpu(service, start, until, version),
        )

    def series(
        self,
        service: str,
        signal: Literal["requests", "errors", "memory_bytes"],
        start: datetime,
        end: datetime,
        version: str | None = None,
    ) -> tuple[tuple[datetime, float], ...] | Missing:
        """One point a second."""
        now = self._stage.now("metrics")
        objection = self._objection(service, version)
        if objection:
            return Missing(reason=objection)
        points = []
        for at in _seconds(start, min(end, now)):
            count = traffic.counts(self._stage.state, service, at - SAMPLING, at, version)
            match signal:
                case "requests":
                    points.append((at, float(count.requests)))
                case "errors":
                    points.append((at, float(count.errors)))
                case "memory_bytes":
                    points.append((at, self._memory(service, version, at)))
                case _:
                    assert_never(signal)
        return tuple(points) or Missing(reason="no sample lies in the window")

    def firing(self) -> tuple[dict[str, str], ...]:
        """Label sets of the rules that fire now."""
        now = self._stage.now("metrics")
        return tuple(dict(rule.labels) for rule in self.rules() if self._fires(rule, now))

    def _fires(self, condition: Condition, now: datetime) -> bool:
        """True when the condition has held at every sample for its time, or is forced."""
        if condition.service in self._stage.state.forced:
            return True
        looks = (now - FOR + SAMPLING * step for step in range(int(FOR / SAMPLING) + 1))
        rates = (self._rate(condition, at) for at in looks)
        return all(requests >= ENOUGH and condition.breached(value) for value, requests in rates)

    def _rate(self, condition: Condition, now: datetime) -> tuple[float, int]:
        count = traffic.counts(self._stage.state, condition.service, now - WINDOW, now)
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


def _agree(own: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    return all(labels.get(key, value) == value for key, value in own.items() if key != "alertname")


def _seconds(start: datetime, end: datetime) -> Iterator[datetime]:
    at = start + SAMPLING
    while at <= end:
        yield at
        at += SAMPLING
