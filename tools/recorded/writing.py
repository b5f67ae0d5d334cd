"""Writes a recording of a world, through its ports only, without secrets; what cannot be asked is said."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal, ParamSpec, TypeVar

from pydantic import BaseModel, JsonValue

from incident import logs, series
from incident.capture import Capture
from incident.errors import BadInput, Unavailable
from incident.evidence import Change, Condition, ErrorLog, Missing, Span
from incident.workload import Version
from tools import ports
from tools.recorded import encoding
from tools.records import files
from tools.secrets import redaction

MAX_TRACES = 1_000
"""Traces through one service, the newest."""

MAX_REQUESTS = 500
"""Recorded requests of each outcome of one service, the newest."""

MAX_LINES = 20_000
"""Log lines of one service, the newest."""

P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


class Writer:
    """Writes one recording into a new folder."""

    def __init__(self, world: ports.World, folder: Path, window: tuple[datetime, datetime]) -> None:
        """`world` must hide the values of settings (:mod:`tools.secrets.mask`); `window` is what is asked for."""
        self._world, self._folder = world, folder
        self._start, self._end = window
        self.left_out: list[str] = []
        """Sentences about what was asked and not answered."""

    def write(self, alert: JsonValue, rules: Iterable[Condition], changed_since: datetime) -> None:
        """Write everything.  Raises BadInput for a folder that is there already, OSError."""
        try:
            self._folder.mkdir(mode=0o700, parents=True)
        except FileExistsError as error:
            raise BadInput("out", str(self._folder), "name a folder that does not exist yet") from error
        self._document("alert.json", alert)
        services = self._world.platform.services()
        kinds: dict[str, str] = {}
        for service in services:
            self._lines(f"metrics/{_file(service)}", self._series(service, kinds))
            self._lines(f"logs/{_file(service)}", self._log(service))
            self._values(f"captures/{_file(service)}", self._captures(service))
        self._lines("traces/traces.jsonl", map(encoding.span, self._spans(services)))
        self._values("changes/changes.jsonl", self._changes(services, changed_since))
        self._document("cluster/pods.json", self._pods(services))
        known = tuple(rules)
        self._lines("metrics/rules.jsonl", self._rules(known))
        self._document("rules.yml", _rule_file(known))
        self._put("recording.toml", self._description(services, known, kinds))

    def _series(self, service: str, kinds: dict[str, str]) -> Iterator[encoding.Object]:
        metrics = self._world.metrics
        names = self._asked(f"names of the series of {service}", metrics.names, service)
        versions = [version.name for version in self._versions(service)]
        for version in (None, *versions) if len(versions) != 1 else versions:
            for metric in () if names is None else names.metrics:
                asked = (service, metric.name, self._start, self._end, version)
                found = self._asked(f"{metric.name} of {service}", metrics.range, *asked)
                if found is not None:
                    if series.golden(metric.name) is None:
                        kinds[metric.name] = metric.kind
                    yield encoding.metric(found)

    def _rules(self, rules: tuple[Condition, ...]) -> Iterator[encoding.Object]:
        for rule in rules:
            found = self._asked(f"value of {rule.name}", self._world.metrics.of, rule, self._start, self._end)
            if found is not None:
                named = found.metric.model_copy(update={"name": _value_of(rule), "kind": "gauge"})
                yield encoding.metric(found.model_copy(update={"metric": named}))

    def _log(self, service: str) -> Iterator[encoding.Object]:
        told, asked = self._world.logs, (service, self._start, self._end)
        lines = self._asked(f"log of {service}", told.lines, *asked, limit=MAX_LINES)
        errors = self._asked(f"errors of {service}", told.errors, *asked) or ()
        if lines is not None and lines.since > self._start:
            self.left_out.append(f"log of {service}: the newest {MAX_LINES} lines, from {lines.since:%H:%M:%S} on")
        waiting: dict[tuple[datetime, str], ErrorLog] = {(error.at, error.trace_id): error for error in errors}
        written = [(line, waiting.pop((line.at, line.trace_id), None)) for line in (lines.lines if lines else ())]
        written += [(_as_line(error), error) for error in waiting.values()]
        for line, error in sorted(written, key=lambda pair: pair[0].at):
            yield encoding.line(redaction.redact_value(line), error and redaction.redact_value(error))

    def _spans(self, services: Iterable[str]) -> list[Span]:
        found: dict[tuple[str, str], Span] = {}
        for service in services:
            asked = (service, self._start, self._end, MAX_TRACES)
            for ask in (self._world.traces.failing, self._world.traces.whole):
                for trace in self._asked(f"traces of {service}", ask, *asked) or ():
                    found.update({(span.trace_id, span.span_id): span for span in trace})
        return sorted((redaction.redact_value(span) for span in found.values()), key=lambda span: span.start)

    def _changes(self, services: Iterable[str], since: datetime) -> list[Change] | None:
        found = self._asked("changes of everybody", self._world.changes.within, since, self._end)
        own: list[Change] = []
        for service in services:
            own += self._asked(f"history of {service}", self._world.platform.history, service, since) or ()
        told = [*(found or ()), *(change for change in own if change not in (found or ()))]
        # No change is an answer, and must not be read as nobody's having been asked.
        return None if found is None and not own else sorted(told, key=lambda change: change.at)

    def _captures(self, service: str) -> list[Capture] | None:
        outcomes: tuple[Literal["failed", "ok"], ...] = ("failed", "ok")
        what, ask = f"recorded requests of {service}", self._world.captures.recorded
        found = [self._asked(what, ask, service, one, self._start, self._end, limit=MAX_REQUESTS) for one in outcomes]
        if all(one is None for one in found):
            return None
        return sorted((item for one in found for item in one or ()), key=lambda item: item.at)

    def _pods(self, services: Iterable[str]) -> JsonValue:
        items: list[JsonValue] = []
        zones: dict[str, str] = {}
        for service in services:
            placement = self._asked(f"places of {service}", self._world.places.of, service)
            for pod in placement.pods if placement else ():
                labels: JsonValue = {"service.name": service, "service.version": pod.version}
                meta: JsonValue = {"name": pod.name, "labels": labels, "creationTimestamp": self._start.isoformat()}
                items.append({"kind": "Pod", "metadata": meta, "spec": {"nodeName": pod.node}})
                zones[pod.node] = pod.zone
        for node, zone in zones.items():
            if node:
                labels = {"topology.kubernetes.io/zone": zone}
                meta = {"name": node, "labels": labels, "creationTimestamp": self._start.isoformat()}
                items.append({"kind": "Node", "metadata": meta})
        return {"kind": "List", "items": items}

    def _versions(self, service: str) -> tuple[Version, ...]:
        found = self._asked(f"versions of {service}", self._world.platform.read, service)
        return found.versions if found is not None else ()

    def _description(self, services: Iterable[str], rules: tuple[Condition, ...], kinds: dict[str, str]) -> str:
        lines = [f"as_of = {self._end.isoformat()}"]
        if rules:
            lines.append(f"step_seconds = {rules[0].step_seconds}")
        lines += ["", "[services]", f"only = {json.dumps(list(services))}", "", "[kinds]"]
        lines += [f"{json.dumps(name)} = {json.dumps(kind)}" for name, kind in sorted(kinds.items())]
        for rule in rules:
            told = {
                "alert": rule.name,
                "service": rule.service,
                "value": _value_of(rule),
                "comparison": rule.comparison,
            }
            numbers = {
                "threshold": rule.threshold,
                "window_seconds": rule.window_seconds,
                "for_seconds": rule.for_seconds,
            }
            lines += ["", "[[rules]]", *(f"{key} = {json.dumps(value)}" for key, value in {**told, **numbers}.items())]
            lines.append(f"expression = {json.dumps(rule.expression)}")
        for service in services:
            for version in self._versions(service):
                lines += ["", "[[versions]]", f"service = {json.dumps(service)}", f"name = {json.dumps(version.name)}"]
                lines += [f"commit = {json.dumps(version.commit)}", f"weight = {version.weight}"]
                lines.append(f"started_at = {version.started_at.isoformat()}")
                pairs = ", ".join(f"{json.dumps(key)} = {json.dumps(value)}" for key, value in version.config.items())
                lines.append(f"config = {{ {pairs} }}" if pairs else "config = {}")
        return "\n".join([*lines, ""])

    def _asked(self, what: str, ask: Callable[P, T | Missing], *given: P.args, **more: P.kwargs) -> T | None:
        """The answer; None, with a sentence, where there is none."""
        try:
            found = ask(*given, **more)
        except Unavailable as error:
            found = Missing(reason=str(error))
        if isinstance(found, Missing):
            self.left_out.append(f"{what}: {found.reason}")
            return None
        return found

    def _values(self, name: str, values: Iterable[M] | None) -> None:
        if values is not None:
            clean = (redaction.redact_value(value) for value in values)
            self._lines(name, (value.model_dump(mode="json", exclude_defaults=True) for value in clean), empty=True)

    def _lines(self, name: str, objects: Iterable[JsonValue], *, empty: bool = False) -> None:
        text = "".join(f"{_json(one)}\n" for one in objects)
        if text or empty:
            self._put(name, text)

    def _document(self, name: str, value: JsonValue) -> None:
        self._put(name, json.dumps(redaction.redact(value, redaction.SOURCE), indent=1, ensure_ascii=False) + "\n")

    def _put(self, name: str, text: str) -> None:
        path = self._folder / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        files.replace(path, text.encode("utf-8", "replace"))


def _as_line(error: ErrorLog) -> logs.Line:
    return logs.Line(
        at=error.at,
        service=error.service,
        version=error.version,
        level="error",
        message=error.message,
        trace_id=error.trace_id,
    )


def _rule_file(rules: tuple[Condition, ...]) -> JsonValue:
    """The rules as Prometheus reads them; JSON is YAML."""
    told: list[JsonValue] = [
        {
            "alert": rule.name,
            "expr": f"{rule.expression} {rule.comparison} {rule.threshold}",
            "for": f"{rule.for_seconds:g}s",
            "labels": {key: value for key, value in rule.labels.items() if key != "alertname"},
        }
        for rule in rules
    ]
    return {"groups": [{"name": "recorded", "rules": told}]}


def _value_of(rule: Condition) -> str:
    return f"rule:{rule.name}"


def _file(service: str) -> str:
    """A file's name for a service, whose own name may hold slashes."""
    return f"{''.join(char if char.isalnum() or char in '-_.' else '_' for char in service)}.jsonl"


def _json(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
