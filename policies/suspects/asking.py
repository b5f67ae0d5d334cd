"""Facts of the ranking from one observation: onset, readings and the abstention bound.  Pure."""

from incident.observed import Observed
from policies.suspects import onset, quiet, ranking, reach, readings


def facts(observed: Observed) -> ranking.Facts:
    """The facts that `suspects.rank` decides by; they are small, and are what is journaled."""
    found = onset.interval(observed)
    split = observed.split(found.earliest, found.latest)
    return ranking.Facts(
        service=observed.service,
        onset=found,
        readings=readings.of(split, found),
        below={name: tuple(sorted(names)) for name, names in sorted(reach.below(observed.calls).items())},
        quiet=quiet.calibrated(split),
    )
