"""`ports.Logs` over the log lines of a recording."""

import bisect
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime

from incident import logs
from incident.errors import Unavailable
from incident.evidence import ErrorLog, Missing
from tools.frames import places, trace
from tools.recorded.lines import Written


class RecordedLogs:
    """Lines that were written until the as-of."""

    def __init__(self, written: Iterable[Written], source: Callable[[str], places.Files]) -> None:
        """`source` gives the files of the repository as a service sees them, with the service's folder among them."""
        self._by_service: dict[str, list[Written]] = {}
        for one in sorted(written, key=lambda one: one.line.at):
            self._by_service.setdefault(one.line.service, []).append(one)
        self._source = source
        self._sources: dict[str, places.Files] = {}

    def errors(
        self, service: str, start: datetime, end: datetime, version: str | None = None
    ) -> tuple[ErrorLog, ...] | Missing:
        """Errors logged from `start` to `end`, oldest first; one that a request logs twice is one."""
        found = self._between(service, start, end, version)
        if isinstance(found, Missing):
            return found
        told: dict[object, ErrorLog] = {}
        for one in found:
            error = self._error(one)
            if error is not None:
                same = (error.trace_id, error.exception, error.signature) if error.trace_id else len(told)
                told.setdefault(same, error)
        return tuple(told.values())

    def lines(
        self, service: str, start: datetime, end: datetime, version: str | None = None, limit: int = 1000
    ) -> logs.Lines | Missing:
        """Lines written from `start` to `end`, oldest first; the newest `limit`."""
        found = self._between(service, start, end, version)
        if isinstance(found, Missing):
            return found
        return logs.newest(tuple(one.line for one in found), start, limit)

    def _between(self, service: str, start: datetime, end: datetime, version: str | None) -> list[Written] | Missing:
        held = self._by_service.get(service)
        if held is None:
            return Missing(reason=f"the recording has no log of {service[:80]}")
        first = bisect.bisect_left(held, start, key=_at)
        last = bisect.bisect_right(held, end, key=_at)
        return [one for one in held[first:last] if version in (None, one.line.version)]

    def _error(self, written: Written) -> ErrorLog | None:
        line, raised = written.line, written.raised
        if raised is None:
            return None
        source = self._files(line.service)
        found = source.placed(raised.frames, "")
        return ErrorLog(
            service=line.service,
            version=line.version,
            at=line.at,
            route=written.route,
            trace_id=line.trace_id,
            exception=raised.name,
            message=raised.message,
            frames=found,
            chain=tuple(
                one.model_copy(update={"frames": source.placed(one.frames, "")}) for one in trace.chained(raised.chain)
            ),
            signature=places.signature(line.service, written.route, raised.name, found, source.component),
        )

    def _files(self, service: str) -> places.Files:
        if service not in self._sources:
            self._sources[service] = places.Files(())
            # Without a repository no frame has a place in it.
            with suppress(Unavailable):
                self._sources[service] = self._source(service)
        return self._sources[service]


def _at(written: Written) -> datetime:
    return written.line.at
