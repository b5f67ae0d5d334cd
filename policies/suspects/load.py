"""Load that stepped shortly before the trouble: more requests from outside than before.  Pure.

More load that was borne for much longer than the alert needs to fire is innocent, as a change would be.

Limits: retries of callers are no load from outside, so only services that are called from outside count, where that
is known; a change of what is asked, at the same number of requests, is not seen.
"""

import math
from bisect import bisect_right

from incident.decision import because
from incident.observed import Observed, Track
from policies.suspects import change_time, deviation, reach, robust, scores
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
    delay = change_time.LONG * max(observed.windows.alarm.total_seconds(), change_time.SHORTEST)
    told = [
        (grown[track.service], track.service)
        for track in tracks
        if grown[track.service] >= STEP and (start := _start(track, observed, onset.latest + slack)) is not None
        if start >= onset.earliest - delay
    ]
    if not told:
        return scores.reading("load", ())
    factor, name = max(told)
    stepped = {service for service, times in grown.items() if times >= STEP}
    why = because("load_stepped", service=name, factor=round(factor, 2))
    share = math.log(factor / STEP) / math.log(FULL / STEP)
    load = Score(
        suspect=Suspect(kind="outside", name="load"),
        strength=scores.strength(share),
        why=why,
        explains=tuple(sorted(({name, *reach.below(observed.calls).get(name, ())} & set(observed.services)) | stepped)),
    )
    return scores.reading("load", (load,))


def _start(track: Track, observed: Observed, latest: float) -> float | None:
    """Time of the last step up to the later level before the onset; None where the level is as old as the window."""
    before = track.values[robust.inside(track.at, observed.healthy)]
    since = track.values[robust.inside(track.at, observed.since)]
    half = (robust.median(before) + robust.median(since)) / 2
    index = bisect_right(track.at, latest) - 1
    # Back to two points in a row that are nearer to the healthy level.
    while index > 0 and not (track.values[index] < half and track.values[index - 1] < half):
        index -= 1
    return track.at[index] if index > 0 else None
