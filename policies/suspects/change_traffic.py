"""Traffic under each change: its version beside others at the same time, and the failing kind of requests before it.

A version that fails more of its calls than another one at the same time is worse; where both fail alike, what they
have in common is the cause.  Where the requests that fail share a feature (:mod:`policies.suspects.apart`), a change
before which requests with that feature were answered well speaks against itself; where none had it before, what is
asked has changed, and the change may be innocent.  Pure.

Limits: where one version serves everything since the deploy there is nobody to compare it with at the same time,
and then only its time and place speak; requests that went elsewhere by their kind are not comparable.
"""

import math
from typing import NamedTuple

from incident.decision import because
from incident.evidence import Change
from incident.observed import Observed
from policies.suspects import apart, changes, robust, scores
from policies.suspects.apart import Apart
from policies.suspects.scores import Reading, Score, Suspect

LEAST = 20
"""Requests of each version that are compared."""

SURE = 3.0
"""Standard errors that the failing shares of two versions must differ by."""

SICK = 0.02
"""Share of failing requests of others from which they fail, too."""

FEW = 3
"""Requests of the failing kind before a change that say something: it was answered well, or failed already."""

WENT_WELL, KIND_IS_NEW = 0.6, -0.4
"""Strengths for guilt and for innocence by the failing kind of requests; one change among several at a time."""


class Served(NamedTuple):
    """Requests that a version answered since the onset."""

    requests: int = 0
    failed: int = 0

    @property
    def rate(self) -> float:
        """Failed ones per request; 0.0 without requests."""
        return self.failed / self.requests if self.requests else 0.0


def read(observed: Observed) -> Reading:
    """Score deploys by how their version fares beside the others of its service."""
    served, kinds = _served(observed), {one.service: one for one in apart.features(observed)}
    compared = [
        score
        for suspect, change in changes.suspects(observed)
        for score in (_beside(suspect, change, served), _alike(suspect, change, observed, kinds.get(change.service)))
        if score is not None
    ]
    if not compared:
        return scores.silence("change_traffic", because("no_traffic_to_compare"))
    return scores.reading("change_traffic", compared)


def _served(observed: Observed) -> dict[tuple[str, str], Served]:
    found: dict[tuple[str, str], Served] = {}
    for calls in observed.calls:
        part = robust.inside(calls.at, observed.since)
        old = found.get((calls.callee, calls.version), Served())
        own = sum(
            badly and not below
            for badly, below in zip(calls.answered_badly[part], calls.failed_below[part], strict=True)
        )
        found[calls.callee, calls.version] = Served(old.requests + part.stop - part.start, old.failed + own)
    return found


def _beside(suspect: Suspect, change: Change, served: dict[tuple[str, str], Served]) -> Score | None:
    """The score of a version beside the others of its service; None where only one served enough."""
    own = served.get((change.service, change.version or ""), Served())
    others = [one for (name, version), one in served.items() if name == change.service and version != change.version]
    other = Served(sum(one.requests for one in others), sum(one.failed for one in others))
    if min(own.requests, other.requests) < LEAST or not change.version:
        return None
    whole = (own.failed + other.failed + 1) / (own.requests + other.requests + 2)
    error = math.sqrt(whole * (1 - whole) * (1 / own.requests + 1 / other.requests))
    told = because(
        "versions_compared",
        failed=own.failed,
        requests=own.requests,
        others_failed=other.failed,
        others=other.requests,
    )
    if own.rate - other.rate > SURE * error:
        return Score(suspect=suspect, strength=scores.strength(1 - other.rate / own.rate), why=told)
    if other.rate > SICK and other.rate - own.rate > -SURE * error:
        # Both fail alike: what they have in common is the cause.
        return Score(suspect=suspect, strength=scores.strength(-1), why=told)
    return None


def _alike(suspect: Suspect, change: Change, observed: Observed, kind: Apart | None) -> Score | None:
    """The score by requests of the failing kind before the change; None where nothing tells that kind apart."""
    if kind is None or kind.feature.startswith("not "):
        return None
    at = changes.took_effect(change, observed)
    route = next(one for one in observed.requests if (one.service, one.route) == (kind.service, kind.route))
    earlier = [one for one in route.requests if one.at < at]
    alike = [one for one in earlier if kind.feature in one.features]
    well = sum(not one.failed for one in alike)
    told = because("alike_before", route=kind.route, alike=len(alike), well=well, others=len(earlier) - len(alike))
    if well >= FEW and well >= (1 - SICK) * len(alike):
        return Score(suspect=suspect, strength=scores.strength(WENT_WELL), why=told)
    # One or two that failed may have come with the trouble itself.
    if not well and (not alike or len(alike) >= FEW) and len(earlier) - len(alike) >= LEAST:
        return Score(suspect=suspect, strength=scores.strength(KIND_IS_NEW), why=told)
    return None
