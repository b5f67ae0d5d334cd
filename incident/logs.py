"""Log lines of every level, as the workload wrote them and an adapter made them harmless."""

from typing import Literal

from pydantic import AwareDatetime

from incident.value import Value

Level = Literal["trace", "debug", "info", "warning", "error", "fatal", ""]
"""Severity by OpenTelemetry's short names, a warning spelt out; empty where the line does not say."""

_LEVELS: dict[str, Level] = {
    "trace": "trace",
    "debug": "debug",
    "info": "info",
    "information": "info",
    "notice": "info",
    "warn": "warning",
    "warning": "warning",
    "err": "error",
    "error": "error",
    "severe": "error",
    "crit": "fatal",
    "critical": "fatal",
    "fatal": "fatal",
    "panic": "fatal",
}


class Line(Value):
    """One line of a log.  Everything in it but time, service and version is the workload's word."""

    at: AwareDatetime
    service: str
    version: str
    level: Level
    message: str
    trace_id: str = ""
    attributes: dict[str, str] = {}
    """Everything else in the line, by its own names; of an exception by OpenTelemetry's (``exception.type``, ...)."""


class Lines(Value):
    """Lines of a window, oldest first."""

    lines: tuple[Line, ...]
    since: AwareDatetime
    """Time from which on every line is told; later than asked where there were too many."""


def level(said: object) -> Level:
    """The level that a line names, whatever its spelling."""
    return _LEVELS.get(said.strip().lower(), "") if isinstance(said, str) else ""


def newest(lines: tuple[Line, ...], since: AwareDatetime, limit: int) -> Lines:
    """The newest `limit` of these lines, of which all from `since` on are there."""
    kept = lines[-limit:] if limit > 0 else ()
    cut = len(kept) < len(lines)
    return Lines(lines=kept, since=max(since, kept[0].at) if cut and kept else since)
