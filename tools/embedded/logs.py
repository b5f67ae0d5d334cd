"""`ports.Logs` over the log files of the embedded world."""

from collections.abc import Callable, Hashable
from contextlib import suppress
from datetime import datetime, timedelta

from pydantic import JsonValue

from incident import logs
from incident.errors import Unavailable
from incident.evidence import ErrorLog, Missing
from tools import text
from tools.embedded import frames, lines
from tools.embedded.lines import File
from tools.embedded.shelf import Shelves
from tools.embedded.tail import Written
from tools.frames import places, trace
from tools.secrets import redaction

MAX_ERRORS = 50_000
"""Errors of one service that are remembered, the newest."""

MAX_LINES = 20_000
"""Lines of one service that are remembered, the newest."""

MAX_ATTRIBUTES = 24
"""Attributes of one line that are kept, the first by name."""

_TOLD = frozenset({"ts", "level", "service", "version", "message", "trace_id", "exception"})
"""Keys that are no attributes."""

SLACK = timedelta(seconds=5)
"""Lines of several threads may stand this far out of order."""

_ERROR_LEVELS = frozenset({"ERROR", "CRITICAL", "FATAL"})


class EmbeddedLogs:
    """Errors with stack traces; asking every second reads only what was added."""

    def __init__(self, folder: lines.Folder, source: Callable[[str], places.Files]) -> None:
        """`source` gives the files of the repository as a service sees them, with the service's folder among them."""
        self._folder = folder
        self._source = source
        self._sources: dict[str, places.Files] = {}
        self._roots: dict[str, str] = {}
        self._shelves = Shelves(folder, "ts", self._error, _same, MAX_ERRORS)
        self._written = Shelves(folder, "ts", _line, lambda _: None, MAX_LINES)

    def errors(
        self, service: str, start: datetime, end: datetime, version: str | None = None
    ) -> tuple[ErrorLog, ...] | Missing:
        """Errors logged from `start` to `end`, oldest first, by the time that the lines state.

        An error that one request logs twice (where it was raised and at the outermost handler) is one.
        """
        files = self._folder.files(service, version)
        if isinstance(files, Missing):
            return files
        self._learn(service)
        shelf = self._shelves.of(service)
        # Lines of several threads may stand a little out of order.
        shelf.catch_up(start - SLACK)
        if shelf.forgotten is not None and start <= shelf.forgotten:
            return Missing(reason=f"{service} logged more than {MAX_ERRORS} errors since then")
        return shelf.between(start, end, version)

    def lines(
        self, service: str, start: datetime, end: datetime, version: str | None = None, limit: int = 1000
    ) -> logs.Lines | Missing:
        """Lines written from `start` to `end`, oldest first, by the time that they state; the newest `limit`."""
        files = self._folder.files(service)
        if isinstance(files, Missing):
            return files
        shelf = self._written.of(service)
        shelf.catch_up(start - SLACK)
        since = start if shelf.forgotten is None else max(start, shelf.forgotten)
        return logs.newest(shelf.between(since, end, version), since, limit)

    def _error(self, written: Written) -> ErrorLog | None:
        """The error that a line holds.  A line that names another service or version than its file is nobody's."""
        file, body = written
        if (body.get("service"), body.get("version")) != (file.service, file.version):
            return None
        if str(body.get("level")).upper() not in _ERROR_LEVELS:
            return None
        raised, at = frames.logged(body.get("exception")), lines.time_of(body, "ts")
        if raised is None or at is None:
            return None
        source, root = self._sources.get(file.service, places.Files(())), self._root(file)
        found = source.placed(raised.frames, root)
        route = _said(body, "route", 200)
        return ErrorLog(
            service=file.service,
            version=file.version,
            at=at,
            route=route,
            trace_id=_said(body, "trace_id", 64),
            exception=raised.name,
            message=raised.message,
            frames=found,
            chain=tuple(
                one.model_copy(update={"frames": source.placed(one.frames, root)})
                for one in trace.chained(raised.chain)
            ),
            signature=places.signature(file.service, route, raised.name, found, source.component),
        )

    def _learn(self, service: str) -> None:
        """Learn where the service's source lies; while nobody answers, its errors are read as those of any other."""
        if service not in self._sources:
            with suppress(Unavailable):
                self._sources[service] = self._source(service)

    def _root(self, file: File) -> str:
        """The checkout's root, from the line that the process writes first; empty when it does not say."""
        if file.name not in self._roots:
            first = next(self._folder.lines(file, 0), None)
            # Not remembered: the process has written nothing yet, and may say it later.
            if first is None:
                return ""
            said = first.body.get("root") if first.body.get("message") == "started" else None
            self._roots[file.name] = said if isinstance(said, str) and said.startswith("/") else ""
        return self._roots[file.name]


def _line(written: Written) -> logs.Line | None:
    """Text and attributes of a line; None for one without a time, or that names another service or version than its file."""
    file, body = written
    at = lines.time_of(body, "ts")
    if (body.get("service"), body.get("version")) != (file.service, file.version) or at is None:
        return None
    raised = body.get("exception")
    told = {f"exception.{key}": raised.get(key) for key in ("type", "message")} if isinstance(raised, dict) else {}
    others = {key: value for key, value in sorted(body.items()) if key not in _TOLD}
    attributes = {
        text.normalise(key, 60): _said({key: str(value)}, key, 200)
        for key, value in [*told.items(), *others.items()][:MAX_ATTRIBUTES]
        if isinstance(value, str | int | float)
    }
    return logs.Line(
        at=at,
        service=file.service,
        version=file.version,
        level=logs.level(body.get("level")),
        message=text.mask(_said(body, "message", 2000), 500),
        trace_id=_said(body, "trace_id", 64),
        attributes={key: value for key, value in attributes.items() if key and value},
    )


def _same(error: ErrorLog) -> Hashable | None:
    return (error.trace_id, error.exception, error.signature) if error.trace_id else None


def _said(body: dict[str, JsonValue], key: str, limit: int) -> str:
    """One line of visible characters without secrets, looked for while lines are lines, and where nobody saw a character."""
    value = body.get(key)
    if not isinstance(value, str):
        return ""
    # Twice: some secrets end with their line, and others show only once invisible characters are gone.
    return redaction.redact_text(text.normalise(redaction.redact_text(value[: 8 * limit]), limit))
