"""Calls between services, counted from spans.  Pure."""

from collections.abc import Iterable, Mapping
from statistics import fmean

from incident.evidence import Span
from incident.value import Value

MAX_CALLS = 500
"""Calls that are told, the most frequent."""


class Call(Value):
    """One operation that one service asks of another, over a window."""

    caller: str
    callee: str
    """Service, or host outside the platform."""
    operation: str
    """Name of the callee's span, or of the caller's where the callee tells nothing."""
    count: int
    """Calls that were traced: a sample of all."""
    errors: int
    wire_ms: float | None = None
    """Mean time between caller and callee, queues included; None where no callee's span was seen."""
    own_ms: float | None = None
    """Mean time in the callee without the calls that it made itself one after the other; None as above."""


def reached(start: str, edges: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """Everything that edges lead to from a service, directly or not, without itself: services may call in a circle."""
    found: set[str] = set()
    waiting = list(edges.get(start, ()))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(edges.get(one, ()))
    return frozenset(found - {start})


def calls(spans: Iterable[Span]) -> tuple[Call, ...]:
    """Calls of client spans, each joined with the server span that it is the parent of; the most frequent first."""
    everything = tuple(spans)
    children: dict[tuple[str, str], list[Span]] = {}
    for span in everything:
        if span.parent_id:
            children.setdefault((span.trace_id, span.parent_id), []).append(span)
    found: dict[tuple[str, str, str], list[tuple[Span, Span | None]]] = {}
    for span in everything:
        if span.kind in ("client", "producer"):
            below = children.get((span.trace_id, span.span_id), [])
            answer = next((one for one in below if one.kind in ("server", "consumer")), None)
            callee = answer.service if answer else span.peer or "unknown"
            found.setdefault((span.service, callee, answer.name if answer else span.name), []).append((span, answer))
    told = [_call(*key, pairs, children) for key, pairs in found.items()]
    return tuple(sorted(told, key=lambda call: (-call.count, call.caller, call.callee, call.operation))[:MAX_CALLS])


def _call(
    caller: str,
    callee: str,
    operation: str,
    pairs: list[tuple[Span, Span | None]],
    children: dict[tuple[str, str], list[Span]],
) -> Call:
    answered = [(client, server) for client, server in pairs if server is not None]
    return Call(
        caller=caller,
        callee=callee,
        operation=operation,
        count=len(pairs),
        errors=sum(client.error for client, _ in pairs),
        wire_ms=_mean([client.duration_ms - server.duration_ms for client, server in answered]),
        own_ms=_mean([server.duration_ms - _inside(server, children) for _, server in answered]),
    )


def _inside(server: Span, children: dict[tuple[str, str], list[Span]]) -> float:
    """Milliseconds of the calls that a request made itself; those made at once are counted longer than they took."""
    below = children.get((server.trace_id, server.span_id), [])
    return sum(span.duration_ms for span in below if span.kind == "client")


def _mean(values: list[float]) -> float | None:
    # Clocks of two hosts differ, so a single difference may be negative: no time is.
    return round(max(0.0, fmean(values)), 3) if values else None
