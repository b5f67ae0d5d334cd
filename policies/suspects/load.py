"""Load that stepped before the trouble: more requests from outside than before.  Pure.

Limits: retries of callers are no load from outside, so only services that are called from outside count, where that
is known; a change of what is asked, at the same number of requests, is not seen.
"""

import math

from incident.decision import because
from incident.observed import Observed, Track
from policies.suspects import deviation, reach, robust, scores
from policies.suspects.onset import Onset
from policies.suspects.scores import Reading, Score, Suspect

STEP = 1.4
"""Factor from which more requests are a step."""

FULL = 4.0
"""Factor that says all that load can say."""


def read(observed: Observed, onset: Onset) -> Reading:
    """Score the load of the services that are called from outside."""
    grown = deviation.load(observed)
    if not grown:
        return scores.silence("load", because("no_requests_counted"))
    outside = {calls.callee for calls in observed.calls if not calls.caller} or set(grown)
    tracks = [
        track
        for track in observed.tracks
        if track.name == "requests" and not track.version and track.service in outside & grown.keys()
    ]
    slack = observed.windows.slack.total_seconds()
    told = [
        (grown[track.service], track.service)
        for track in tracks
        if grown[track.service] >= STEP and (start := _start(track, observed)) is not None
        if start <= onset.latest + slack
    ]
    if not told:
        return scores.reading("load", ())
    factor, name = max(told)
    why = because("load_stepped", service=name, factor=round(factor, 2))
    share = math.log(factor / STEP) / math.log(FULL / STEP)
    load = Score(
        suspect=Suspect(kind="outside", name="load"),
        strength=scores.strength(share),
        why=why,
        explains=tuple(sorted({name, *reach.below(observed.calls).get(name, ())} & set(observed.services))),
    )
    return scores.reading("load", (load,))


def _start(track: Track, observed: Observed) -> float | None:
    """Time of the first of two points in a row that are nearer to the later level than to the healthy one."""
    before = track.values[robust.inside(track.at, observed.healthy)]
    since = track.values[robust.inside(track.at, observed.since)]
    half = (robust.median(before) + robust.median(since)) / 2
    first = robust.inside(track.at, observed.healthy).stop
    # The onset is an interval: the step may stand before its latest time, outside of both stretches.
    for index in range(max(0, first - 2), len(track.at) - 1):
        if track.values[index] >= half and track.values[index + 1] >= half:
            return track.at[index]
    return None
