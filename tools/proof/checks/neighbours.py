"""Requests made from the recorded ones, to find patches that recognise only the recorded ones by their shape."""

from collections import Counter

from incident.capture import Capture

_LETTERS = str.maketrans("0123456789", "klmnopqrst")

_EACH = 2
"""Of each route."""


def of(healthy: tuple[Capture, ...]) -> tuple[Capture, ...]:
    """Recorded successes with one field more in their body, a few of each route.

    Services pass over a field that nobody sent, store it or refuse it; a mended function does not care.  Its name is
    taken from the request's digest: a patch that could know it would be right for it as well.
    """
    found: list[Capture] = []
    seen: Counter[str] = Counter()
    for capture in healthy:
        body = capture.body
        # Letters only: a hexadecimal name could begin with a digit, which no ordinary field does.
        name = capture.digest()[:8].translate(_LETTERS)
        if capture.outcome != "ok" or not isinstance(body, dict) or name in body or seen[capture.route] >= _EACH:
            continue
        seen[capture.route] += 1
        found.append(capture.model_copy(update={"body": {**body, name: "x"}}))
    return tuple(found)
