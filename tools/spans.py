"""Spans about our own work: OpenTelemetry's SDK, written to ``trace.jsonl`` of the incident.

One trace per incident: its id follows from the incident's, so that a resumed run adds to the same
trace.  Tracing that fails never stops the work; what is missing in the file is missing in the file.
Spans go to a collector as well when OTEL_EXPORTER_OTLP_ENDPOINT is set and
opentelemetry-exporter-otlp-proto-http is installed.
"""

import contextlib
import hashlib
import importlib
import importlib.util
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import Span, Status, StatusCode

from incident.errors import Unavailable
from tools import ports
from tools.records import files
from tools.secrets import redaction

_OTLP = "opentelemetry.exporter.otlp.proto.http.trace_exporter"

_CHECK_SECONDS = 5.0

_MAX_TEXT = 2_000
"""Characters of one attribute that are kept."""


class SpanTracer:
    """:class:`tools.ports.Tracer` over one provider, which is never the process's global one."""

    def __init__(self, provider: TracerProvider, clock: ports.Clock) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("suture")
        self._clock = clock
        self._closed = False

    @contextlib.contextmanager
    def span(self, name: str, **attributes: str | int | float) -> Iterator[None]:
        """A span around a block, inside of the one that is current in this thread.

        An error that leaves the block is recorded by type and message, and goes on.
        """
        started = self._clock.monotonic()
        start = _nanoseconds(self._clock.now())
        failed: BaseException | None = None
        # What the SDK or one of its exporters raises is nobody's business here but theirs.
        with contextlib.ExitStack() as open_span:
            current: Span | None = None
            with contextlib.suppress(Exception):
                current = open_span.enter_context(self._begun(name, attributes, start))
            try:
                yield
            except BaseException as error:
                failed = error
                raise
            finally:
                with contextlib.suppress(Exception):
                    _end(current, failed, start + round((self._clock.monotonic() - started) * 1e9))

    def _begun(
        self, name: str, attributes: Mapping[str, str | int | float], start: int
    ) -> contextlib.AbstractContextManager[Span]:
        return self._tracer.start_as_current_span(
            name,
            attributes={key: _clean(value) for key, value in attributes.items()},
            start_time=start,
            end_on_exit=False,
            record_exception=False,
            set_status_on_exception=False,
        )

    def flush(self) -> None:
        """Write what is waiting; call before the digests of the record files are taken."""
        with contextlib.suppress(Exception):
            self._provider.force_flush(timeout_millis=2_000)

    def close(self) -> None:
        """Flush and end; a later span is dropped."""
        if not self._closed:
            self._closed = True
            with contextlib.suppress(Exception):
                self._provider.shutdown()


class FileExporter(SpanExporter):
    """One JSON line a span, in the order in which they end."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Append the spans.  A file that cannot be written is a failure, not an error."""
        try:
            for span in spans:
                files.append_line(self._path, _line(span))
        except OSError:
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS


class IncidentIds(IdGenerator):
    """The incident's own trace id, and random span ids."""

    def __init__(self, incident: str) -> None:
        self._trace = int.from_bytes(hashlib.sha256(incident.encode()).digest()[:16])

    def generate_trace_id(self) -> int:
        """The same for every run of an incident."""
        return self._trace

    def generate_span_id(self) -> int:
        """64 random bits, never zero."""
        return secrets.randbits(64) or 1


def open(  # noqa: A001 (read as `spans.open`)
    path: Path, incident: str, clock: ports.Clock, environment: Mapping[str, str], ids: IdGenerator | None = None
) -> SpanTracer:
    """A tracer that appends to this file, as far as the SDK's own settings (``OTEL_*``) make sense."""
    unmeasured = NoOpMeterProvider()
    provider = TracerProvider(
        resource=Resource({"service.name": "suture", "suture.incident": incident}),
        id_generator=ids or IncidentIds(incident),
        span_limits=_limits(),
        shutdown_on_exit=False,
        meter_provider=unmeasured,
    )
    with contextlib.suppress(Exception):
        provider.add_span_processor(SimpleSpanProcessor(FileExporter(path), meter_provider=unmeasured))
    with contextlib.suppress(Exception):
        if environment.get("OTEL_EXPORTER_OTLP_ENDPOINT") and _installed(_OTLP):
            exporter: SpanExporter = importlib.import_module(_OTLP).OTLPSpanExporter()
            provider.add_span_processor(BatchSpanProcessor(exporter))
    return SpanTracer(provider, clock)


def check() -> str:
    """Send an empty batch to the collector of ``OTEL_EXPORTER_OTLP_ENDPOINT``.  Raises Unavailable."""
    if not _installed(_OTLP):
        raise Unavailable("spans do not reach the collector: install opentelemetry-exporter-otlp-proto-http")
    try:
        exporter: SpanExporter = importlib.import_module(_OTLP).OTLPSpanExporter(timeout=_CHECK_SECONDS)
        result = exporter.export(())
    except Exception as error:
        raise Unavailable(f"the collector of OTEL_EXPORTER_OTLP_ENDPOINT cannot be used ({error})") from error
    if result is not SpanExportResult.SUCCESS:
        raise Unavailable("the collector of OTEL_EXPORTER_OTLP_ENDPOINT takes no spans")
    return "the collector took an empty batch of spans"


def _limits() -> SpanLimits:
    """Ours; each that is left out would be read from the environment, and one that is no number is an error there."""
    return SpanLimits(
        max_attributes=64,
        max_events=16,
        max_links=16,
        max_span_attributes=64,
        max_event_attributes=64,
        max_link_attributes=64,
        max_attribute_length=_MAX_TEXT,
        max_span_attribute_length=_MAX_TEXT,
    )


def _end(current: Span | None, failed: BaseException | None, at: int) -> None:
    if current is None:
        return
    if failed is not None:
        current.set_status(Status(StatusCode.ERROR, str(_clean(f"{type(failed).__name__}: {failed}"))))
    current.end(at)


def _installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # a package above it is missing
        return False


def _clean(value: str | float) -> str | float:
    return redaction.redact_text(value)[:_MAX_TEXT] if isinstance(value, str) else value


def _line(span: ReadableSpan) -> str:
    start, end = span.start_time or 0, span.end_time or 0
    context = span.get_span_context()
    said = {
        "trace_id": f"{context.trace_id:032x}" if context else "",
        "span_id": f"{context.span_id:016x}" if context else "",
        "parent_id": f"{span.parent.span_id:016x}" if span.parent else None,
        "name": span.name,
        "start": datetime.fromtimestamp(start / 1e9, UTC).isoformat(),
        "duration_ms": round((end - start) / 1e6, 3),
        "error": span.status.description if span.status.status_code is StatusCode.ERROR else None,
        "attributes": dict(span.attributes or {}),
    }
    return json.dumps(said, separators=(",", ":"), default=str)


def _nanoseconds(now: datetime) -> int:
    # A float holds today's seconds to a quarter of a microsecond; more digits would be noise.
    return round(now.timestamp() * 1e6) * 1000
