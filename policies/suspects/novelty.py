"""Novelty of log lines per request: kinds of lines that came, grew or vanished since the onset.  Pure.

Counts per request follow a Gamma mixture of Poissons, which is a negative binomial (Greenwood and Yule 1920): after
`before` lines the count of `since` has the mean ``m = (before + 1/2) * since requests / requests before`` and the
shape ``r = min(before + 1/2, SHAPE)``.  The surprise of a count ``c`` is the exponent of the Chernoff bound of its tail
(Chernoff 1952), ``c ln(c/m) - (c + r) ln((c + r)/(m + r))``: at most ``-ln`` of the probability, for both tails.
No level, language or stack is needed.

Limits: a line that names a failing callee is new in the caller too, which the ranking makes up for by traced calls;
a store that tells too few lines of healthy time makes old lines look new, so the counts are asked per stretch.
"""

import math
from collections import Counter

from incident.decision import SCALE, because
from incident.observed import Logged, Observed
from policies.suspects import amounts, robust, scores
from policies.suspects.amounts import Amount
from policies.suspects.scores import Reading, Score, Suspect

SHAPE = 10.0
"""Largest shape: counts of a busy line vary by a third from one stretch to the next without any trouble."""

FULL = 12.0
"""Nats of surprise from which one line says all that a line can say."""

BEST = 3
"""Kinds of lines of one service that count: a stack trace is many lines, and no more evidence than one."""

LEAST = 3
"""Lines below which a kind that is new says nothing."""


def read(observed: Observed) -> Reading:
    """Score services and places by what is new in their logs."""
    if not observed.logged:
        return scores.silence("novelty", because("no_lines_counted"))
    found = surprises(observed)
    by_suspect: dict[Suspect, list[tuple[float, Logged]]] = {}
    for surprise, one in found:
        by_suspect.setdefault(scores.service(one.service), []).append((surprise, one))
        if one.what == "place":
            place = Suspect(kind="place", name=one.text, service=one.service)
            by_suspect.setdefault(place, []).append((surprise, one))
    return scores.reading("novelty", (_score(suspect, told) for suspect, told in by_suspect.items()))


def kinds(observed: Observed) -> tuple[Logged, ...]:
    """Kinds of lines of each service, whichever version wrote them: a new version says the usual lines, too."""
    found: dict[tuple[str, str, str], list[Logged]] = {}
    for one in observed.logged:
        found.setdefault((one.service, one.what, one.text), []).append(one)
    return tuple(told[0] if len(told) == 1 else _together(told) for told in found.values())


def _together(told: list[Logged]) -> Logged:
    counts: Counter[float] = Counter()
    for one in told:
        counts.update(dict(zip(one.at, one.count, strict=True)))
    at, count = zip(*sorted(counts.items()), strict=True)
    first = min(told, key=lambda one: one.first)
    return first.model_copy(update={"version": "", "at": at, "count": count})


def surprises(observed: Observed) -> list[tuple[float, Logged]]:
    """Kinds of lines that changed, with their surprise in nats after correction for the number of kinds."""
    exposed, lines = amounts.of(observed), kinds(observed)
    number = Counter(one.service for one in lines)
    found: list[tuple[float, Logged]] = []
    for one in lines:
        amount = exposed.get(one.service)
        if amount is None or amount.before <= 0 or amount.since <= 0:
            continue
        # Of a thousand kinds of lines some surprise by chance: Bonferroni, in nats.
        told = surprise(one, observed, amount) - math.log(number[one.service])
        if told > 0:
            found.append((told, one))
    return found


def surprise(one: Logged, observed: Observed, amount: Amount) -> float:
    """Nats of surprise about the count since the onset; 0.0 for as many as were to be expected, and for too few."""
    before = sum(one.count[robust.inside(one.at, observed.healthy)])
    since = sum(one.count[robust.inside(one.at, observed.since)])
    if max(before, since) < LEAST:
        return 0.0
    mean = (before + 0.5) * amount.since / amount.before
    return _exponent(since, mean, min(before + 0.5, SHAPE))


def _exponent(count: int, mean: float, shape: float) -> float:
    grown = count * math.log(count / mean) if count else 0.0
    return max(0.0, grown - (count + shape) * math.log((count + shape) / (mean + shape)))


def _score(suspect: Suspect, told: list[tuple[float, Logged]]) -> Score:
    best = sorted(told, key=lambda one: (-one[0], one[1].text))[:BEST]
    whole = sum(min(FULL, surprise) for surprise, _ in best)
    surprise, line = best[0]
    return Score(
        suspect=suspect,
        strength=round(SCALE * (1 - math.exp(-whole / FULL))),
        why=because("line_changed", line=line.text[:200], what=line.what, nats=round(surprise, 1), lines=len(told)),
    )
