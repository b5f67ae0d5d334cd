"""Abstention: the weight that healthy time reaches by itself, below which nobody is accused.  Pure.

The healthy time of the same series is split as if trouble had begun in it, some times over, and the mechanisms
weigh each such split.  The largest weight that comes out is what chance brings here, and the bound is that with a
margin: a noisy system asks for more than a quiet one (a conformal bound, Vovk et al. 2005, over few splits).

Limits: trouble that was there in healthy time, too, raises the bound, rightly; too short a healthy time gives the
least bound; changes and load are not weighed, as they do not come out of comparing two stretches.
"""

from incident.observed import Observed, Stretch
from incident.value import Value
from policies.suspects import reach, readings, weighing

SPLITS = 3
"""Stretches of healthy time that are looked at as if trouble had begun in them."""

LEAST = weighing.WEIGHTS["change_time"] + weighing.WEIGHTS["change_link"]
"""Least bound, in ten-thousandths of a nat: that a change is near and names a callee accuses nobody by itself."""

MARGIN = 1.25
"""Factor on the largest weight of healthy time: three splits do not show the worst of it."""

SHORTEST = 10.0
"""Steps of the samples that a stretch needs to be looked at."""


class Quiet(Value):
    """The bound, in ten-thousandths of a nat, and the healthy stretches that it was calibrated on."""

    bound: int
    splits: int


def calibrated(observed: Observed) -> Quiet:
    """The weight that a suspect must reach."""
    # The onset is an estimate: the last of the healthy time may be sick already.
    spared = min(2 * observed.windows.alarm.total_seconds(), observed.healthy.seconds / 4)
    healthy = Stretch(start=observed.healthy.start, end=observed.healthy.end - spared)
    length = healthy.seconds / (SPLITS + 1)
    if length < SHORTEST * observed.windows.step_seconds:
        return Quiet(bound=LEAST, splits=0)
    below = reach.below(observed.calls)
    largest = 0
    for number in range(1, SPLITS + 1):
        start = healthy.start + number * length
        # As long a time since as the real one, where there is so much: a longer one finds more.
        end = min(healthy.end, start + max(length, min(observed.since.seconds, 2 * length)))
        pretended = observed.model_copy(
            update={
                "healthy": Stretch(start=healthy.start, end=start),
                "since": Stretch(start=start, end=end),
                "looked": Stretch(start=observed.looked.start, end=end),
                "heard": (),  # whoever is heard now was heard then
            }
        )
        told = readings.of_services(pretended)
        weights = weighing.weighed(weighing.found(told), weighing.explained(told), below, observed.service)
        largest = max((largest, *weights.suspects.values()))
    return Quiet(bound=max(LEAST, round(MARGIN * largest)), splits=SPLITS)
