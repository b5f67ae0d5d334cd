"""Recorded changes as suspects, and what was seen of each between the change and the onset.  Pure."""

from collections.abc import Iterator

from incident.evidence import Change
from incident.observed import Observed, Stretch, seconds
from policies.suspects.scores import Suspect

KINDS = frozenset({"deploy", "config", "remove", "restart", "scale", "flag", "migration", "certificate", "node"})
"""Kinds of changes that are suspects; weights are a part of the deploy whose traffic they shift."""


def suspects(observed: Observed) -> Iterator[tuple[Suspect, Change]]:
    """Every change that could be the cause, as a suspect."""
    for change in observed.changes:
        if change.what in KINDS:
            yield suspect(change), change


def suspect(change: Change) -> Suspect:
    """A change as a suspect: by what was changed, where and when."""
    what = change.key or change.target or change.version or ""
    return Suspect(kind="change", name=f"{change.what} {what}".strip(), service=change.service, at=seconds(change.at))


def took_effect(change: Change, observed: Observed) -> float:
    """Time in seconds of a change's first effect: a deploy does nothing before the first shift of weights after it."""
    at = seconds(change.at)
    if change.what != "deploy":
        return at
    shifts = (
        seconds(one.at)
        for one in observed.changes
        if one.what == "weights" and one.service == change.service and at <= seconds(one.at) <= observed.looked.end
    )
    return min(shifts, default=at)


def between(change: Change, observed: Observed, earliest: float) -> Observed | None:
    """Observation of the change's service before the change, against that from it to the onset.

    None where nothing lies between: then time tells nothing more.
    """
    at = took_effect(change, observed)
    if at >= earliest or not change.service:
        return None
    return observed.model_copy(
        update={
            "healthy": Stretch(start=observed.looked.start, end=at),
            "since": Stretch(start=at, end=earliest),
            "tracks": tuple(track for track in observed.tracks if track.service == change.service),
            "logged": tuple(one for one in observed.logged if one.service == change.service),
            "calls": tuple(one for one in observed.calls if one.callee == change.service),
        }
    )
