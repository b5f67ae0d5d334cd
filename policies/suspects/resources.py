"""Resources by robust deviation: what a service uses, waits for and runs out of.  Pure.

Every series that is neither traffic nor a symptom counts: processor, memory, throttling, disk, waits for a pool, age
of a queue, restarts, days of a certificate, connections, under whatever name they go.

Limits: a resource that creeps over days is within its level; a victim's resources move as well, mostly down; of many
series some move by chance, so more is asked where more are there.
"""

import math

from incident.decision import SCALE, because
from incident.observed import Observed
from policies.suspects import deviation, scores
from policies.suspects.deviation import Deviation
from policies.suspects.scores import Reading, Score

TRAFFIC = frozenset({"requests", "errors", "error_ratio", "p50_ms", "p99_ms"})
"""Golden series that are no resource."""

FULL = 50.0
"""Deviations from which a series says all that it can."""

FALLS = 0.5
"""Part of the score of a series that fell: a victim works less."""


def read(observed: Observed) -> Reading:
    """Score services by their resources."""
    by_service: dict[str, list[Deviation]] = {}
    counts: dict[str, int] = {}
    loads = deviation.load(observed)
    for track in observed.tracks:
        # Percentiles of times are symptoms, which victims show as well.
        if track.version or track.name in TRAFFIC or track.kind == "percentile":
            continue
        counts[track.service] = counts.get(track.service, 0) + 1
        found = deviation.of(track, observed, max(1.0, loads.get(track.service, 1.0)))
        if found is not None:
            by_service.setdefault(track.service, []).append(found)
    if not counts:
        return scores.silence("resources", because("no_series_known"))
    return scores.reading("resources", (_score(name, many, counts[name]) for name, many in by_service.items()))


def strength(deviations: float, series: int) -> int:
    """Strength of a deviation among so many series: logarithmic from what chance brings, up to `FULL`."""
    # The largest of n normal deviations is about sqrt(2 ln n).
    chance = deviation.AWAY + math.sqrt(2 * math.log(max(1, series)))
    if abs(deviations) <= chance:
        return 0
    share = min(1.0, math.log(abs(deviations) / chance) / math.log(FULL / chance))
    return round(SCALE * share * (1.0 if deviations > 0 else FALLS))


def _score(name: str, many: list[Deviation], series: int) -> Score:
    best = max(many, key=lambda one: (strength(one.deviations, series), one.track.name))
    return Score(
        suspect=scores.service(name),
        strength=strength(best.deviations, series),
        why=because(
            "series_moved",
            series=best.track.name[:120],
            before=_rounded(best.before),
            since=_rounded(best.since),
            deviations=round(best.deviations, 1),
        ),
    )


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
