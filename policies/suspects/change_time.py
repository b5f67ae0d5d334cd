"""Time of each change against the onset; a delay at full traffic exculpates.  Pure.

A change after the onset is innocent.  One that was followed by many requests that went well, for much longer than
the alert needs to fire, is nearly so; one whose service moved between the change and the onset is not cleared by
the delay, since a leak needs its time.

Limits: time alone convicts nobody; the onset is an interval, and a change inside of it counts as before; a change
that waits for a date or for a rare request is cleared wrongly, and must be named by words or by traffic.
"""

from incident.decision import because
from incident.evidence import Change
from incident.observed import Observed
from policies.suspects import amounts, changes, novelty, resources, scores
from policies.suspects.onset import Onset
from policies.suspects.scores import Reading, Score, Suspect

HALVED = 2.0
"""Times that the alert needs to fire after which a change is half as suspect; `SHORTEST` seconds at least."""

SHORTEST = 60.0
"""Seconds: a change needs some time to reach every process, however quick the rule."""

ENOUGH = 100.0
"""Requests answered between a change and the onset that speak for its innocence."""

LONG = 3.0
"""Times that the alert needs to fire, from which on a delay exculpates."""

CLEARED = -0.6
"""Strength for innocence of a delay at full traffic."""

MOVED = 0.5
"""Strength of a series or a line of the service that moved with the change, before the onset."""


def read(observed: Observed, onset: Onset) -> Reading:
    """Score changes by their time."""
    if not observed.changes:
        return scores.silence("change_time", because("no_change_recorded"))
    return scores.reading(
        "change_time", (_score(one, change, observed, onset) for one, change in changes.suspects(observed))
    )


def _score(suspect: Suspect, change: Change, observed: Observed, onset: Onset) -> Score:
    at = changes.took_effect(change, observed)
    alarm = max(observed.windows.alarm.total_seconds(), SHORTEST)
    if at > onset.latest + observed.windows.slack.total_seconds():
        why = because("changed_after_onset", seconds=round(at - onset.latest, 1))
        return Score(suspect=suspect, strength=scores.strength(-1), why=why)
    lag = max(0.0, onset.earliest - at)
    near = 1 / (1 + lag / (HALVED * alarm))
    if lag > LONG * alarm:
        delayed = _delayed(suspect, change, observed, onset)
        if delayed is not None:
            return delayed
    why = because("changed_before_onset", seconds=round(lag, 1))
    return Score(suspect=suspect, strength=scores.strength(near), why=why)


def _delayed(suspect: Suspect, change: Change, observed: Observed, onset: Onset) -> Score | None:
    """The score by what came between the change and the onset; None where that is not known."""
    seen = changes.between(change, observed, onset.earliest)
    if seen is None:
        return None
    moved = [*resources.read(seen).scores, *novelty.read(seen).scores]
    strongest = max((score.strength for score in moved), default=0)
    if strongest >= scores.strength(MOVED):
        return Score(suspect=suspect, strength=scores.strength(MOVED), why=because("moved_with_change"))
    amount = amounts.of(seen).get(change.service)
    if amount is None or amount.by == "seconds" or amount.since < ENOUGH:
        return None
    why = because("served_well_between", requests=round(amount.since), seconds=round(seen.since.seconds, 1))
    return Score(suspect=suspect, strength=scores.strength(CLEARED), why=why)
