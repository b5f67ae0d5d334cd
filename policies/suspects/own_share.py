"""Own share of the extra: added time and lost successes of each node, minus what its callees account for.  Pure.

Time: requests since the onset times the time that the node itself adds to each, above its healthy mean.  Failures:
requests that a node fails by itself, in which none of its own calls failed, above its healthy rate.  A call that
ran out of the caller's patience while the callee took no longer than usual is the caller's own failure; where the
callee was slower, it is the callee's.  Of each the share of a node in the sum over all nodes is its score.

Limits: a node that answers nonsense with success fails nothing by itself, its caller does; a failure that a caller
hides is not counted; what no span tells of is the callee's.
"""

import math
from collections.abc import Mapping
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

DOUBT_MS = 2.0
"""Milliseconds per call that are added to the sum of the time, for the same reason."""


class Own(NamedTuple):
    """Failures that a node made by itself, out of so many calls."""

    calls: int = 0
    failed: int = 0


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
    whole = sum(added.values()) + DOUBT_MS * calls
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
    usual = _usual(observed)
    for calls in observed.calls:
        for index, stretch in enumerate((observed.healthy, observed.since)):
            part = robust.inside(calls.at, stretch)
            blamed = _blamed(calls, part, usual.get((calls.callee, calls.operation), math.inf))
            for name, own in blamed.items():
                old = found[index].get(name, Own())
                found[index][name] = Own(old.calls + own.calls, old.failed + own.failed)
    return found


def _blamed(calls: Calls, part: slice, usual: float) -> dict[str, Own]:
    """Own failures of the callee, and of the caller where it lost its patience."""
    callee, impatient = 0, 0
    for failed, badly, below, inside in zip(
        calls.failed[part], calls.answered_badly[part], calls.failed_below[part], calls.callee_ms[part], strict=True
    ):
        if (badly and not below) or (failed and not badly and inside is None):
            callee += 1
        elif failed and not badly and inside is not None:
            callee, impatient = (callee + 1, impatient) if inside > usual else (callee, impatient + 1)
    counted = part.stop - part.start
    blamed = {calls.callee: Own(counted, callee)}
    if calls.caller and impatient:
        blamed[calls.caller] = Own(0, impatient)
    return blamed


def _usual(observed: Observed) -> dict[tuple[str, str], float]:
    """Healthy 95 % of the callee's time, by callee and operation."""
    times: dict[tuple[str, str], list[float]] = {}
    for calls in observed.calls:
        told = calls.callee_ms[robust.inside(calls.at, observed.healthy)]
        times.setdefault((calls.callee, calls.operation), []).extend(time for time in told if time is not None)
    return {
        key: robust.quantile(sorted(many), own_time.HEALTHY_SHARE) * 1.05 + own_time.FLOOR_MS
        for key, many in times.items()
        if many
    }
