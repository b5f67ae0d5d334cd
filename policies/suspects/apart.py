"""Features that set failing requests apart from healthy ones of their route.  Pure.

Few-valued values, sign and size of numbers, length class and form of texts, keys that others have, and the calls
that a request made, with ids in their paths replaced (:mod:`incident.features`).  A feature that failing requests
lack counts as well: ``not body.note|type|string``.

Limits: successes are sampled, so a feature that one healthy request in fifty has may look like none; a value that
every request has anew (an id) sets each apart and says nothing, so values are looked at only when they repeat; with
several causes at once the features of the commonest are told.
"""

from collections import Counter
from typing import NamedTuple

from incident import features as features_of
from incident.decision import Reason, because
from incident.observed import Observed, Request, Requests
from policies.suspects import scores
from policies.suspects.scores import Reading, Score, Suspect

MIN_FAILING, MIN_HEALTHY = 3, 10
"""Requests needed of each outcome."""

FEW = 12
"""Distinct values of one path up to which it is few-valued, when its values repeat."""

SURE = 0.5
"""Least difference between the shares of failing and healthy requests that have the feature."""

OF_SERVICE = 0.5
"""Part of the score that the service gets: it fails one kind of requests, which a bad record makes it do, too."""


class Group(NamedTuple):
    """Requests of one outcome, and how many of them have each feature."""

    number: int
    having: Counter[str]

    def share(self, feature: str) -> float:
        """Share of them that has a feature; 0.0 for no requests."""
        return self.having[feature] / self.number if self.number else 0.0


class Apart(NamedTuple):
    """The feature that sets the failing requests of a route apart best."""

    service: str
    route: str
    feature: str
    failing: float
    """Share of the failing requests that have it; likewise the healthy ones."""
    healthy: float
    one_record: bool
    """True when it is one value among many distinct ones of healthy requests."""


def read(observed: Observed) -> Reading:
    """Score services by what sets their failing requests apart, and single records."""
    found = features(observed)
    if not any(enough(one) for one in observed.requests):
        return scores.silence("apart", because("too_few_requests_recorded"))
    return scores.reading("apart", (score for one in found for score in _scored(one)))


def features(observed: Observed) -> tuple[Apart, ...]:
    """Feature that sets failing requests apart best, for each route with enough of both outcomes."""
    compared = (one for one in observed.requests if enough(one) and _contrasted(one, observed))
    return tuple(found for one in compared if (found := _best(one)) is not None)


def _contrasted(one: Requests, observed: Observed) -> bool:
    """True when some requests went well since the onset: where all fail, the time is what sets them apart."""
    return any(not request.failed and observed.since.holds(request.at) for request in one.requests)


def enough(one: Requests) -> bool:
    """True when enough requests of both outcomes were recorded to compare them."""
    failing = sum(request.failed for request in one.requests)
    return failing >= MIN_FAILING and len(one.requests) - failing >= MIN_HEALTHY


def outcomes(one: Requests) -> tuple[Group, Group]:
    """The failing requests of a route, and the others."""
    failing = [request for request in one.requests if request.failed]
    healthy = [request for request in one.requests if not request.failed]
    return _group(failing), _group(healthy)


def _group(requests: list[Request]) -> Group:
    return Group(len(requests), Counter(feature for request in requests for feature in request.features))


def _best(one: Requests) -> Apart | None:
    sick, well = outcomes(one)
    distinct = _distinct(one.requests)
    best: tuple[float, bool, int, str] | None = None
    for feature in sick.having.keys() | well.having.keys():
        share, usual = sick.share(feature), well.share(feature)
        many = _is_value(feature) and distinct[_path(feature)] > FEW
        if many and sick.having[feature] < MIN_FAILING:
            continue
        positive, negative = (share - usual, feature), (usual - share, f"not {feature}")
        for gain, name in (positive,) if _is_value(feature) or _is_of_call(feature) else (positive, negative):
            # Of equal ones a value tells most, then the shortest name; both do not depend on the order of the rest.
            ranked = (round(gain, 6), _is_value(feature), -len(name), name)
            if gain >= SURE and (best is None or ranked > best):
                best = ranked
    if best is None:
        return None
    name = best[3]
    plain = name.removeprefix("not ")
    share, usual = sick.share(plain), well.share(plain)
    inverse = plain != name
    return Apart(
        service=one.service,
        route=one.route,
        feature=name,
        failing=1 - share if inverse else share,
        healthy=1 - usual if inverse else usual,
        one_record=_is_value(plain) and distinct[_path(plain)] > FEW,
    )


def _distinct(requests: tuple[Request, ...]) -> Counter[str]:
    """Number of distinct values of each path."""
    values = {feature for request in requests for feature in request.features if _is_value(feature)}
    return Counter(_path(feature) for feature in values)


def _is_of_call(feature: str) -> bool:
    """True for what a call tells: a request that failed makes no more calls, so a lack of them says nothing."""
    return feature.startswith(("call ", f"{features_of.ANSWER} "))


def _is_value(feature: str) -> bool:
    return "|value|" in feature


def _path(feature: str) -> str:
    return feature.partition("|")[0]


def told(route: str, feature: str, failing: float, healthy: float) -> Reason:
    """The reason that tells how many of the failing and of the healthy requests of a route have a feature."""
    return because(
        "set_apart", route=route, feature=feature[:200], failing=round(failing, 3), healthy=round(healthy, 3)
    )


def _scored(one: Apart) -> list[Score]:
    share = one.failing - one.healthy
    why = told(one.route, one.feature, one.failing, one.healthy)
    found = [
        Score(suspect=scores.service(one.service), strength=scores.strength(OF_SERVICE * share), why=why),
    ]
    if one.one_record:
        record = Suspect(kind="outside", name=f"record {one.feature[:120]}", service=one.service)
        found.append(Score(suspect=record, strength=scores.strength(share), why=why, explains=(one.service,)))
    return found
