"""Tools that ask telemetry and the platform for more than the dossier has: series, lines, templates, calls, changes, places."""

from datetime import datetime
from statistics import fmean
from typing import Any, get_args

from langchain_core.tools import StructuredTool

from agents.view import rendering
from agents.view.incident_view import View
from agents.view.toolbox import arguments, one_of, reader, text
from agents.view.world_tools import CHANGES
from incident import logs
from incident.evidence import Missing
from incident.series import Series
from tools.frames import templates

LINES = 20
"""Most lines, templates, calls or changes of one answer."""

READ = 2_000
"""Most lines that one question looks through, the newest."""

POINTS = 60
"""Most points of one answer; neighbouring ones are taken together."""

WINDOWS = ("before", "since")
WHEN = "before the onset of the incident, or since"


def every(view: View) -> tuple[StructuredTool, ...]:
    """All of them."""
    return (
        _series_names(view),
        _series_range(view),
        _log_lines(view),
        _log_templates(view),
        _calls_between(view),
        _changes_of_everybody(view),
        _places_of(view),
    )


def _series_names(view: View) -> StructuredTool:
    def series_names(service: str) -> str:
        found = view.metrics.names(service)
        return rendering.shown(found) if isinstance(found, Missing) else rendering.listed(found.metrics[:POINTS])

    schema = arguments("SeriesNames", service=_service(view))
    return reader(
        "series_names", "Names of the measured series of a service, the golden ones first.", schema, series_names
    )


def _series_range(view: View) -> StructuredTool:
    def series_range(service: str, series: str, window: str) -> str:
        found = view.metrics.range(service, series, *_window(view, window))
        return rendering.shown(found if isinstance(found, Missing) else _thinned(found))

    schema = arguments(
        "SeriesRange",
        service=_service(view),
        series=text(200, "the series, as series_names names it"),
        window=one_of(WINDOWS, WHEN),
    )
    return reader("series_range", "One series of a service over time.", schema, series_range)


def _thinned(found: Series) -> Series:
    """At most so many points: counters are added up, of everything else the mean is told, at the time of the last."""
    each = -(-len(found.points) // POINTS)
    if each <= 1:
        return found
    rows = [found.points[first : first + each] for first in range(0, len(found.points), each)]
    merge = sum if found.metric.kind == "counter" else fmean
    points = tuple((row[-1][0], float(merge(value for _, value in row))) for row in rows)
    return found.model_copy(update={"points": points, "step_seconds": found.step_seconds * each})


def _log_lines(view: View) -> StructuredTool:
    def log_lines(service: str, level: str, contains: str = "") -> str:
        found = view.logs.lines(service, view.healthy, view.until, limit=READ)
        if isinstance(found, Missing):
            return rendering.shown(found)
        fits = [line for line in found.lines if level in ("any", line.level) and contains in line.message]
        return f"{len(fits)} lines since {found.since.isoformat()}, the newest:\n{rendering.listed(fits[-LINES:])}"

    schema = arguments(
        "LogLines",
        service=_service(view),
        level=one_of(("any", *filter(None, get_args(logs.Level))), "the level"),
        contains=(text(80, "an exact text that the lines contain"), ""),
    )
    return reader(
        "log_lines", "The newest log lines of a service, of every level. Workload-written.", schema, log_lines
    )


def _log_templates(view: View) -> StructuredTool:
    def log_templates(service: str, window: str) -> str:
        found = view.logs.lines(service, *_window(view, window), limit=READ)
        if isinstance(found, Missing):
            return rendering.shown(found)
        told = templates.of((line.at, line.message) for line in found.lines)
        return f"{len(found.lines)} lines since {found.since.isoformat()}:\n{rendering.listed(told.templates[:LINES])}"

    schema = arguments("LogTemplates", service=_service(view), window=one_of(WINDOWS, WHEN))
    return reader(
        "log_templates",
        "Log lines of a service that differ only in what varies, with counts and an example. Workload-written.",
        schema,
        log_templates,
    )


def _calls_between(view: View) -> StructuredTool:
    def calls_between(service: str, window: str) -> str:
        found = view.traces.calls(*_window(view, window))
        if isinstance(found, Missing):
            return rendering.shown(found)
        return rendering.listed([call for call in found if service in (call.caller, call.callee)][:LINES])

    schema = arguments("CallsBetween", service=_service(view), window=one_of(WINDOWS, WHEN))
    return reader(
        "calls_between",
        "Traced calls to and from a service: count, errors, time on the wire and in the callee.",
        schema,
        calls_between,
    )


def _changes_of_everybody(view: View) -> StructuredTool:
    def changes_of_everybody() -> str:
        found = view.changes.within(view.dossier.onset - CHANGES, view.until)
        return rendering.shown(found) if isinstance(found, Missing) else rendering.listed(found[-LINES:])

    return reader(
        "changes_of_everybody",
        "The newest changes of all services, flags, data, nodes, certificates and traffic, oldest first.",
        arguments("ChangesOfEverybody"),
        changes_of_everybody,
    )


def _places_of(view: View) -> StructuredTool:
    def places_of(service: str) -> str:
        return rendering.shown(view.surroundings.of(service))

    schema = arguments("PlacesOf", service=_service(view))
    return reader("places_of", "Pods, nodes, databases, queues and third parties of a service.", schema, places_of)


def _service(view: View) -> Any:
    return one_of(view.services, "the service")


def _window(view: View, window: str) -> tuple[datetime, datetime]:
    onset, times = view.dossier.onset, view.dossier.windows
    return (onset - times.before, onset) if window == "before" else (times.recent(onset, view.until), view.until)
