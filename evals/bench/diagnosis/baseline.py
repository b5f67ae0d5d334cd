"""Baseline: a sensible script.  The latest change near the alert, else the service with the most errors."""

from incident.observed import Observed, seconds
from policies.suspects import changes, scores
from policies.suspects.scores import Suspect


def suspect(observed: Observed) -> Suspect | None:
    """The one suspect that the script names; None when it has nothing to go by."""
    return _latest_change(observed) or _most_errors(observed)


def _latest_change(observed: Observed) -> Suspect | None:
    """The latest change before the alert on its service or on what that calls."""
    near = {observed.service} | {one.callee for one in observed.calls if one.caller == observed.service}
    found = [
        (seconds(change.at), suspected)
        for suspected, change in changes.suspects(observed)
        if change.service in near and seconds(change.at) <= observed.alert.started
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _most_errors(observed: Observed) -> Suspect | None:
    """The service with the most failed requests since the onset; by shares where nothing is counted."""
    counted = {track.service for track in observed.tracks if track.name == "errors"}
    sums: dict[str, float] = {}
    for track in observed.tracks:
        if track.name == ("errors" if track.service in counted else "error_ratio") and not track.version:
            points = zip(track.at, track.values, strict=True)
            sums[track.service] = sum(value for at, value in points if observed.since.holds(at))
    worst = max(sums, key=lambda name: (sums[name], name), default="")
    return scores.service(worst) if worst and sums[worst] > 0 else None
