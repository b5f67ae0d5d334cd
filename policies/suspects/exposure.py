"""Requests that a service answered in a stretch of time: what counts of lines and failures are divided by.  Pure."""

import math
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
    """The exposure of each service: requests by its counter, else traced calls, else seconds.

    Counted is the time of which all log lines are told, where a store tells only the newest of too many.
    """
    told = {heard.service: heard.lines for heard in observed.heard if heard.lines}
    parts = {name: _parts(observed, told.get(name, (observed.looked,))) for name in observed.services}
    found = {name: Exposure(_seconds(before), _seconds(since), "seconds") for name, (before, since) in parts.items()}
    found |= _by_calls(observed, parts)
    for track in observed.tracks:
        if track.name == "requests" and not track.version and track.service in parts:
            before, since = (
                sum(sum(track.values[robust.inside(track.at, part)]) for part in stretches)
                for stretches in parts[track.service]
            )
            if before > 0 and since > 0:
                found[track.service] = Exposure(before, since, "requests")
    return found


def _parts(observed: Observed, told: tuple[Stretch, ...]) -> tuple[list[Stretch], list[Stretch]]:
    return [_common(one, observed.healthy) for one in told], [_common(one, observed.since) for one in told]


def _by_calls(observed: Observed, parts: dict[str, tuple[list[Stretch], list[Stretch]]]) -> dict[str, Exposure]:
    counts: dict[str, list[int]] = {}
    for calls in observed.calls:
        if calls.callee in parts:
            count = counts.setdefault(calls.callee, [0, 0])
            for index, stretches in enumerate(parts[calls.callee]):
                slices = (robust.inside(calls.at, part) for part in stretches)
                count[index] += sum(part.stop - part.start for part in slices)
    return {
        name: Exposure(float(before), float(since), "calls")
        for name, (before, since) in counts.items()
        if before > 0 and since > 0
    }


def _seconds(stretches: list[Stretch]) -> float:
    return math.fsum(part.seconds for part in stretches)


def _common(one: Stretch, other: Stretch) -> Stretch:
    start = max(one.start, other.start)
    return Stretch(start=start, end=max(start, min(one.end, other.end)))
