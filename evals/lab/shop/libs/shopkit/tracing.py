"""Spans through the OpenTelemetry SDK, written to a file as JSON lines.

Until `start` was called the API's no-op tracer is in place, so that tests need nothing.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PROPAGATOR = TraceContextTextMapPropagator()
_KINDS = {SpanKind.SERVER: "server", SpanKind.CLIENT: "client"}
_tracer = trace.get_tracer("shopkit")


class FileExporter(SpanExporter):
    """Appends spans to a file, one JSON object a line."""

    def __init__(self, path: Path, service: str, version: str) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._service, self._version = service, version

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        lines = [json.dumps(self._line(span), separators=(",", ":")) for span in spans]
        self._file.write("".join(line + "\n" for line in lines))
        self._file.flush()
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        self._file.close()

    def _line(self, span: ReadableSpan) -> dict[str, object]:
        context, attributes = span.context, span.attributes or {}
        assert context is not None and span.start_time is not None and span.end_time is not None
        start = datetime.fromtimestamp(span.start_time / 1e9, tz=timezone.utc)
        return {
            "trace_id": trace.format_trace_id(context.trace_id),
            "span_id": trace.format_span_id(context.span_id),
            "parent_id": trace.format_span_id(span.parent.span_id) if span.parent else None,
            "service": self._service,
            "version": self._version,
            "name": span.name,
            "kind": _KINDS.get(span.kind, "internal"),
            "start": start.isoformat(),
            "duration_ms": round((span.end_time - span.start_time) / 1e6, 3),
            "status": span.status.status_code.name.lower(),
            "attributes": {key: value for key, value in attributes.items() if isinstance(value, (str, int, float))},
        }


def start(path: Path, service: str, version: str, ratio: float) -> TracerProvider:
    """Record spans of a share of the traces; callers decide for the whole trace."""
    provider = TracerProvider(
        resource=Resource.create({"service.name": service, "service.version": version}),
        sampler=ParentBased(TraceIdRatioBased(ratio)),
    )
    exporter = FileExporter(path, service, version)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=500))
    trace.set_tracer_provider(provider)
    return provider


@contextmanager
def server_span(headers: Mapping[str, str], name: str) -> Iterator[Span]:
    """A span around a request that came in; it goes on with the caller's trace."""
    context = _PROPAGATOR.extract(headers) if "traceparent" in headers else None
    with _tracer.start_as_current_span(
        name, context, kind=SpanKind.SERVER, record_exception=False, set_status_on_exception=True
    ) as span:
        yield span


@contextmanager
def client_span(name: str, peer: str) -> Iterator[Span]:
    """A span around a call to a peer."""
    with _tracer.start_as_current_span(
        name, kind=SpanKind.CLIENT, attributes={"peer.service": peer}, record_exception=False
    ) as span:
        yield span


def ended(span: Span, status: int) -> None:
    """Note how the exchange ended."""
    if span.is_recording():
        span.set_attribute("http.response.status_code", status)
        if status >= 500:
            span.set_status(StatusCode.ERROR)


def headers() -> dict[str, str]:
    """The headers that carry the current trace to a peer."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier


def ids() -> tuple[str, str]:
    """Trace and span id of the current span, as hexadecimal digits; empty without one."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return "", ""
    return trace.format_trace_id(context.trace_id), trace.format_span_id(context.span_id)
