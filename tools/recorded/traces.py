"""`ports.Traces` over the spans of a recording."""

import bisect
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from pydantic import ValidationError

from incident.calls import Call, calls, reached
from incident.evidence import PEERS, Missing, Neighbours, Span
from tools import text
from tools.recorded import bounds, otlp, times
from tools.recorded.files import Files, first, within
from tools.recorded.naming import Naming
from tools.recorded.said import said

FOLDER = "traces"
NONE = "the recording has no traces"

_KINDS = ("internal", "internal", "server", "client", "producer", "consumer")
_STATES = ("unset", "ok", "error")
_CALLS = ("client", "producer")


class RecordedTraces:
    """Traces that had ended at the as-of."""

    def __init__(self, spans: Iterable[Span], naming: Naming) -> None:
        self._spans = sorted(spans, key=lambda span: (span.start, span.span_id))
        self._starts = [span.start for span in self._spans]
        self._naming = naming
        self._traces: dict[str, list[Span]] = {}
        for span in self._spans:
            self._traces.setdefault(span.trace_id, []).append(span)
        self._callees, self._kinds = _edges(self._traces.values())

    def failing(self, service: str, start: datetime, end: datetime, limit: int) -> tuple[tuple[Span, ...], ...]:
        """The newest `limit` traces in which a span of this service failed, newest last, spans by their start."""
        return self._whole(
            (span for span in self._between(start, end) if span.service == service and span.error), limit
        )

    def whole(self, service: str, start: datetime, end: datetime, limit: int) -> tuple[tuple[Span, ...], ...]:
        """The newest `limit` traces through this service, healthy ones too, newest last, spans by their start."""
        return self._whole((span for span in self._between(start, end) if span.service == service), limit)

    def calls(self, start: datetime, end: datetime) -> tuple[Call, ...] | Missing:
        """Calls between services, from the spans that began in a window."""
        return calls(self._between(start, end)) if self._spans else Missing(reason=NONE)

    def neighbours(self, service: str) -> Neighbours | Missing:
        """Direct and transitive neighbours, from all spans."""
        known = frozenset(self._naming.known())
        if service not in known:
            return Missing(reason=f"the recording knows no service {text.normalise(service, 80)}")
        seen = service in self._callees or any(service in called for called in self._callees.values())
        if not seen:
            return Missing(reason=f"no span of {service} was recorded")
        called = self._callees.get(service, set())
        callers = {name: self._callers(name) for name in (*self._callees, service)}
        return Neighbours(
            service=service,
            callers=tuple(sorted(callers[service] & known)),
            callees=tuple(sorted((called & known) - {service})),
            external=tuple(sorted(called - known)),
            dependents=tuple(sorted(reached(service, callers) & known)),
        )

    def hosts(self, service: str) -> dict[str, Literal["database", "queue", ""]]:
        """Hosts outside the platform that a service calls, with their kind as far as its spans say."""
        known, kinds = self._naming.known(), self._kinds.get(service, {})
        return {host: kinds.get(host, "") for host in self._callees.get(service, ()) if host not in known}

    def _callers(self, service: str) -> set[str]:
        return {name for name, called in self._callees.items() if service in called and name != service}

    def _between(self, start: datetime, end: datetime) -> list[Span]:
        return self._spans[bisect.bisect_left(self._starts, start) : bisect.bisect_right(self._starts, end)]

    def _whole(self, spans: Iterable[Span], limit: int) -> tuple[tuple[Span, ...], ...]:
        newest: dict[str, datetime] = {}
        for span in spans:
            newest[span.trace_id] = max(span.start, newest.get(span.trace_id, span.start))
        chosen = sorted(newest, key=lambda trace: (newest[trace], trace))[-limit:] if limit > 0 else []
        return tuple(tuple(self._traces[trace][: bounds.MAX_TRACE]) for trace in chosen)


def read(files: Files, naming: Naming) -> list[Span]:
    """The spans of all files; a span that cannot be used gets a sentence."""
    found: list[Span] = []
    for name in files.named(FOLDER, ".jsonl"):
        room = within(bounds.MAX_SPANS - len(found), files.troubles, name, "spans")
        for line in files.lines(name):
            if not otlp.is_request(line.body):
                files.troubles.say(name, "it is no OTLP JSON of traces", line.number)
            for item in otlp.items(line.body, "resourceSpans", "scopeSpans", "spans"):
                if not room():
                    return found
                span = _span(item, naming)
                if isinstance(span, Span):
                    found.append(span)
                else:
                    files.troubles.say(name, span, line.number)
    return found


def ended(spans: Iterable[Span], as_of: datetime, naming: Naming) -> list[Span]:
    """The spans that had ended at a time, with the service that each called by our name."""
    return [_peered(span, naming) for span in spans if end(span) <= as_of]


def end(span: Span) -> datetime:
    """End of a span."""
    return span.start + timedelta(milliseconds=span.duration_ms)


def _span(item: otlp.Scoped, naming: Naming) -> Span | str:
    """The span, or the reason that it is none."""
    body = item.body
    start, stop = times.nanos(body.get("startTimeUnixNano")), times.nanos(body.get("endTimeUnixNano"))
    if start is None or stop is None or stop < start:
        return "a span has no usable times"
    service = naming.service(item.resource)
    if not service:
        return "a span names no service"
    if not _id(body, "traceId") or not _id(body, "spanId"):
        return "a span has no ids"
    status = body.get("status")
    code = status.get("code") if isinstance(status, dict) else None
    attributes = {said(key, 60): said(value) for key, value in sorted(otlp.attributes(body.get("attributes")).items())}
    try:
        return Span.model_validate(
            {
                "trace_id": _id(body, "traceId"),
                "span_id": _id(body, "spanId"),
                "parent_id": _id(body, "parentSpanId") or None,
                "service": service,
                "version": naming.version(item.resource),
                "name": said(otlp.text(body, "name")),
                "kind": otlp.choice(body.get("kind"), _KINDS, "SPAN_KIND_"),
                "start": start,
                "duration_ms": (stop - start).total_seconds() * 1000.0,
                "status": otlp.choice(code, _STATES, "STATUS_CODE_"),
                "attributes": dict(list(attributes.items())[: bounds.MAX_ATTRIBUTES]),
            }
        )
    except ValidationError as error:
        return first(error)


def _id(body: otlp.Object, key: str) -> str:
    """A hexadecimal id; empty for one of zeros, which stands for none.

    >>> _id({"spanId": "00AB"}, "spanId"), _id({"spanId": "0000"}, "spanId")
    ('00ab', '')
    """
    found = text.normalise(otlp.text(body, key), 64).lower()
    return found if found.strip("0") else ""


def _peered(span: Span, naming: Naming) -> Span:
    """The span of a call with the service that it called, where the host that it names stands for one."""
    if span.kind not in _CALLS or span.peer is None:
        return span
    service = naming.host(span.peer)
    if service == span.peer:
        return span
    return span.model_copy(update={"attributes": {**span.attributes, PEERS[0]: service}})


def _edges(
    traces: Iterable[list[Span]],
) -> tuple[dict[str, set[str]], dict[str, dict[str, Literal["database", "queue"]]]]:
    """Callees of each service, and the kind of host that they are: by the span that answered, else by the name it was called."""
    callees: dict[str, set[str]] = {}
    kinds: dict[str, dict[str, Literal["database", "queue"]]] = {}
    for trace in traces:
        by_id = {span.span_id: span for span in trace}
        answered = set()
        for span in trace:
            callees.setdefault(span.service, set())
            parent = by_id.get(span.parent_id or "")
            if parent is not None and parent.service != span.service:
                callees.setdefault(parent.service, set()).add(span.service)
                answered.add(parent.span_id)
        for span in trace:
            if span.kind in _CALLS and span.peer and span.span_id not in answered:
                callees[span.service].add(span.peer)
                kind = _kind(span)
                if kind is not None:
                    kinds.setdefault(span.service, {})[span.peer] = kind
    return callees, kinds


def _kind(span: Span) -> Literal["database", "queue"] | None:
    if any(name.startswith("db.") for name in span.attributes):
        return "database"
    return "queue" if any(name.startswith("messaging.") for name in span.attributes) else None
