"""Tools that read a service and those around it: changes, commits, signals, errors, spans, neighbours, shapes of requests."""

from datetime import timedelta
from typing import Literal

from langchain_core.tools import StructuredTool
from pydantic import JsonValue

from agents.view import rendering
from agents.view.incident_view import View
from agents.view.toolbox import arguments, one_of, reader
from incident import capture
from incident.errors import ToolMistake
from incident.evidence import Missing

CHANGES = timedelta(hours=1)
"""Age up to which changes are of interest."""


def every(view: View) -> tuple[StructuredTool, ...]:
    """All of them; shapes of requests only where they are recorded."""
    return (
        _recent_changes(view),
        *(() if view.component is None else (_recent_commits(view, view.component.path),)),
        _signals(view),
        _errors(view),
        _failing_spans(view),
        _neighbours(view),
        *shapes(view),
    )


def shapes(view: View) -> tuple[StructuredTool, ...]:
    """The tool that shows shapes of recorded requests; none where nobody records them."""
    return () if view.captures is None else (_request_shapes(view),)


def _recent_changes(view: View) -> StructuredTool:
    def recent_changes(service: str) -> str:
        return rendering.listed(view.platform.history(service, view.dossier.onset - CHANGES))

    schema = arguments("RecentChanges", service=one_of(view.services, "the service"))
    return reader(
        "recent_changes",
        "Deploys, configuration changes and restarts of a service, oldest first.",
        schema,
        recent_changes,
    )


def _recent_commits(view: View, folder: str) -> StructuredTool:
    def recent_commits() -> str:
        return rendering.listed(view.repository.log(view.commit, folder, 10))

    return reader(
        "recent_commits",
        "The last commits that touched the service, newest first.",
        arguments("RecentCommits"),
        recent_commits,
    )


def _signals(view: View) -> StructuredTool:
    def golden_signals(service: str, window: str) -> str:
        onset, times = view.dossier.onset, view.dossier.windows
        before = (onset - times.before, onset)
        start, end = before if window == "before" else (times.recent(onset, view.until), view.until)
        return rendering.shown(view.metrics.signals(service, start, end))

    schema = arguments(
        "GoldenSignals",
        service=one_of(view.services, "the service"),
        window=one_of(("before", "since"), "before the onset of the incident, or since"),
    )
    return reader("golden_signals", "Requests, errors, latency and memory of a service.", schema, golden_signals)


def _errors(view: View) -> StructuredTool:
    def errors_of(service: str) -> str:
        found = view.logs.errors(service, view.healthy, view.until)
        return rendering.shown(found) if isinstance(found, Missing) else rendering.listed(found[-5:])

    schema = arguments("ErrorsOf", service=one_of(view.services, "the service"))
    return reader(
        "errors_of",
        "The newest logged errors of a service with their stack traces. Workload-written.",
        schema,
        errors_of,
    )


def _failing_spans(view: View) -> StructuredTool:
    def failing_spans(service: str) -> str:
        traces = view.traces.failing(
            service, view.dossier.windows.recent(view.dossier.onset, view.until), view.until, 2
        )
        return rendering.listed(tuple(span for spans in traces for span in spans if span.error)[:20])

    schema = arguments("FailingSpans", service=one_of(view.services, "the service"))
    return reader("failing_spans", "Failed spans of recent failing requests through a service.", schema, failing_spans)


def _neighbours(view: View) -> StructuredTool:
    def neighbours(service: str) -> str:
        return rendering.shown(view.traces.neighbours(service))

    schema = arguments("Neighbours", service=one_of(view.services, "the service"))
    return reader("neighbours", "Who calls a service, and whom it calls.", schema, neighbours)


def _request_shapes(view: View) -> StructuredTool:
    def request_shapes(outcome: Literal["failed", "ok"]) -> str:
        if view.captures is None:
            raise ToolMistake("no requests are recorded here")
        start = view.healthy
        found = view.captures.recorded(view.dossier.service, outcome, start, view.until, None, 20)
        if isinstance(found, Missing):
            return rendering.shown(found)
        by_route = {item.route: capture.traits(item) for item in found}
        shown: JsonValue = {route: list(traits) for route, traits in sorted(by_route.items())[:6]}
        return rendering.opening({"shapes": rendering.cleaned(shown)})

    schema = arguments("RequestShapes", outcome=one_of(("failed", "ok"), "requests that failed, or that were fine"))
    return reader(
        "request_shapes",
        "Keys and types of recorded requests and of the answers that their downstream calls got, by route.",
        schema,
        request_shapes,
    )
