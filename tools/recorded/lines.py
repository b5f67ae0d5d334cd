"""Reads the log lines of a recording: OTLP JSON, or one JSON object a line with fields of any name."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from pydantic import JsonValue

from incident import logs
from tools import text
from tools.frames import reading, trace
from tools.frames.trace import Found, Raised, Trace
from tools.recorded import bounds, otlp, times
from tools.recorded.description import Fields
from tools.recorded.files import Files, within
from tools.recorded.naming import Naming
from tools.recorded.said import said

FOLDER = "logs"

_USUAL: Mapping[str, tuple[str, ...]] = {
    "time": ("time", "timestamp", "@timestamp", "ts"),
    "level": ("level", "severity", "log.level", "severity_text", "lvl"),
    "message": ("message", "msg", "body", "log"),
    "trace_id": ("trace_id", "traceId", "trace.id"),
    "stack": ("exception.stacktrace", "error.stack_trace", "stack_trace", "stacktrace", "stack", "exc_info"),
    "exception": ("exception.type", "error.type"),
}
"""Names that fields of log lines usually have."""

_SEVERITIES: tuple[logs.Level, ...] = ("trace", "debug", "info", "warning", "error", "fatal")
_DEPTH = 4
"""Objects inside of objects whose fields are looked at."""
_FIELDS = 200
"""Fields of one line that are looked at."""


class Written(NamedTuple):
    """A line, and the exception that it tells of; frames are not placed in a repository yet."""

    line: logs.Line
    raised: Trace | None
    route: str


class _Parts(NamedTuple):
    """A line before it is made harmless."""

    at: datetime | None
    labels: Mapping[str, str]
    level: logs.Level
    message: str
    trace_id: str
    attributes: Mapping[str, str]
    stack: str
    exception: str


def read(files: Files, naming: Naming, fields: Fields) -> list[Written]:
    """The lines of all files; one that cannot be used gets a sentence."""
    found: list[Written] = []
    for name in files.named(FOLDER, ".jsonl", ".ndjson"):
        room = within(bounds.MAX_LINES - len(found), files.troubles, name, "log lines")
        for line in files.lines(name):
            for parts in _parts(line.body, naming, fields):
                if not room():
                    return found
                written = _written(parts, naming)
                if isinstance(written, Written):
                    found.append(written)
                else:
                    files.troubles.say(name, written, line.number)
    return found


def _parts(body: dict[str, JsonValue], naming: Naming, fields: Fields) -> Iterator[_Parts]:
    if not otlp.is_request(body):
        yield _plain(body, naming, fields)
        return
    for item in otlp.items(body, "resourceLogs", "scopeLogs", "logRecords"):
        own, at = otlp.attributes(item.body.get("attributes")), times.nanos(item.body.get("timeUnixNano"))
        yield _Parts(
            at=at or times.nanos(item.body.get("observedTimeUnixNano")),
            labels={**own, **item.resource},
            level=_severity(item.body),
            message=otlp.any_value(item.body.get("body")) or "",
            trace_id=otlp.text(item.body, "traceId"),
            attributes=own,
            stack=own.get("exception.stacktrace", ""),
            exception=own.get("exception.type", ""),
        )


def _plain(body: dict[str, JsonValue], naming: Naming, fields: Fields) -> _Parts:
    flat = dict(_flat(body, "", _DEPTH))

    def of(field: str) -> str:
        named = getattr(fields, field)
        names = (named,) if named else _USUAL[field]
        return next((flat[name] for name in names if flat.get(name)), "")

    labels = dict(flat)
    # A field that was named wins over the labels that are looked for.
    for named, known in ((fields.service, "service.name"), (fields.version, "service.version")):
        if named in flat:
            labels[known] = flat[named]
    told = {name for field in ("time", "level", "message", "trace_id", "stack") for name in _names(fields, field)}
    return _Parts(
        at=times.read(of("time")),
        labels=labels,
        level=logs.level(of("level")),
        message=of("message"),
        trace_id=of("trace_id"),
        attributes={key: value for key, value in flat.items() if key not in told and key not in naming.labels},
        stack=of("stack"),
        exception=of("exception"),
    )


def _names(fields: Fields, field: str) -> tuple[str, ...]:
    named: str = getattr(fields, field)
    return (named,) if named else _USUAL[field]


def _flat(body: Mapping[str, JsonValue], above: str, depth: int) -> Iterator[tuple[str, str]]:
    """The plain values of an object, those of objects inside it under dotted names."""
    for key, value in list(body.items())[:_FIELDS]:
        if isinstance(value, dict) and depth > 1:
            yield from _flat(value, f"{above}{key}.", depth - 1)
        elif isinstance(value, bool):
            yield f"{above}{key}", "true" if value else "false"
        elif isinstance(value, str | int | float):
            yield f"{above}{key}", str(value)


def _severity(body: otlp.Object) -> logs.Level:
    number = otlp.number(body.get("severityNumber"))
    if number is not None and 1 <= number <= 24:
        return _SEVERITIES[(int(number) - 1) // 4]
    return logs.level(otlp.text(body, "severityText"))


def _written(parts: _Parts, naming: Naming) -> Written | str:
    """The line made harmless, or the reason that it cannot be used."""
    if parts.at is None:
        return "a log line has no usable time"
    service = naming.service(parts.labels)
    if not service:
        return "a log line names no service"
    attributes = {said(key, 60): said(value) for key, value in sorted(parts.attributes.items()) if key not in _LONG}
    kept = list({key: value for key, value in attributes.items() if key and value}.items())[: bounds.MAX_ATTRIBUTES]
    line = logs.Line(
        at=parts.at,
        service=service,
        version=naming.version(parts.labels),
        level=parts.level,
        message=text.mask(said(parts.message, 2000), 500),
        trace_id=text.normalise(parts.trace_id, 64).lower(),
        attributes=dict(kept),
    )
    return Written(line, _raised(parts), said(_route(parts.attributes)))


_LONG = frozenset({"exception.stacktrace"})
"""Attributes that are read as stack traces and told as such."""


def _route(attributes: Mapping[str, str]) -> str:
    method, route = attributes.get("http.request.method", ""), attributes.get("http.route", "")
    return attributes.get("route") or f"{method} {route}".strip()


def _raised(parts: _Parts) -> Trace | None:
    """The exception that a line tells of, with the frames of its stack where they can be read."""
    if parts.level in ("trace", "debug", "info", "warning"):
        return None
    told = parts.stack or (parts.message if "\n" in parts.message else "")
    read = next(iter(reading.traces(told)), None) if told else None
    message = parts.attributes.get("exception.message", "")
    if not parts.exception:
        return read
    plain = trace.of(None, Found(0, Raised(parts.exception, message or parts.message, ())))
    if read is None:
        return plain
    return read.model_copy(update={"exception": plain.exception, "message": plain.message if message else read.message})
