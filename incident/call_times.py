"""Traced calls with their times and outcomes, from spans.  Pure."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from incident.evidence import Span
from incident.observed import Calls, seconds

HTTP = ("http.response.status_code", "http.status_code")
"""Attributes with the status of HTTP; the last is an old name."""

GRPC = "rpc.grpc.status_code"
"""Attribute with the status of gRPC; 0 is success."""

GRPC_CALLERS = frozenset({"1", "3", "5", "6", "7", "9", "11", "16"})
"""Codes of gRPC that blame the caller or are answers of a healthy server: cancelled, not found, denied, ..."""


def failed(span: Span) -> bool:
    """True when a span failed, by its status or by the status code of its protocol."""
    if span.error:
        return True
    http = next((span.attributes[name] for name in HTTP if name in span.attributes), "")
    if http.isdigit():
        return int(http) >= 500
    grpc = span.attributes.get(GRPC, "0")
    return grpc != "0" and grpc not in GRPC_CALLERS


class Row(NamedTuple):
    """One traced call, as :class:`incident.observed.Calls` has it in columns."""

    at: float
    took_ms: float
    callee_ms: float | None
    below_ms: float
    failed: bool
    answered_badly: bool
    failed_below: bool


def of(spans: Iterable[Span]) -> tuple[Calls, ...]:
    """Calls by caller, callee, version and operation; a span that two traces tell counts once."""
    known = {(span.trace_id, span.span_id): span for span in spans}
    children: dict[tuple[str, str], list[Span]] = {}
    for span in known.values():
        if span.parent_id:
            children.setdefault((span.trace_id, span.parent_id), []).append(span)
    rows: dict[tuple[str, str, str, str], list[Row]] = {}
    for span in known.values():
        below = children.get((span.trace_id, span.span_id), [])
        if span.kind in ("client", "producer"):
            answer = next((one for one in below if one.kind in ("server", "consumer")), None)
            callee = answer.service if answer else span.peer or ""
            if callee:
                key = (span.service, callee, answer.version if answer else "", answer.name if answer else span.name)
                rows.setdefault(key, []).append(_row(span, answer, children))
        elif span.kind in ("server", "consumer") and not _asked(span, known):
            rows.setdefault(("", span.service, span.version, span.name), []).append(_row(span, span, children))
    return tuple(columns(*key, sorted(rows[key], key=lambda row: row.at)) for key in sorted(rows))


def _asked(span: Span, known: dict[tuple[str, str], Span]) -> bool:
    """True when a client's span tells of the call that this span answers."""
    parent = known.get((span.trace_id, span.parent_id or ""))
    return parent is not None and parent.kind in ("client", "producer")


def _row(asked: Span, answer: Span | None, children: dict[tuple[str, str], list[Span]]) -> Row:
    made = _made(answer, children) if answer is not None else []
    inside = answer.duration_ms if answer is not None else None
    return Row(
        at=seconds(asked.start),
        took_ms=asked.duration_ms,
        callee_ms=inside,
        below_ms=min(_covered(made), inside) if inside is not None else 0.0,
        failed=failed(asked),
        answered_badly=answer is not None and failed(answer),
        # A call that names nobody and that nobody answered has not left the process.
        failed_below=any(failed(one) and _left(one, children) for one in made),
    )


def _made(answer: Span, children: dict[tuple[str, str], list[Span]]) -> list[Span]:
    """Calls that a request made itself, also below internal spans of its own."""
    found: list[Span] = []
    waiting = [answer]
    seen: set[str] = set()
    while waiting:
        for span in children.get((answer.trace_id, waiting.pop().span_id), []):
            # Workloads write spans, so parents may form a circle.
            if span.span_id in seen or span.service != answer.service:
                continue
            seen.add(span.span_id)
            if span.kind == "client":
                found.append(span)
            elif span.kind == "internal":
                waiting.append(span)
    return found


def _left(asked: Span, children: dict[tuple[str, str], list[Span]]) -> bool:
    return bool(asked.peer) or any(
        one.service != asked.service for one in children.get((asked.trace_id, asked.span_id), [])
    )


def _covered(spans: list[Span]) -> float:
    """Milliseconds that at least one of the spans covers."""
    whole, until = 0.0, float("-inf")
    for start, end in sorted((1000 * seconds(one.start), 1000 * seconds(one.start) + one.duration_ms) for one in spans):
        whole += max(0.0, end - max(start, until))
        until = max(until, end)
    return round(whole, 3)


def columns(caller: str, callee: str, version: str, operation: str, rows: Sequence[Row]) -> Calls:
    """The calls of one operation from one caller, in the order that they have."""
    return Calls(
        caller=caller,
        callee=callee,
        version=version,
        operation=operation,
        at=tuple(row.at for row in rows),
        took_ms=tuple(row.took_ms for row in rows),
        callee_ms=tuple(row.callee_ms for row in rows),
        below_ms=tuple(row.below_ms for row in rows),
        failed=tuple(row.failed for row in rows),
        answered_badly=tuple(row.answered_badly for row in rows),
        failed_below=tuple(row.failed_below for row in rows),
    )
