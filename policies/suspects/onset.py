"""Onset as an interval: the time in which trouble must have begun.  Pure.

Back from the alert to the last values inside the healthy band of the alert's own metric, and on to the first one that
is half way to the threshold; then reconciled with the first error of the leading group.  A rule that looks at ten minutes fires minutes late, a slow leak hours late, so
the interval and never a single time is what the other mechanisms split by.

Limits: a metric that was outside its band for as long as it was looked at gives no onset (`beyond`); a metric that
creeps is found when it leaves the band, which may be long after its cause.
"""

from typing import Literal

from incident.evidence import Condition
from incident.observed import Observed, Stretch, Track
from incident.value import Value
from policies.suspects import robust

REFERENCE = 1 / 3
"""Share of the points before the alert, the earliest, that say what is healthy."""

LEAST = 6
"""Points below which a metric says nothing about an onset."""

DEVIATIONS = 4.0
"""Robust standard deviations that the healthy band is wide."""

NARROWEST, WIDEST = 0.1, 0.5
"""Bounds of the band's width, as shares of the distance between the healthy median and the threshold."""

DWELL = 2
"""Points in a row inside the band that end the way back: one calm point in a noisy series ends nothing."""

Source = Literal["metric", "metric_and_errors", "errors", "beyond", "assumed"]
"""`beyond`: it began before anything that was looked at; `assumed`: the alert's start less the time that its rule
needs to fire, where nothing is measured."""


class Onset(Value):
    """Time in which it began: (earliest, latest], in seconds since 1970-01-01 UTC."""

    earliest: float
    latest: float
    source: Source


def interval(observed: Observed) -> Onset:
    """The onset of the incident; at worst the time that the alert's rule needs to fire."""
    alert, windows = observed.alert, observed.windows
    measured = None if alert.track is None or alert.condition is None else _left(alert.track, alert.condition, observed)
    first = _first_error(observed)
    if measured is not None:
        return _reconciled(measured, first, observed)
    if first is not None:
        return Onset(earliest=first - windows.slack.total_seconds(), latest=first, source="errors")
    started = min(alert.started, observed.looked.end)
    return Onset(earliest=started - windows.alarm.total_seconds(), latest=started, source="assumed")


def _left(track: Track, condition: Condition, observed: Observed) -> Onset | None:
    """The onset by the metric: between the last point inside the band and the first one outside; None if unknown."""
    last = min(observed.alert.started, observed.looked.end)
    points = [(at, value) for at, value in zip(track.at, track.values, strict=True) if at <= last]
    if len(points) < LEAST:
        return None
    rising = condition.comparison in (">", ">=")
    levels = [value if rising else -value for _, value in points]
    threshold = condition.threshold if rising else -condition.threshold
    beyond = Onset(earliest=observed.looked.start, latest=points[0][0], source="beyond")
    reference = _reference(levels, threshold)
    if not reference:
        return beyond
    band, halfway = _band(reference, threshold), (robust.median(reference) + threshold) / 2
    calm, index = 0, len(points)
    while index > 0 and calm < DWELL:
        index -= 1
        calm = calm + 1 if levels[index] <= band else 0
    if calm < DWELL:
        return beyond
    inside = index + DWELL - 1
    if inside == len(points) - 1:
        return None  # it never left its band: another metric would have to tell
    # Between two samples nothing is known; the one that is still inside may hold the first failures already.
    earliest = points[inside][0] - track.step_seconds
    # A little noise may have left the band before the trouble; the trouble itself goes on towards the threshold.
    far = (at for (at, _), level in zip(points[inside + 1 :], levels[inside + 1 :], strict=True) if level >= halfway)
    return Onset(earliest=earliest, latest=next(far, points[-1][0]), source="metric")


def _reference(levels: list[float], threshold: float) -> list[float]:
    """The levels that say what is healthy: the earliest, or, where those were bad as well, all below the threshold.

    Empty where there are too few of them.
    """
    earliest = levels[: max(LEAST // 2, int(REFERENCE * len(levels)))]
    if robust.median(earliest) < threshold:
        return earliest
    below = [level for level in levels if level < threshold]
    return below if len(below) >= LEAST else []


def _band(reference: list[float], threshold: float) -> float:
    """Upper end of the healthy band."""
    middle = robust.median(reference)
    room = threshold - middle
    width = DEVIATIONS * robust.spread(reference, middle)
    return middle + min(max(width, NARROWEST * room), WIDEST * room)


def _first_error(observed: Observed) -> float | None:
    """Time of the first error of the leading group: the place in the alert's service that raised most often since.

    None without one, and where the reference time has it, too: then it began before the trouble.
    """
    # Places are raised by exceptions, whatever a language calls them; templates of healthy lines would mislead.
    own = [one for one in observed.logged if one.service == observed.service and one.what == "place"]
    leading = max(own, key=lambda one: (sum(one.count[robust.inside(one.at, observed.since)]), one.text), default=None)
    if leading is None or not sum(leading.count[robust.inside(leading.at, observed.since)]):
        return None
    start = observed.looked.start
    reference = Stretch(start=start, end=start + REFERENCE * (observed.alert.started - start))
    return None if any(leading.count[robust.inside(leading.at, reference)]) else leading.first


def _reconciled(measured: Onset, first: float | None, observed: Observed) -> Onset:
    """The interval of the metric and the first error: narrower where they agree, both where they are close."""
    window = observed.windows.window.total_seconds()
    if measured.source == "beyond" or first is None or not measured.earliest - window <= first <= measured.latest:
        return measured
    slack = observed.windows.slack.total_seconds()
    return Onset(earliest=min(measured.latest, first) - slack, latest=first, source="metric_and_errors")
