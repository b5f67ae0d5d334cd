"""Symptoms by robust deviation: errors per request and times of a service, and who was first.  Pure.

They say who suffers, which is where to look when no calls are traced.

Limits: a victim's symptoms are as loud as the culprit's; being first by less than two steps means nothing.
"""

from incident.decision import because
from incident.observed import Observed, Track
from policies.suspects import deviation, resources, robust, scores
from policies.suspects.deviation import Deviation
from policies.suspects.scores import Reading, Score

NAMES = ("error_ratio", "p50_ms", "p99_ms")
"""Golden series of symptoms; errors are divided by requests where no ratio is told."""

LATER = 0.5
"""Part of the score of a service whose symptoms began later than another's."""


def read(observed: Observed) -> Reading:
    """Score services by their symptoms; those that began later get less."""
    tracks = [*_ratios(observed), *(track for track in observed.tracks if track.name in NAMES and not track.version)]
    if not tracks:
        return scores.silence("symptoms", because("no_series_known"))
    found: dict[str, list[Deviation]] = {}
    for track in tracks:
        moved = deviation.of(track, observed)
        if moved is not None and moved.deviations > 0:
            found.setdefault(track.service, []).append(moved)
    starts = {name: min(_start(one, observed) for one in many) for name, many in found.items()}
    first = min(starts.values(), default=0.0)
    slack = observed.windows.slack.total_seconds()
    return scores.reading(
        "symptoms", (_score(name, many, late=starts[name] > first + slack) for name, many in found.items())
    )


def _score(name: str, many: list[Deviation], *, late: bool) -> Score:
    best = max(many, key=lambda one: (one.deviations, one.track.name))
    whole = resources.strength(best.deviations, len(NAMES))
    return Score(
        suspect=scores.service(name),
        strength=round(whole * (LATER if late else 1.0)),
        why=because(
            "symptom_later" if late else "symptom_first",
            series=best.track.name,
            before=float(f"{best.before:.4g}"),
            since=float(f"{best.since:.4g}"),
        ),
    )


def _start(moved: Deviation, observed: Observed) -> float:
    """Time of the first of two points in a row that are away."""
    track = moved.track
    part = robust.inside(track.at, observed.since)
    half = (moved.before + moved.since) / 2
    values, times = track.values[part], track.at[part]
    for index in range(len(values) - 1):
        if values[index] >= half and values[index + 1] >= half:
            return times[index]
    return observed.since.end


def _ratios(observed: Observed) -> list[Track]:
    told = {track.service for track in observed.tracks if track.name == "error_ratio" and not track.version}
    by_name: dict[tuple[str, str], Track] = {
        (track.service, track.name): track for track in observed.tracks if not track.version
    }
    found: list[Track] = []
    for name in observed.services:
        errors, requests = by_name.get((name, "errors")), by_name.get((name, "requests"))
        if name in told or errors is None or requests is None:
            continue
        counted = dict(zip(requests.at, requests.values, strict=True))
        points = [
            (at, value / counted[at]) for at, value in zip(errors.at, errors.values, strict=True) if counted.get(at)
        ]
        found.append(
            errors.model_copy(
                update={
                    "name": "error_ratio",
                    "kind": "ratio",
                    "at": tuple(at for at, _ in points),
                    "values": tuple(value for _, value in points),
                }
            )
        )
    return found
