"""Machines and zones that services in trouble share, and others are not on.  Pure.

Of the services that show something, so many run on one machine, by chance with the probability of the
hypergeometric tail (Fisher 1935); the strength is its logarithm.

Limits: a service with pods on several machines counts for each of them, since samples tell of services and not of
pods; on a platform of one machine nothing can be told.
"""

import math
from collections.abc import Iterable

from incident.decision import SCALE, because
from incident.observed import Observed
from policies.suspects import scores
from policies.suspects.scores import Mechanism, Reading, Score, Suspect

SHOWS = 3_000
"""Strength of a mechanism from which a service counts as in trouble."""

SURE: tuple[Mechanism, ...] = ("own_time", "own_share_of_time", "own_share_of_failures", "resources", "silence")
"""Mechanisms that victims do not set off; the others are asked where these show nobody."""

LEAST = 2
"""Services in trouble on one machine."""

FULL = 6.0
"""Nats of surprise that make nearly two thirds of a full score."""


def read(observed: Observed, readings: Iterable[Reading]) -> Reading:
    """Score machines and zones by the services in trouble on them."""
    on: dict[str, set[str]] = {}
    placed: set[str] = set()
    for placement in observed.placements:
        for pod in placement.pods:
            for name in {pod.node, pod.zone} - {""}:
                on.setdefault(name, set()).add(placement.service)
                placed.add(placement.service)
    if len(on) < LEAST:
        return scores.silence("machines", because("no_places_known"))
    told = tuple(readings)
    sick = (_sick(one for one in told if one.mechanism in SURE) or _sick(told)) & placed
    return scores.reading("machines", (_score(name, here, sick, len(placed)) for name, here in on.items()))


def _sick(readings: Iterable[Reading]) -> set[str]:
    return {
        score.suspect.name
        for reading in readings
        for score in reading.scores
        if score.suspect.kind == "service" and score.strength >= SHOWS
    }


def _score(name: str, here: set[str], sick: set[str], placed: int) -> Score:
    both = len(here & sick)
    surprise = -math.log(_tail(both, len(here), len(sick), placed)) if both >= LEAST else 0.0
    return Score(
        suspect=Suspect(kind="place", name=name),
        strength=round(SCALE * (1 - math.exp(-surprise / FULL))),
        why=because("trouble_on_machine", sick=both, services=len(here), elsewhere=len(sick) - both),
        explains=tuple(sorted(here & sick)),
    )


def _tail(both: int, here: int, sick: int, placed: int) -> float:
    """Probability that at least so many of the sick services are among those here by chance."""
    whole = math.comb(placed, here)
    ways = sum(
        math.comb(sick, count) * math.comb(placed - sick, here - count) for count in range(both, min(here, sick) + 1)
    )
    return min(1.0, ways / whole)
