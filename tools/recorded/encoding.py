"""Values of a world in the forms that a recording holds: OTLP JSON, and text of a stack."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from incident import series
from incident.evidence import ErrorLog, Span
from incident.logs import Line
from incident.stacks import Frame

Object = dict[str, JsonValue]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS = {"internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}
_STATES = {"unset": 0, "ok": 1, "error": 2}


def nanos(at: datetime) -> str:
    """Nanoseconds since 1970, as the text that 64-bit numbers are in OTLP JSON."""
    return str((at - _EPOCH) // timedelta(microseconds=1) * 1000)


def metric(found: series.Series) -> Object:
    """One series as a request of OTLP metrics: increments as a sum of deltas, anything else as a gauge."""
    points: list[JsonValue] = [{"timeUnixNano": nanos(at), "asDouble": value} for at, value in found.points]
    told: Object = {"name": found.metric.name, "unit": found.metric.unit}
    if found.metric.kind == "counter":
        told["sum"] = {"aggregationTemporality": 1, "isMonotonic": True, "dataPoints": points}
    else:
        told["gauge"] = {"dataPoints": points}
    return _request("Metrics", "metrics", found.service, found.version or "", told)


def line(written: Line, error: ErrorLog | None) -> Object:
    """One log line as a request of OTLP logs, with the stack of the error that it tells of."""
    attributes = dict(written.attributes)
    if error is not None:
        attributes |= {
            "exception.type": error.exception,
            "exception.message": error.message,
            "exception.stacktrace": stack(error),
            "route": error.route,
        }
    record: Object = {
        "timeUnixNano": nanos(written.at),
        "severityText": written.level,
        "body": {"stringValue": written.message},
        "attributes": _attributes(attributes),
        "traceId": written.trace_id,
    }
    return _request("Logs", "logRecords", written.service, written.version, record)


def span(one: Span) -> Object:
    """One span as a request of OTLP traces."""
    told: Object = {
        "traceId": one.trace_id,
        "spanId": one.span_id,
        "parentSpanId": one.parent_id or "",
        "name": one.name,
        "kind": _KINDS[one.kind],
        "startTimeUnixNano": nanos(one.start),
        "endTimeUnixNano": nanos(one.start + timedelta(milliseconds=one.duration_ms)),
        "attributes": _attributes(one.attributes),
        "status": {"code": _STATES[one.status]},
    }
    return _request("Spans", "spans", one.service, one.version, told)


def stack(error: ErrorLog) -> str:
    """Text of an error's stack, as Python writes one: a reader of traces takes it for any language's frames."""
    return "\n".join(
        [
            "Traceback (most recent call last):",
            *(text for frame in error.frames for text in _frame(frame)),
            f"{error.exception}: {error.message}",
        ]
    )


def _frame(frame: Frame) -> Iterable[str]:
    yield f'  File "{frame.path.strip("<>")}", line {frame.line}, in {frame.function}'
    if frame.code:
        yield f"    {frame.code}"


def _request(kind: str, items: str, service: str, version: str, item: Object) -> Object:
    named = {"service.name": service, **({"service.version": version} if version else {})}
    scope: Object = {items: [item]}
    resource: Object = {"resource": {"attributes": _attributes(named)}, f"scope{kind}": [scope]}
    return {f"resource{kind}": [resource]}


def _attributes(given: Mapping[str, str]) -> list[JsonValue]:
    return [{"key": key, "value": {"stringValue": value}} for key, value in given.items()]
