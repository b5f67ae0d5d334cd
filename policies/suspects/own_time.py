"""Own time: caller's time minus callee's, per node and operation, by the share of calls above the healthy 95 %.  Pure.

The time of a node is what its span took without the calls that it waited for; the time of a link is what the caller
waited longer than the callee worked.  Compared is the share of calls above the healthy 95th percentile, since a
median misses a delay that hits one call in ten.

Limits: clocks of two hosts do not matter, as durations only are subtracted; a queue in front of a service shows as
time of the link, and whose queue it is cannot be told from one caller; traces are a sample.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from incident.decision import because
from incident.observed import Calls, Observed
from policies.suspects import robust, scores
from policies.suspects.scores import Reading, Score

HEALTHY_SHARE = 0.95
"""Quantile of the healthy times that the others are compared with."""

LEAST = 12
"""Calls of one operation, before and since, below which nothing is compared."""

FLOOR_MS = 2.0
"""Added milliseconds that are noise of a scheduler, on top of a twentieth of the healthy time."""

DOUBTS = 2.0
"""Standard errors that are taken off the added share."""

OVERDISPERSION = 2.0
"""Factor of the binomial variance: slow calls come in bursts."""

OF_A_LINK = 0.6
"""Part of a slow link that is held against either end: whose queue it is cannot be told."""


class Pair(NamedTuple):
    """Times of one operation in milliseconds, before the onset and since."""

    before: list[float]
    since: list[float]


class Timed(NamedTuple):
    """Times of a node or of one of its links."""

    node: str
    where: str
    """Operation; of a link the other end."""
    link: bool
    pair: Pair


def read(observed: Observed) -> Reading:
    """Score nodes by the share of their calls that became slow."""
    if not observed.calls:
        return scores.silence("own_time", because("no_calls_traced"))
    best: dict[str, Score] = {}
    compared = False
    for one in _timed(observed):
        if min(len(one.pair.before), len(one.pair.since)) < LEAST:
            continue
        compared = True
        share = above(one.pair)
        score = Score(
            suspect=scores.node(one.node, observed.services),
            strength=scores.strength(share * (OF_A_LINK if one.link else 1.0)),
            why=because("calls_slower", where=one.where[:120], share=round(share, 3), calls=len(one.pair.since)),
        )
        if one.node not in best or score.strength > best[one.node].strength:
            best[one.node] = score
    if not compared:
        return scores.silence("own_time", because("too_few_calls"))
    return scores.reading("own_time", best.values())


def above(pair: Pair) -> float:
    """Share of the calls since the onset that are above the healthy 95 % and would not be by chance; 0 to 1."""
    ordered = sorted(pair.before)
    bound = robust.quantile(ordered, HEALTHY_SHARE)
    bound += max(FLOOR_MS, 0.05 * bound)
    healthy = sum(time > bound for time in pair.before) / len(pair.before)
    now = sum(time > bound for time in pair.since) / len(pair.since)
    pooled = (healthy * len(pair.before) + now * len(pair.since) + 1) / (len(pair.before) + len(pair.since) + 2)
    variance = OVERDISPERSION * pooled * (1 - pooled) * (1 / len(pair.before) + 1 / len(pair.since))
    return max(0.0, now - healthy - DOUBTS * math.sqrt(variance))


def _timed(observed: Observed) -> Iterator[Timed]:
    """Times of each node's operations, and of the links."""
    by_node: dict[tuple[str, str], list[Calls]] = {}
    callers: dict[str, set[str]] = {}
    for calls in observed.calls:
        by_node.setdefault((calls.callee, calls.operation), []).append(calls)
        if calls.caller:
            callers.setdefault(calls.callee, set()).add(calls.caller)
    for (callee, operation), many in by_node.items():
        yield Timed(callee, operation, link=False, pair=pooled(observed, many, own))
    for calls in observed.calls:
        if calls.caller:
            pair = pooled(observed, [calls], waited)
            yield Timed(calls.callee, calls.caller, link=True, pair=pair)
            # With several callers a slow link is the callee's when all are slow, and each shows it.
            if len(callers[calls.callee]) == 1:
                yield Timed(calls.caller, calls.callee, link=True, pair=pair)


def pooled(observed: Observed, many: Iterable[Calls], times: Callable[[Calls], tuple[float | None, ...]]) -> Pair:
    """Known times of several operations, before the onset and since."""
    pair = Pair([], [])
    for calls in many:
        told = times(calls)
        pair.before.extend(time for time in told[robust.inside(calls.at, observed.healthy)] if time is not None)
        pair.since.extend(time for time in told[robust.inside(calls.at, observed.since)] if time is not None)
    return pair


def own(calls: Calls) -> tuple[float | None, ...]:
    """Time in the callee itself; where no span tells of it, all that the caller waited."""
    return tuple(
        took if inside is None else inside - below
        for took, inside, below in zip(calls.took_ms, calls.callee_ms, calls.below_ms, strict=True)
    )


def waited(calls: Calls) -> tuple[float | None, ...]:
    """Time that the caller waited longer than the callee worked; None where no span of the callee was seen."""
    return tuple(
        None if inside is None else took - inside for took, inside in zip(calls.took_ms, calls.callee_ms, strict=True)
    )
