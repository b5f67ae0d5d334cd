"""Own share of the extra: added time and lost successes of each node, minus what its callees account for.  Pure.

Time: requests since the onset times the time that the node itself adds to each, above its healthy mean.  Failures:
requests that a node fails by itself, in which none of its own calls failed, above its healthy rate.  A call that
ran out of the caller's patience while the callee took no longer than usual is the caller's own failure; where the
callee was slower, it is the callee's, unless that one only waited or lost a call itself.  Calls that nobody answered
are the callee's, unless it is well and all calls of one caller are lost: then it may be the caller that looks in the
wrong place, and each end gets half.  Of each the share of a node in the sum over all nodes is its score.

Limits: a node that answers nonsense with success fails nothing by itself, its caller does; a failure that a caller
hides is not counted; what no span tells of is the callee's.
"""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

from incident.decision import because
from incident.observed import Calls, Observed
from policies.suspects import own_time, robust, scores
from policies.suspects.own_time import Pair
from policies.suspects.scores import Reading, Score

LEAST = 12
"""Calls of an operation, before and since, below which its times say nothing."""

SURE = 3.0
"""Standard errors that an added mean, and a number of lost successes, must be away from nothing."""

DOUBT_CALLS = 5.0
"""Lost successes that are added to the sum, so that few of them never give a full share."""

DOUBT_MS, DOUBT_SHARE = 2.0, 0.1
"""Milliseconds per call that are added to the sum of the time, for the same reason; and part of a whole request of the
alert's service, where that is more: what nobody who asks would notice is no trouble."""

ALL = 0.95
"""Share of a caller's calls without an answer from which none was answered: one may have been on its way."""

ALIKE = 0.15
"""Part by which times differ that are one and the same patience."""

WAITED = 0.8
"""Part of a failing request from which it did nothing but wait."""

HALF = 0.5
"""Part of a call without an answer that is the callee's, where either end may be at fault."""

IDLE = 0.2
"""Share of its healthy requests per second up to which a service is hardly asked any more."""

LATE = 3.0
"""Steps of the samples after which a service that tells nothing is not known to be well."""


class Own(NamedTuple):
    """Failures that a node made by itself, out of so many calls."""

    calls: int = 0
    failed: float = 0


def read(observed: Observed) -> tuple[Reading, Reading]:
    """Score nodes by their share of the added time, and by their share of the lost successes."""
    if not observed.calls:
        nothing = because("no_calls_traced")
        return scores.silence("own_share_of_time", nothing), scores.silence("own_share_of_failures", nothing)
    return _of_time(observed), _of_failures(observed)


def _of_time(observed: Observed) -> Reading:
    added: dict[str, float] = {}
    calls = 0
    by_node: dict[tuple[str, str], list[Calls]] = {}
    for one in observed.calls:
        by_node.setdefault((one.callee, one.operation), []).append(one)
    for (callee, _), many in by_node.items():
        pair = own_time.pooled(observed, many, own_time.own)
        calls = max(calls, len(pair.since))
        added[callee] = added.get(callee, 0.0) + _added(pair)
        waits = own_time.pooled(observed, many, own_time.waited)
        added[callee] += _added(waits)
    whole = sum(added.values()) + max(DOUBT_MS, DOUBT_SHARE * _whole_request(observed)) * calls
    return scores.reading(
        "own_share_of_time",
        (
            Score(
                suspect=scores.node(name, observed.services),
                strength=scores.strength(extra / whole),
                why=because("adds_time", share=round(extra / whole, 3), seconds=round(extra / 1000, 3)),
            )
            for name, extra in added.items()
            if extra > 0
        ),
    )


def _whole_request(observed: Observed) -> float:
    """Milliseconds that a healthy request of the alert's service takes on average; 0.0 where none was traced."""
    told = [
        took
        for one in observed.calls
        if one.callee == observed.service
        for took in one.took_ms[robust.inside(one.at, observed.healthy)]
    ]
    return math.fsum(told) / len(told) if told else 0.0


def _added(pair: Pair) -> float:
    """Milliseconds that all calls since the onset took longer than healthy ones; 0.0 where that may be chance."""
    before, since = len(pair.before), len(pair.since)
    if min(before, since) < LEAST:
        return 0.0
    usual, now = math.fsum(pair.before) / before, math.fsum(pair.since) / since
    variance = _variance(pair.before, usual) / before + _variance(pair.since, now) / since
    return since * (now - usual) if now - usual > SURE * math.sqrt(variance) else 0.0


def _variance(values: list[float], mean: float) -> float:
    return math.fsum((value - mean) ** 2 for value in values) / max(1, len(values) - 1)


def _of_failures(observed: Observed) -> Reading:
    before, since = _failures(observed)
    lost = {name: _lost(before.get(name, Own()), own) for name, own in since.items()}
    whole = sum(lost.values()) + DOUBT_CALLS
    return scores.reading(
        "own_share_of_failures",
        (
            Score(
                suspect=scores.node(name, observed.services),
                strength=scores.strength(extra / whole),
                why=because("loses_calls", share=round(extra / whole, 3), lost=round(extra), calls=since[name].calls),
            )
            for name, extra in lost.items()
            if extra > 0
        ),
    )


def _lost(before: Own, since: Own) -> float:
    """Successes lost since the onset beyond the healthy rate; 0.0 where that may be chance."""
    # Without healthy calls the rate is half a failure in two calls less than all that were seen since.
    rate = (before.failed + 0.5) / (before.calls + 1) if before.calls else 0.5 / (since.calls + 1)
    expected = rate * since.calls
    extra = since.failed - expected
    return extra if extra > SURE * math.sqrt(expected + 1) else 0.0


def _failures(observed: Observed) -> tuple[Mapping[str, Own], Mapping[str, Own]]:
    found: tuple[dict[str, Own], dict[str, Own]] = ({}, {})
    usual, waits, unreached = _usual(observed, _inside), _usual(observed, _below), _unreached(observed)
    for calls in observed.calls:
        impatient = _impatient(calls, observed)
        for index, stretch in enumerate((observed.healthy, observed.since)):
            part = robust.inside(calls.at, stretch)
            blamed = _blamed(
                calls,
                part,
                usual.get((calls.callee, calls.operation), math.inf),
                waits.get((calls.callee, calls.operation), math.inf),
                0.0 if impatient else unreached.get((calls.caller, calls.callee), 1.0),
            )
            for name, own in blamed.items():
                old = found[index].get(name, Own())
                found[index][name] = Own(old.calls + own.calls, old.failed + own.failed)
    return found


def _impatient(calls: Calls, observed: Observed) -> bool:
    """True when the caller gives up on a callee without spans after a time that was usual before the onset.

    Such calls end after one and the same time, and none that is answered takes longer.
    """
    before, since = (robust.inside(calls.at, part) for part in (observed.healthy, observed.since))
    rows = tuple(zip(calls.took_ms[since], calls.failed[since], calls.callee_ms[since], strict=True))
    given_up = [took for took, failed, inside in rows if failed and inside is None]
    usual = [took for took, failed in zip(calls.took_ms[before], calls.failed[before], strict=True) if not failed]
    if not calls.caller or len(given_up) < LEAST or len(usual) < LEAST:
        return False
    after = robust.median(given_up)
    alike = sum(abs(took - after) <= ALIKE * after for took in given_up)
    answered = max((took for took, failed, _ in rows if not failed), default=0.0)
    return (
        alike >= ALL * len(given_up)
        and answered <= (1 + ALIKE) * after
        and robust.quantile(sorted(usual), 1 - own_time.HEALTHY_SHARE)
        < after
        < robust.quantile(sorted(usual), own_time.HEALTHY_SHARE)
    )


def _blamed(calls: Calls, part: slice, usual: float, waits: float, unanswered: float) -> dict[str, Own]:
    """Own failures of the callee, and of the caller where it lost its patience or looked in the wrong place.

    `usual` and `waits` are the times in milliseconds that the callee takes, and that it waits for its own callees, at
    most, usually; `unanswered` is the part of a call without an answer that is the callee's.
    """
    callee, caller = 0.0, 0.0
    for failed, badly, below, inside, waited in zip(
        calls.failed[part],
        calls.answered_badly[part],
        calls.failed_below[part],
        calls.callee_ms[part],
        calls.below_ms[part],
        strict=True,
    ):
        # It waited longer than ever, and then failed or was given up on: many libraries leave the status of its own call
        # unset, and whom it waited for shows by time.
        if not below and waited > waits and inside is not None and waited >= WAITED * inside:
            continue
        if badly and not below:
            callee += 1
        elif failed and not badly and inside is None:
            callee, caller = callee + unanswered, caller + 1 - unanswered
        elif failed and not badly and not below and inside is not None:
            callee, caller = (callee + 1, caller) if inside > usual else (callee, caller + 1)
    blamed = {calls.callee: Own(part.stop - part.start, callee)}
    if calls.caller and caller:
        blamed[calls.caller] = Own(0, caller)
    return blamed


def _unreached(observed: Observed) -> Mapping[tuple[str, str], float]:
    """Part that is the callee's of the calls that nobody answered, where it is not all: by caller and callee."""
    lost: dict[tuple[str, str], list[int]] = {}
    answered: set[str] = set()
    for calls in observed.calls:
        part = robust.inside(calls.at, observed.since)
        count = lost.setdefault((calls.caller, calls.callee), [0, 0])
        unanswered = [failed and inside is None for failed, inside in zip(calls.failed, calls.callee_ms, strict=True)]
        count[0] += part.stop - part.start
        count[1] += sum(unanswered[part])
        if not all(unanswered):
            answered.add(calls.callee)
    alone = {pair for pair, (made, gone) in lost.items() if pair[0] and made >= LEAST and gone >= ALL * made}
    well = {callee for (_, callee), (made, gone) in lost.items() if made - gone >= LEAST} | _idle(observed)
    found = {pair: HALF for pair in alone if pair[1] in well}
    # A host that answered nobody in all of the time is hardly one.
    return found | {pair: 0.0 for pair in alone if pair[1] not in answered and pair[1] not in observed.services}


def _idle(observed: Observed) -> frozenset[str]:
    """Services that tell of themselves up to the end, and are hardly asked any more."""
    late = observed.looked.end - LATE * observed.windows.step_seconds
    heard = {one.service for one in observed.heard if one.metrics is not None and one.metrics >= late}
    found: set[str] = set()
    for track in observed.tracks:
        if track.name == "requests" and not track.version and track.service in heard:
            before, since = (
                math.fsum(track.values[robust.inside(track.at, part)]) / max(part.seconds, 1.0)
                for part in (observed.healthy, observed.since)
            )
            if since < IDLE * before:
                found.add(track.service)
    return frozenset(found)


def _inside(calls: Calls) -> tuple[float | None, ...]:
    return calls.callee_ms


def _below(calls: Calls) -> tuple[float | None, ...]:
    return calls.below_ms


def _usual(observed: Observed, chosen: Callable[[Calls], tuple[float | None, ...]]) -> dict[tuple[str, str], float]:
    """Healthy 95 % of a time in the callee, by callee and operation."""
    times: dict[tuple[str, str], list[float]] = {}
    for calls in observed.calls:
        told = chosen(calls)[robust.inside(calls.at, observed.healthy)]
        times.setdefault((calls.callee, calls.operation), []).extend(time for time in told if time is not None)
    return {
        key: robust.quantile(sorted(many), own_time.HEALTHY_SHARE) * 1.05 + own_time.FLOOR_MS
        for key, many in times.items()
        if many
    }
