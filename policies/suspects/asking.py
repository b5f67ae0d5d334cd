"""Facts of the ranking from one observation: onset, readings and the abstention bound.  Pure."""

from incident.observed import Observed, Stretch
from incident.steering import Steering
from policies.suspects import onset, person, quiet, ranking, reach, readings, weighing


def facts(observed: Observed, words: tuple[Steering, ...] = ()) -> ranking.Facts:
    """The facts that `suspects.rank` decides by, with what people said; they are small, and are what is journaled."""
    found = onset.interval(observed)
    split = _awake(observed).split(found.earliest, found.latest)
    seen = readings.of(split, found)
    said = (person.read(words, weighing.found(seen)),) if words else ()
    return ranking.Facts(
        service=observed.service,
        onset=found,
        readings=(*seen, *said),
        below={name: tuple(sorted(names)) for name, names in sorted(reach.below(observed.calls).items())},
        quiet=quiet.calibrated(split),
    )


def _awake(observed: Observed) -> Observed:
    """The observation from the first request of the alert's service on: a world that was just started was not well."""
    for track in observed.tracks:
        if (track.service, track.name, track.version) == (observed.service, "requests", ""):
            first = next((at for at, value in zip(track.at, track.values, strict=True) if value), observed.looked.start)
            looked = Stretch(start=max(observed.looked.start, first - track.step_seconds), end=observed.looked.end)
            return observed.model_copy(update={"looked": looked})
    return observed
