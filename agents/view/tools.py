"""The agents' read-only tools: narrow, with arguments enumerated from what exists in this incident.

`toolboxes` is the registry that a test enumerates; no tool is made anywhere else.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from langchain_core.tools import StructuredTool
from pydantic import JsonValue

from agents.view import rendering, source
from agents.view.incident_view import View
from agents.view.toolbox import arguments, one_of, reader, text
from incident import capture
from incident.errors import ToolMistake
from incident.evidence import Missing
from incident.value import Value

Agent = Literal["rca", "patch", "review"]

CHANGES = timedelta(hours=1)
"""Age up to which changes are of interest."""


def toolboxes(view: View) -> Mapping[Agent, tuple[StructuredTool, ...]]:
    """Every tool of every agent; without source those that read it are left out."""
    component = view.component
    code = () if component is None else (_read_function(view), _read_file(view), _search_code(view))
    history = () if component is None else (_recent_commits(view, component.path),)
    shapes = () if view.captures is None else (_request_shapes(view),)
    world = (
        _recent_changes(view),
        *history,
        _signals(view),
        _errors(view),
        _failing_spans(view),
        _neighbours(view),
    )
    return {"rca": (*code, *world, *shapes), "patch": (*code, *shapes), "review": code}


def _read_function(view: View) -> StructuredTool:
    keys = [place.key for place in view.places]

    def read_function(function: str) -> str:
        place = next((item for item in view.places if item.key == function), None)
        if place is None:
            raise ToolMistake(f"there is no function {function}")
        whole = view.text(place.path)
        return (
            f"function: {place.key}\nlines: {place.first}-{place.last}\n--- source\n{source.cut(whole, place)}"
            f"--- rest of the file, without bodies\n{source.module_level(whole)}"
        )

    schema = arguments("ReadFunction", function=one_of(keys, "the function, as path::name"))
    return reader(
        "read_function",
        "Read the source of one function of the service, and the constants and imports around it.",
        schema,
        read_function,
    )


def _read_file(view: View) -> StructuredTool:
    def read_file(path: str) -> str:
        try:
            return f"path: {path}\n---\n{view.text(path)}"
        except KeyError as error:
            raise ToolMistake(f"{path} cannot be read") from error

    schema = arguments("ReadFile", path=one_of(view.files, "the file"))
    return reader("read_file", "Read one file of the service: code, test or data schema.", schema, read_file)


def _search_code(view: View) -> StructuredTool:
    def search_code(words: str) -> str:
        found = [
            f"{path}:{number}: {line.strip()[:160]}"
            for path in view.files
            for number, line in enumerate(_lines(view, path), start=1)
            if words in line
        ]
        # A bound, as one letter may be found in every line.
        return "\n".join(found[:40]) or "not found"

    schema = arguments("SearchCode", words=text(80, "the exact text to look for"))
    return reader("search_code", "Find lines of the service's files that contain a text.", schema, search_code)


def _lines(view: View, path: str) -> list[str]:
    try:
        return view.text(path).splitlines()
    except KeyError:
        return []


def _recent_changes(view: View) -> StructuredTool:
    def recent_changes(service: str) -> str:
        return _listed(view.platform.history(service, view.dossier.onset - CHANGES))

    schema = arguments("RecentChanges", service=one_of(view.services, "the service"))
    return reader(
        "recent_changes",
        "Deploys, configuration changes and restarts of a service, oldest first.",
        schema,
        recent_changes,
    )


def _recent_commits(view: View, folder: str) -> StructuredTool:
    def recent_commits() -> str:
        return _listed(view.repository.log(view.commit, folder, 10))

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
        return _shown(view.metrics.signals(service, start, end))

    schema = arguments(
        "GoldenSignals",
        service=one_of(view.services, "the service"),
        window=one_of(("before", "since"), "before the onset of the incident, or since"),
    )
    return reader("golden_signals", "Requests, errors, latency and memory of a service.", schema, golden_signals)


def _errors(view: View) -> StructuredTool:
    def errors_of(service: str) -> str:
        found = view.logs.errors(service, _healthy(view), view.until)
        return _shown(found) if isinstance(found, Missing) else _listed(found[-5:])

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
        return _listed(tuple(span for spans in traces for span in spans if span.error)[:20])

    schema = arguments("FailingSpans", service=one_of(view.services, "the service"))
    return reader("failing_spans", "Failed spans of recent failing requests through a service.", schema, failing_spans)


def _healthy(view: View) -> datetime:
    """Start of a search that shall see some of the healthy time too."""
    times = view.dossier.windows
    return times.recent(view.dossier.onset - times.before, view.until)


def _neighbours(view: View) -> StructuredTool:
    def neighbours(service: str) -> str:
        return _shown(view.traces.neighbours(service))

    schema = arguments("Neighbours", service=one_of(view.services, "the service"))
    return reader("neighbours", "Who calls a service, and whom it calls.", schema, neighbours)


def _request_shapes(view: View) -> StructuredTool:
    def request_shapes(outcome: Literal["failed", "ok"]) -> str:
        if view.captures is None:
            raise ToolMistake("no requests are recorded here")
        start = _healthy(view)
        found = view.captures.recorded(view.dossier.service, outcome, start, view.until, None, 20)
        if isinstance(found, Missing):
            return _shown(found)
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


def _listed(values: tuple[Value, ...]) -> str:
    return "\n".join(_shown(value) for value in values) or "none"


def _shown(value: Value) -> str:
    return json.dumps(rendering.cleaned(value.model_dump(mode="json")), ensure_ascii=False, separators=(",", ":"))
