"""Path of one failing request through its spans.  Pure."""

from incident.evidence import FailingTrace, Span


def followed(spans: tuple[Span, ...]) -> FailingTrace | None:
    """Return the services from the edge to the deepest failed server span, or None without a failed one.

    The deepest is the failed server span farthest from its root; when the client span of a call failed but no server
    span answers it, the peer that it called is the deepest: it may be down or outside.
    """
    by_id = {span.span_id: span for span in spans}
    failed = [span for span in spans if span.error and span.kind in ("server", "client")]
    if not failed:
        return None
    # At equal depth the server's span: it shows that the call arrived.
    deepest = max(failed, key=lambda span: (len(_ancestors(span, by_id)), span.kind == "server"))
    path: list[str] = []
    for span in (*reversed(_ancestors(deepest, by_id)), deepest):
        if not path or path[-1] != span.service:
            path.append(span.service)
    answered = any(span.parent_id == deepest.span_id for span in spans)
    if deepest.kind == "client" and deepest.peer and not answered and path[-1] != deepest.peer:
        path.append(deepest.peer)
    return FailingTrace(trace_id=deepest.trace_id, path=tuple(path), deepest=path[-1])


def _ancestors(span: Span, by_id: dict[str, Span]) -> list[Span]:
    found: list[Span] = []
    # Workloads write spans, so parents may form a circle.
    seen = {span.span_id}
    current = by_id.get(span.parent_id or "")
    while current is not None and current.span_id not in seen:
        found.append(current)
        seen.add(current.span_id)
        current = by_id.get(current.parent_id or "")
    return found
