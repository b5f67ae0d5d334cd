"""Flapping: a service that went A→B→A, because two causes or two actors undo each other.

Another change would only be the next swing, so a person is asked.  It is looked for in the version that most
requests go to and in each configuration value, as the platform recorded their changes, whoever made them.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from incident.decision import Reason, because
from incident.evidence import Change

State = tuple[str, str]
"""A subject ("version", or a configuration key) and its value."""


def returned(changes: tuple[Change, ...], now: datetime, seconds: float) -> Reason:
    """Reason that names the state which was left and come back to within the last `seconds`; empty when none was.

    A canary that never got most of the traffic has moved nothing and does not count.
    """
    since = now - timedelta(seconds=seconds)
    current: dict[str, str] = {}
    left: dict[str, list[str]] = {}
    ordered = sorted((item for item in changes if since < item.at <= now), key=lambda item: item.at)
    found = Reason()
    for subject, place in (state for item in ordered for state in _states(item)):
        before = current.get(subject)
        if before == place:
            continue
        if before is not None:
            left.setdefault(subject, []).append(before)
        current[subject] = place
        if place in left.get(subject, ()):
            swing = (*left[subject][left[subject].index(place) :], place)
            found = because("flapping", subject=subject, states=swing)
    return found


def _states(change: Change) -> Iterator[State]:
    """States that a change shows: the one before, then the one after."""
    if change.what == "weights" and change.version is not None:
        yield "version", change.version
    elif change.what == "deploy" and change.previous is not None:
        # The new version serves nobody yet; what a deploy shows is who served until now.
        yield "version", change.previous
    elif change.what == "config" and change.key is not None:
        for value in (change.old, change.new):
            yield f"{change.key} of {change.version or 'the service'}", "unset" if value is None else repr(value)
