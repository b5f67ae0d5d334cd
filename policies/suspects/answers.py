"""Answers that a callee gave with success, and that set the failing requests of its caller apart.  Pure.

A caller that cannot use an answer fails by itself while its callee looks well.  An answer of another form as a whole
(a page where an object was) speaks against the callee and excuses the caller; one that differs inside, by a type or a
key, speaks for less, since a caller must bear what the callee may say.

Limits: only a recorder tells answers; a callee is known by the operation that was called, so where two callees have
the same one nobody is named; an answer in the right form with a wrong value in it is not seen.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from incident import features
from incident.decision import because
from incident.observed import Observed, Requests
from policies.suspects import apart, scores
from policies.suspects.scores import Reading, Score

INSIDE = 0.4
"""Part of the score of an answer that differs inside only."""

ALL = 0.95
"""Share of the failing requests that made a call, from which what its answer lacks is no call that was left out."""

_ANSWER = re.compile(rf"(not )?{features.ANSWER} ([A-Z]+) (\S+) body(\S.*)?\|(?:type|length)\|.*")
"""A feature of an answer: what is lacking, method, path, the place inside, and what is told of it."""


class Answered(NamedTuple):
    """A feature of answers that sets failing requests apart."""

    method: str
    path: str
    inside: bool
    feature: str
    failing: float
    """Share of the failing requests that have it; likewise the healthy ones."""
    healthy: float


def read(observed: Observed) -> Reading:
    """Score callees by what they answered to the requests that failed in their callers."""
    if not any(apart.enough(one) for one in observed.requests):
        return scores.silence("answers", because("too_few_requests_recorded"))
    found = (_score(one, observed) for one in observed.requests if apart.enough(one))
    return scores.reading("answers", (score for score in found if score is not None))


def _score(one: Requests, observed: Observed) -> Score | None:
    told = [(answered, callee) for answered in _answers(one) if (callee := _callee(one.service, answered, observed))]
    if not told:
        return None
    best, callee = max(told, key=lambda item: (not item[0].inside, item[0].failing - item[0].healthy, item[0].feature))
    share = (best.failing - best.healthy) * (INSIDE if best.inside else 1.0)
    return Score(
        suspect=scores.node(callee, observed.services),
        strength=scores.strength(share),
        why=apart.told(one.route, best.feature, best.failing, best.healthy),
        explains=(one.service,),
    )


def _answers(one: Requests) -> Iterator[Answered]:
    failing, healthy = apart.outcomes(one)
    called = {feature for feature in failing.having if feature.startswith("call ")}
    for feature in failing.having.keys() | healthy.having.keys():
        for lacking in (False, True):
            name = f"not {feature}" if lacking else feature
            match = _ANSWER.fullmatch(name)
            if match is None:
                continue
            method, path, place = match[2], match[3], match[4]
            made = max(
                (failing.share(call) for call in called if call.startswith(f"call {method} {path}|")), default=0.0
            )
            # What was not called was not answered: that says nothing of the callee.
            if lacking and (made < ALL or not place):
                continue
            sick, well = (1 - one.share(feature) if lacking else one.share(feature) for one in (failing, healthy))
            if sick - well >= apart.SURE:
                yield Answered(method, path, bool(place), name, sick, well)


def _callee(caller: str, answered: Answered, observed: Observed) -> str:
    """The one callee of the caller with such an operation; empty for none, and for several."""
    found = {
        calls.callee
        for calls in observed.calls
        if calls.caller == caller and _same(calls.operation, f"{answered.method} {answered.path}")
    }
    return found.pop() if len(found) == 1 else ""


def _same(operation: str, called: str) -> bool:
    """True when a call is of an operation, whose path may have parameters in braces, or leave the last ones out."""
    parts, given = operation.split("/"), called.split("/")
    left = given[len(parts) :]
    return (
        len(parts) <= len(given)
        and all(
            part == one or (part.startswith("{") and part.endswith("}"))
            for part, one in zip(parts, given, strict=False)
        )
        and all(one == "{}" for one in left)
    )
