"""`ports.Metrics` over the series and rules of a recording."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from incident import series
from incident.errors import BadInput
from incident.evidence import Condition, Measurement, Missing, Ratios, Signals
from tools import text
from tools.recorded import raw as raws
from tools.recorded import selecting
from tools.recorded.description import Description
from tools.recorded.files import Troubles
from tools.recorded.golden import Measured, Points
from tools.recorded.naming import Naming
from tools.recorded.raw import Raw
from tools.recorded.rules import Served
from tools.recorded.said import said

STEP = 15.0
"""Seconds between two samples where nothing tells."""

_INSTANCE = re.compile(
    r"instance|pod.*|container.*|host.*|node|endpoint|namespace|prometheus|.*\.(?:id|uid|instance|name)"
)
"""Labels that tell instances and collectors apart, or where something runs; series that differ in them alone are one."""


class RecordedMetrics:
    """Samples until the as-of."""

    def __init__(
        self,
        held: Iterable[Raw],
        rules: tuple[Served, ...],
        description: Description,
        naming: Naming,
        as_of: datetime,
        troubles: Troubles,
    ) -> None:
        self._all = list(held)
        self._rules, self._description, self._naming = rules, description, naming
        self._as_of, self._troubles = as_of, troubles
        self._by_service: dict[str, list[Raw]] = {}
        for one in self._all:
            self._by_service.setdefault(one.service, []).append(one)
        self._measured: dict[tuple[str, str | None], Measured] = {}

    def rule(self, name: str, labels: Mapping[str, str]) -> Condition | Missing:
        """The one rule of this name whose service stands in `labels` and whose own labels do not contradict them."""
        named = {
            self._naming.service({label: value}) for label, value in labels.items() if label in self._naming.labels
        }
        known = (named | {self._naming.names.get(value, value) for value in labels.values()}) & set(
            self._naming.known()
        )
        fits = [
            (served, service)
            for served in self._rules
            if served.alert == name and _agree(served.labels, labels)
            for service in sorted({served.service} & known if served.service else known)
        ]
        shown = text.normalise(name, 80)
        if len(fits) != 1:
            return Missing(
                reason=f"{len(fits)} rules fit {shown}" if fits else f"no rule of the recording fits {shown}"
            )
        return fits[0][0].condition(fits[0][1], self._step(fits[0][1]))

    def measure(self, condition: Condition) -> Measurement | Missing:
        """The condition's value at the as-of, as it was exported; its samples are the requests that were counted."""
        found = self._value(condition)
        if isinstance(found, Missing):
            return found
        at, value = next(reversed(found.items()))
        if at < self._as_of - raws.stale(condition.step_seconds):
            return Missing(reason=f"the value of {condition.name} is of {at:%H:%M:%S}, which is stale")
        window = timedelta(seconds=condition.window_seconds)
        signals = self.signals(condition.service, at - window, at)
        return Measurement(
            value=value,
            samples=signals.requests if isinstance(signals, Signals) else 0,
            at=at,
            firing=_fires(condition, found, at),
        )

    def signals(
        self, service: str, start: datetime, end: datetime, version: str | None = None
    ) -> Signals | Ratios | Missing:
        """Golden signals of (start, end]; ratios where the recording counts nothing."""
        measured = self._of(service, version)
        if isinstance(measured, Missing):
            return measured
        counts = measured.counted()
        shares = measured.points("error_ratio") if isinstance(counts, str) else counts[0]
        if isinstance(shares, str):
            return Missing(reason=f"of {service}: {counts if isinstance(counts, str) else shares}")
        inside = self._inside(shares, start, end, service)
        if isinstance(inside, Missing):
            return inside
        last = next(reversed(inside))
        levels = {
            "p50_ms": measured.quantile("p50_ms", start, last),
            "p99_ms": measured.quantile("p99_ms", start, last),
            "memory_bytes": self._last(measured.points("memory_bytes"), start, last),
            "cpu_cores": self._cores(measured.points("cpu_seconds"), start, last, service),
        }
        common = {"service": service, "version": version, "start": start, "end": last, **levels}
        if isinstance(counts, str):
            return Ratios.model_validate({**common, "error_ratio": sum(inside.values()) / len(inside)})
        requests = round(sum(inside.values()))
        errors = round(sum(value for at, value in counts[1].items() if start < at <= last))
        return Signals.model_validate({**common, "requests": requests, "errors": min(errors, requests)})

    def names(self, service: str) -> series.Metrics | Missing:
        """The golden series, and every other one by its name and the labels that tell it from others."""
        if service not in self._by_service:
            return Missing(reason=f"the recording has no series of {text.normalise(service, 80)}")
        return series.listed(service, [self._metric(name, held) for name, held in self._others(service).items()])

    def range(
        self, service: str, name: str, start: datetime, end: datetime, version: str | None = None
    ) -> series.Series | Missing:
        """One point per sample, oldest first."""
        measured = self._of(service, version)
        if isinstance(measured, Missing):
            return measured
        metric = series.golden(name)
        if metric is not None:
            points = measured.points(name)
        else:
            held = [raw for raw in self._others(service).get(name, ()) if version in (None, raw.version)]
            if not held:
                return Missing(reason=f"the recording has no series {text.normalise(name, 80)} of {service}")
            metric, points = self._metric(name, held), _points(held)
        if isinstance(points, str):
            return Missing(reason=f"of {service}: {points}")
        return self._told(points, metric, (service, version), start, end)

    def of(self, condition: Condition, start: datetime, end: datetime) -> series.Series | Missing:
        """The condition's own expression over time, as it was exported."""
        found = self._value(condition)
        if isinstance(found, Missing):
            return found
        metric = series.Metric(name=condition.name, unit="1", kind="gauge")
        return self._told(found, metric, (condition.service, None), start, end)

    def firing(self) -> tuple[dict[str, str], ...]:
        """Label sets of the alerts that fire at the as-of: those exported as ``ALERTS``, and rules whose value says so."""
        found = []
        for raw in self._all:
            if raw.name == "ALERTS" and raw.labels.get("alertstate") == "firing":
                at, value = raw.points[-1]
                if value and at >= self._as_of - raws.stale(self._step(raw.service)):
                    found.append({key: said(held) for key, held in raw.labels.items() if key != "alertstate"})
        for served in self._rules:
            for service in (served.service,) if served.service else self._naming.known():
                condition = served.condition(service, self._step(service))
                value_now = Missing(reason="") if isinstance(condition, Missing) else self.measure(condition)
                if isinstance(condition, Condition) and isinstance(value_now, Measurement) and value_now.firing:
                    found.append({**condition.labels, "service": service})
        return tuple(found)

    def _value(self, condition: Condition) -> Points | Missing:
        whose = (condition.service, "")
        served = [one for one in self._rules if one.alert == condition.name and one.service in whose]
        mine = [one for one in served if one.condition(condition.service, condition.step_seconds) == condition]
        if len(mine) != 1:
            return Missing(reason=f"no rule of the recording reads like this {condition.name}")
        if not mine[0].value:
            return Missing(reason=f"the value of {condition.name} was not exported")
        try:
            held = selecting.parse(mine[0].value).of(self._all)
        except BadInput as error:
            return Missing(reason=str(error))
        own = [raw for raw in held if raw.service in (condition.service, "")]
        found = {at: max(values) for at, values in raws.anchored(raw.points for raw in own).items()}
        return found or Missing(reason=f"the recording has no samples of {mine[0].value}")

    def _of(self, service: str, version: str | None) -> Measured | Missing:
        key = (service, version)
        if key not in self._measured:
            held = self._by_service.get(service, [])
            self._measured[key] = Measured(held, self._description.series, version, self._troubles)
        found = self._measured[key]
        shown = text.normalise(service, 80) + (f" in version {text.normalise(version, 80)}" if version else "")
        return found if found.live else Missing(reason=f"the recording has no samples of {shown}")

    def _told(
        self, points: Points, metric: series.Metric, whose: tuple[str, str | None], start: datetime, end: datetime
    ) -> series.Series | Missing:
        service, version = whose
        inside = self._inside(points, start, end, service)
        if isinstance(inside, Missing):
            return inside
        return series.Series(
            service=service,
            version=version,
            metric=metric,
            step_seconds=self._step(service),
            points=tuple(inside.items()),
        )

    def _inside(self, points: Points, start: datetime, end: datetime, service: str) -> Points | Missing:
        until = min(end, self._as_of)
        found = {at: value for at, value in points.items() if start < at <= until}
        if not found:
            return Missing(reason=f"no sample of {service} lies in the window")
        last = next(reversed(found))
        if last < until - raws.stale(self._step(service)):
            return Missing(reason=f"the samples of {service} end at {last:%H:%M:%S}, which is stale")
        return found

    def _last(self, points: Points | str, start: datetime, end: datetime) -> float | None:
        inside = [value for at, value in points.items() if start < at <= end] if isinstance(points, dict) else []
        return inside[-1] if inside else None

    def _cores(self, points: Points | str, start: datetime, end: datetime, service: str) -> float | None:
        inside = [value for at, value in points.items() if start < at <= end] if isinstance(points, dict) else []
        return sum(inside) / (len(inside) * self._step(service)) if inside else None

    def _others(self, service: str) -> dict[str, list[Raw]]:
        """The series of a service that no golden one is made of, by name and labels."""
        used = self._of(service, None)
        golden = used.used() if isinstance(used, Measured) else frozenset()
        values = {served.value.partition("{")[0] for served in self._rules}
        found: dict[str, list[Raw]] = {}
        for raw in self._by_service.get(service, ()):
            if raw.name in values:
                continue
            if id(raw) not in golden and series.golden(raw.name) is None and not raw.name.endswith("_bucket"):
                found.setdefault(self._shown(raw), []).append(raw)
        return found

    def _shown(self, raw: Raw) -> str:
        kept = {
            label: value
            for label, value in sorted(raw.labels.items())
            if label not in self._naming.labels and not _INSTANCE.fullmatch(label)
        }
        inner = ",".join(f'{said(label, 60)}="{said(value, 60)}"' for label, value in kept.items())
        return f"{said(raw.name)}{{{inner}}}" if inner else said(raw.name)

    def _metric(self, name: str, held: list[Raw]) -> series.Metric:
        return series.Metric(name=name, unit=held[0].unit or series.unit_of(name), kind=held[0].kind)

    def _step(self, service: str) -> float:
        said_so = self._description.step_seconds
        return said_so or raws.step(self._by_service.get(service, ())) or raws.step(self._all) or STEP


def _points(held: list[Raw]) -> Points:
    """Counters added up; of levels the largest at each sample."""
    if held[0].kind == "counter":
        return raws.added(held)
    return {at: max(values) for at, values in raws.anchored(raw.points for raw in held).items()}


def _fires(condition: Condition, points: Points, at: datetime) -> bool:
    """True when every value of the rule's time is beyond its threshold."""
    since = at - timedelta(seconds=condition.for_seconds)
    return all(condition.breached(value) for time, value in points.items() if since <= time <= at)


def _agree(own: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    return all(labels.get(key, value) == value for key, value in own.items() if key != "alertname")
