"""Logs, traces and recorded requests of a simulated world: one for each failure that is counted."""

import hashlib
from datetime import datetime, timedelta
from typing import Literal

from incident import logs
from incident.calls import Call, calls, reached
from incident.capture import Capture
from incident.evidence import ErrorLog, Missing, Neighbours, Span
from tools.frames import places
from tools.scripted import traffic
from tools.scripted.stage import Stage
from tools.scripted.state import Raised, State, Story, behaviour
from tools.scripted.traffic import Moment

SAMPLED = 20
"""Every so manyth successful request is recorded."""

MAX_TRACES = 1_000
"""Traces of one service that its calls are counted from, the newest."""

Bad = Literal["sick", "other"]
_BAD: tuple[Bad, ...] = ("sick", "other")


class ScriptedLogs:
    """Errors with stack traces, as the world's story tells them."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def errors(
        self, service: str, start: datetime, end: datetime, version: str | None = None
    ) -> tuple[ErrorLog, ...] | Missing:
        """Errors from `start` to `end`, oldest first."""
        now = self._stage.now("logs")
        state = self._stage.state
        if service not in state.services:
            return Missing(reason=f"there is no log of {service[:80]!r}")
        story = state.stories.get(service)
        if story is None:
            return ()
        found: list[ErrorLog] = []
        for kind in _BAD:
            raised = story.sick if kind == "sick" else story.other
            events = [] if raised is None else traffic.moments(state, service, kind, start, min(end, now))
            found.extend(_log(state, service, story, raised, kind, event) for event in events if raised is not None)
        return tuple(sorted((log for log in found if version in (None, log.version)), key=lambda log: log.at))

    def lines(
        self, service: str, start: datetime, end: datetime, version: str | None = None, limit: int = 1000
    ) -> logs.Lines | Missing:
        """A line for each error, and one for each process that started."""
        errors = self.errors(service, start, end, version)
        if isinstance(errors, Missing):
            return errors
        until = min(end, self._stage.now("logs"))
        begun = [
            logs.Line(at=one.started_at, service=service, version=one.name, level="info", message="started")
            for one in self._stage.state.services[service].workload.versions
            if version in (None, one.name) and start <= one.started_at <= until
        ]
        failed = [_line(error) for error in errors]
        return logs.newest(tuple(sorted([*begun, *failed], key=lambda line: line.at)), start, limit)


def _line(error: ErrorLog) -> logs.Line:
    return logs.Line(
        at=error.at,
        service=error.service,
        version=error.version,
        level="error",
        message="request failed",
        trace_id=error.trace_id,
        attributes={"route": error.route, "exception.type": error.exception, "exception.message": error.message},
    )


class ScriptedCaptures:
    """Recorded requests, as the world's story tells them."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def recorded(
        self,
        service: str,
        outcome: Literal["failed", "ok"],
        start: datetime,
        end: datetime,
        version: str | None = None,
        limit: int = 200,
    ) -> tuple[Capture, ...] | Missing:
        """The newest `limit` requests of one outcome, oldest first; Missing of a service that has no recorder."""
        until = min(end, self._stage.now("captures"))
        state = self._stage.state
        story = state.stories.get(service)
        if story is None or service not in state.services:
            return Missing(reason=f"nobody records the requests of {service[:80]!r}")
        model = story.failing if outcome == "failed" else story.healthy
        if model is None or limit <= 0:
            return ()
        kind: Literal["requests", "sick"] = "sick" if outcome == "failed" else "requests"
        every = 1 if outcome == "failed" else SAMPLED
        events = [
            event
            for event in traffic.moments(state, service, kind, start, until, every)
            if version in (None, event.version)
        ]
        return tuple(
            (model if outcome == "failed" else _good(state, service, event)).model_copy(
                update={"at": event.at, "version": event.version, "trace_id": _trace(state, service, kind, event)}
            )
            for event in events[-limit:]
        )


def _good(state: State, service: str, event: Moment) -> Capture:
    """A good request: on a version without the bug some of them are of the kind that fails elsewhere."""
    story = state.stories[service]
    if story.healthy is None:
        raise LookupError(f"{service} has no healthy request to tell of")
    version = state.services[service].workload.version(event.version)
    woken = state.wakes_at is not None and event.at >= state.wakes_at
    acts = None if version is None else behaviour(state, version.commit, version.config)
    mended = acts is not None and acts.sick == 0
    healthy = story.healthy
    if acts is not None and acts.answer is not None:
        healthy = healthy.model_copy(update={"response": acts.answer})
    # A canary is promoted only when requests of the kind that used to fail reach it, so every third one is.
    if story.failing is None or not (woken and mended and (event.number // SAMPLED) % 3 == 0):
        return healthy
    answer = {"outcome": "ok", "exception": None, "status": healthy.status, "response": healthy.response}
    return story.failing.model_copy(update=answer)


class ScriptedTraces:
    """Failing traces from the edge to the failing service, and the world's fixed topology."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def failing(self, service: str, start: datetime, end: datetime, limit: int) -> tuple[tuple[Span, ...], ...]:
        """The newest `limit` traces with a failed span of this service, newest last."""
        until = min(end, self._stage.now("traces"))
        state = self._stage.state
        found: list[tuple[Moment, str, Bad]] = []
        for origin in state.services:
            if service not in _path(state, origin):
                continue
            for kind in _BAD:
                found.extend((event, origin, kind) for event in traffic.moments(state, origin, kind, start, until))
        newest = sorted(found)[-limit:] if limit > 0 else []
        return tuple(_spans(state, origin, kind, event) for event, origin, kind in newest)

    def whole(self, service: str, start: datetime, end: datetime, limit: int) -> tuple[tuple[Span, ...], ...]:
        """The newest `limit` traces through this service, newest last; of healthy requests every so manyth is traced."""
        until = min(end, self._stage.now("traces"))
        state = self._stage.state
        found: list[tuple[Moment, str, Bad | Literal["requests"]]] = []
        for origin in state.services:
            if service in _path(state, origin):
                for kind in _BAD:
                    found.extend((event, origin, kind) for event in traffic.moments(state, origin, kind, start, until))
                good = traffic.moments(state, origin, "requests", start, until, SAMPLED)
                found.extend((event, origin, "requests") for event in good)
        newest = sorted(found)[-limit:] if limit > 0 else []
        return tuple(_spans(state, origin, kind, event) for event, origin, kind in newest)

    def calls(self, start: datetime, end: datetime) -> tuple[Call, ...] | Missing:
        """Calls of the traced requests."""
        traces = [self.whole(edge, start, end, MAX_TRACES) for edge in self._stage.state.services]
        unique = {span.span_id: span for found in traces for trace in found for span in trace}
        return calls(unique.values())

    def neighbours(self, service: str) -> Neighbours | Missing:
        """Callers and callees of a service."""
        self._stage.now("traces")
        services = self._stage.state.services
        if service not in services:
            return Missing(reason=f"no span of {service[:80]!r} was seen")
        calls = services[service].calls
        callers = {name: _callers(self._stage.state, name) for name in services}
        return Neighbours(
            service=service,
            callers=callers[service],
            callees=tuple(sorted(name for name in calls if name in services)),
            external=tuple(sorted(name for name in calls if name not in services)),
            dependents=tuple(sorted(reached(service, callers))),
        )


def _trace(state: State, service: str, kind: str, event: Moment) -> str:
    said = f"{state.world}/{service}/{kind}/{event.version}/{event.number}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _log(state: State, service: str, story: Story, raised: Raised, kind: Bad, event: Moment) -> ErrorLog:
    return ErrorLog(
        service=service,
        version=event.version,
        at=event.at,
        route=story.route,
        trace_id=_trace(state, service, kind, event),
        exception=raised.exception,
        message=raised.message,
        frames=raised.frames,
        signature=places.signature(service, story.route, raised.exception, raised.frames, ""),
    )


def _spans(state: State, origin: str, kind: Bad | Literal["requests"], event: Moment) -> tuple[Span, ...]:
    """A server span for each service on the way, and a client span for each call between them."""
    trace = _trace(state, origin, kind, event)
    path, failed = _path(state, origin), kind != "requests"
    spans: list[Span] = []
    for service, callee in zip(path, (*path[1:], None), strict=True):
        serving = state.services[service].workload.serving
        story = state.stories.get(service)
        # A service on the way answers 502 for what failed below it, as a gateway does; the origin alone answers 500.
        common = Span(
            trace_id=trace,
            span_id="",
            service=service,
            version=event.version if callee is None else ("" if serving is None else serving.name),
            name=story.route if story is not None else f"POST /{service}",
            kind="server",
            start=event.at,
            duration_ms=0.0,
            status="error" if failed else "unset",
            attributes={"http.response.status_code": ("500" if callee is None else "502") if failed else "200"},
        )
        spans.append(_below(spans, common))
        if callee is not None:
            attributes = {**common.attributes, "peer.service": callee}
            call = common.model_copy(update={"kind": "client", "attributes": attributes, "name": f"POST {callee}"})
            spans.append(_below(spans, call))
    return tuple(spans)


def _below(spans: list[Span], span: Span) -> Span:
    """The span as a child of the last one, a millisecond later and as much shorter at both ends."""
    depth = len(spans)
    return span.model_copy(
        update={
            "span_id": hashlib.sha256(f"{span.trace_id}/{depth}".encode()).hexdigest()[:16],
            "parent_id": spans[-1].span_id if spans else None,
            "start": span.start + timedelta(milliseconds=depth),
            "duration_ms": 20.0 - 2 * depth,
        }
    )


def _path(state: State, service: str) -> tuple[str, ...]:
    """From an edge (whom nobody calls) to the service, by the first caller that relays its failures."""
    path: tuple[str, ...] = (service,)
    while True:
        above = [name for name in _callers(state, path[0]) if path[0] in state.services[name].relays]
        if not above or above[0] in path:
            return path
        path = (above[0], *path)


def _callers(state: State, service: str) -> tuple[str, ...]:
    return tuple(sorted(name for name, other in state.services.items() if service in other.calls and name != service))
