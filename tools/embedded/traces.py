"""`ports.Traces` over the span files of the embedded world."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from incident.calls import Call, calls
from incident.evidence import Missing, Neighbours, Span
from tools.embedded import lines, spans
from tools.embedded.topology import Topology

MAX_SPANS = 200
"""Spans of one trace that are kept."""

SLACK = timedelta(seconds=10)
"""A span is written when it ended and dated when it began; the longest request is bounded by time-outs below this."""

# A look at the raw bytes spares parsing most lines; what was parsed decides.
_ERROR = re.compile(rb'"error":\s*true|"status":\s*"error"')
_TRACE = re.compile(rb'"trace_id":\s*"([^"]{1,64})"')


class EmbeddedTraces:
    """Failing traces, followed through the files of all services, and the neighbours seen in the spans."""

    def __init__(self, folder: lines.Folder, topology: Topology) -> None:
        self._folder = folder
        self._topology = topology

    def failing(self, service: str, start: datetime, end: datetime, limit: int) -> tuple[tuple[Span, ...], ...]:
        """The newest `limit` traces in which a span of this service failed, newest last, spans by their start."""
        spans = self._spans(service, start, end, lambda raw: _ERROR.search(raw) is not None)
        return self._whole((span for span in spans if span.error and start <= span.start <= end), limit)

    def whole(self, service: str, start: datetime, end: datetime, limit: int) -> tuple[tuple[Span, ...], ...]:
        """The newest `limit` traces through this service, healthy ones too, newest last, spans by their start."""
        spans = self._spans(service, start, end, lambda _: True)
        return self._whole((span for span in spans if start <= span.start <= end), limit)

    def calls(self, start: datetime, end: datetime) -> tuple[Call, ...] | Missing:
        """Calls between services, from the spans that began in a window."""
        files = self._folder.files()
        if isinstance(files, Missing):
            return files
        return calls(span for span in self._spans(None, start, end, lambda _: True) if start <= span.start <= end)

    def _whole(self, spans: Iterable[Span], limit: int) -> tuple[tuple[Span, ...], ...]:
        """The traces of the newest `limit` of these spans, through the files of all services."""
        found: dict[str, datetime] = {}
        for span in spans:
            found[span.trace_id] = max(span.start, found.get(span.trace_id, span.start))
        newest = sorted(found, key=lambda trace: (found[trace], trace))[-limit:] if limit > 0 else []
        if not newest:
            return ()
        whole: dict[str, list[Span]] = {trace: [] for trace in newest}
        first, last = found[newest[0]], found[newest[-1]]
        for span in self._spans(None, first - SLACK, last + SLACK, _of(newest)):
            if span.trace_id in whole and len(whole[span.trace_id]) < MAX_SPANS:
                whole[span.trace_id].append(span)
        return tuple(tuple(sorted(whole[trace], key=lambda span: span.start)) for trace in newest)

    def neighbours(self, service: str) -> Neighbours | Missing:
        """Direct and transitive neighbours, from the spans seen so far."""
        return self._topology.neighbours(service)

    def _spans(
        self, service: str | None, start: datetime, end: datetime, wanted: Callable[[bytes], bool]
    ) -> Iterator[Span]:
        """Spans written from `start` to a little after `end`; of too many bytes the newest of each file."""
        files = self._folder.files(service)
        if isinstance(files, Missing):
            return
        share = lines.MAX_QUERY // len(files)
        for file in files:
            first = self._folder.find(file, start - SLACK, "start")
            last = min(self._folder.find(file, end + SLACK, "start") + lines.MAX_LINE, file.size)
            for line in self._folder.lines(file, max(first, last - share), last, wanted):
                span = spans.read(line.body, file) if line.body else None
                if span is not None:
                    yield span


def _of(traces: list[str]) -> Callable[[bytes], bool]:
    """A predicate: true when a raw line belongs to one of these traces, without parsing it."""
    names = frozenset(trace.encode() for trace in traces)

    def wanted(raw: bytes) -> bool:
        found = _TRACE.search(raw)
        return found is not None and found[1] in names

    return wanted
