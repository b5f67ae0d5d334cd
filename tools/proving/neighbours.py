"""Requests beside the recorded ones: a patch that knows the recorded ones by their shape shows itself at these."""

from collections import Counter

from incident.capture import Capture

FIELD = "comment"
"""A field that nobody sent.  Services pass over it, store it or refuse it; a mended function does not care."""

_EACH = 2
"""Of each route."""


def of(healthy: tuple[Capture, ...]) -> tuple[Capture, ...]:
    """Recorded successes with one field more in their body, a few of each route."""
    found: list[Capture] = []
    seen: Counter[str] = Counter()
    for capture in healthy:
        body = capture.body
        if capture.outcome != "ok" or not isinstance(body, dict) or FIELD in body or seen[capture.route] >= _EACH:
            continue
        seen[capture.route] += 1
        found.append(capture.model_copy(update={"body": {**body, FIELD: "x"}}))
    return tuple(found)
