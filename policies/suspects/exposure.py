"""Requests that a service answered in a stretch of time: what counts of lines and failures are divided by.  Pure."""

from typing import NamedTuple

from incident.observed import Observed, Stretch
from policies.suspects import robust


class Exposure(NamedTuple):
    """Amounts of one kind, before the onset and since; only their ratio matters."""

    before: float
    since: float
    by: str
    """`requests`, `calls` or `seconds`, the best that is known."""


def of(observed: Observed) -> dict[str, Exposure]:
    """The exposure of each service: requests by its counter, else traced calls, else seconds of counted lines."""
    found = {name: _seconds(observed, name) for name in observed.services}
    found |= _by_calls(observed)
    for track in observed.tracks:
        if track.name == "requests" and not track.version:
            before = sum(track.values[robust.inside(track.at, observed.healthy)])
            since = sum(track.values[robust.inside(track.at, observed.since)])
            if before > 0 and since > 0:
                found[track.service] = Exposure(before, since, "requests")
    return found


def _by_calls(observed: Observed) -> dict[str, Exposure]:
    counts: dict[str, list[int]] = {}
    for calls in observed.calls:
        count = counts.setdefault(calls.callee, [0, 0])
        for index, stretch in enumerate((observed.healthy, observed.since)):
            part = robust.inside(calls.at, stretch)
            count[index] += part.stop - part.start
    return {
        name: Exposure(float(before), float(since), "calls")
        for name, (before, since) in counts.items()
        if before > 0 and since > 0
    }


def _seconds(observed: Observed, service: str) -> Exposure:
    told = next((heard.lines for heard in observed.heard if heard.service == service), ())
    whole = told or (observed.looked,)
    return Exposure(
        sum(_common(one, observed.healthy) for one in whole),
        sum(_common(one, observed.since) for one in whole),
        "seconds",
    )


def _common(one: Stretch, other: Stretch) -> float:
    return max(0.0, min(one.end, other.end) - max(one.start, other.start))
