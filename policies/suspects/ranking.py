"""One ranked list of suspects: services, changes, places and outside causes; or nobody.

Only computes, and opens nothing: who acts upon a suspect asks the gates.  Each suspect has its weight by
:mod:`policies.suspects.weighing`.  The stated confidence is its share in a sum of exponentials over all suspects and
`nobody`, who weighs as much as the abstention bound: ``exp(w / T)`` over the sum.  A change or a place of a service
lies in that service, so the service is as likely as all of them together, and what it weighs more is its own.  The
confidence is monotone in the weight and never says more than the margin over the next and over chance allows;
`TEMPERATURE` alone scales it, and is what a calibration sets.

A change is convicted only when words, traffic or place speak for it beside time; otherwise it is suspected at most.
"""

import math
from collections.abc import Mapping
from typing import Literal

from incident.decision import SCALE, Allow, Alternative, Factor, Hold, because
from incident.value import Value
from policies.policy import Judgement, Policy
from policies.suspects import weighing
from policies.suspects.onset import Onset
from policies.suspects.quiet import Quiet
from policies.suspects.scores import Mechanism, Reading, Suspect

NAME = "suspects.rank"
VERSION = 1

TEMPERATURE = 10_000
"""Ten-thousandths of a nat that make one nat of the stated confidence: mechanisms are believed as they are weighted."""

CONVICTS = 5_000
"""Confidence from which a suspect is convicted: a wrong conviction costs more than two right ones bring, so it must
be likelier than everything else together."""

PLACE = 12_000
"""Weight of its own service as a place, in ten-thousandths of a nat, that speaks for a change beside its time."""

NEAR = 5_000
"""Strength of the time that a change must have besides: a stale one is not convicted by its place."""

MOST = 10
"""Suspects that are listed, the first."""

Standing = Literal["convicted", "suspected", "cleared"]
"""`cleared`: its time or traffic speaks for its innocence, whatever else it weighs."""

Choice = Literal["somebody", "nobody"]


class Facts(Value):
    """Readings of the mechanisms, who is below whom, and what healthy time reaches by itself."""

    service: str
    """The alert's own service."""
    onset: Onset
    readings: tuple[Reading, ...]
    below: dict[str, tuple[str, ...]] = {}
    """Everything that each caller reaches, by traced calls."""
    quiet: Quiet


class Ranked(Value):
    """One suspect with its weight, its confidence, its standing, and the strength of each mechanism."""

    suspect: Suspect
    weight: int
    """In ten-thousandths of a nat."""
    confidence: int
    """In ten-thousandths."""
    standing: Standing
    strengths: dict[Mechanism, int]


class Result(Value):
    """The list, the heaviest first, and how likely nobody of them is the cause."""

    ranked: tuple[Ranked, ...]
    nobody: int
    """Confidence that none of them is the cause, in ten-thousandths."""
    bound: int
    """Weight that a suspect must reach, in ten-thousandths of a nat."""
    left_out: int = 0
    """Suspects that are not listed."""


def rank(facts: Facts) -> Judgement[Choice, Result]:
    """Choose `somebody` when the first suspect clears the abstention bound."""
    told = weighing.found(facts.readings)
    below = {name: frozenset(names) for name, names in facts.below.items()}
    explains = weighing.explained(facts.readings)
    weights = weighing.totals(told, explains, below, facts.service)
    ordered = sorted(told, key=lambda one: (-weights[one], one.kind, one.service, one.name, one.at or 0.0))
    shares, nobody = confidences(weights, facts.quiet.bound)
    places = weighing.places(told, explains, below, facts.service)
    ranked = tuple(
        Ranked(
            suspect=one,
            weight=weights[one],
            confidence=shares[one],
            standing=_standing(
                one, told[one], shares[one], places.get(one.service, 0), clear=weights[one] > facts.quiet.bound
            ),
            strengths=told[one],
        )
        for one in ordered[:MOST]
    )
    result = Result(ranked=ranked, nobody=nobody, bound=facts.quiet.bound, left_out=max(0, len(ordered) - len(ranked)))
    return _decision(result)


def confidences(weights: Mapping[Suspect, int], bound: int) -> tuple[dict[Suspect, int], int]:
    """Confidence of each suspect, and that it is nobody, in ten-thousandths, from their weights."""
    highest = max((bound, *weights.values()))
    alone = {one: math.exp((weight - highest) / TEMPERATURE) for one, weight in weights.items()}
    inside: dict[str, float] = {}
    for one, part in alone.items():
        if one.kind != "service" and one.service:
            inside[one.service] = inside.get(one.service, 0.0) + part
    whole_of = {
        one: max(part, inside.get(one.name, 0.0)) if one.kind == "service" else part for one, part in alone.items()
    }
    accused = {one.name for one in alone if one.kind == "service"}
    nobody = math.exp((bound - highest) / TEMPERATURE)
    # What lies in a service that is a suspect itself is counted there.
    whole = nobody + math.fsum(
        part for one, part in whole_of.items() if one.kind == "service" or one.service not in accused
    )
    return {one: round(SCALE * part / whole) for one, part in whole_of.items()}, round(SCALE * nobody / whole)


def _standing(
    one: Suspect, strengths: Mapping[Mechanism, int], confidence: int, place: int, *, clear: bool
) -> Standing:
    time, words = strengths.get("change_time", 0), strengths.get("change_words", 0)
    if time == -SCALE or strengths.get("change_traffic", 0) < 0 or (time < 0 and words < weighing.SPOKEN):
        return "cleared"
    # Whoever can write a log line can write the words of an old change: its delay keeps it from being convicted.
    if time < 0 or not clear or confidence < CONVICTS:
        return "suspected"
    if one.kind != "change":
        return "convicted"
    near = time >= NEAR
    spoken = words >= weighing.SPOKEN or strengths.get("change_traffic", 0) > 0
    return "convicted" if spoken or (near and place >= PLACE) else "suspected"


def _decision(result: Result) -> Judgement[Choice, Result]:
    first = result.ranked[0] if result.ranked and result.ranked[0].weight > result.bound else None
    reason = (
        because("first_suspect", kind=first.suspect.kind, name=first.suspect.name, confidence=first.confidence)
        if first
        else because("nobody_stands_out", bound=result.bound)
    )
    return Judgement[Choice, Result](
        policy=NAME,
        version=VERSION,
        verdict=Allow(reason=reason) if first else Hold(reason=reason),
        choice="somebody" if first else "nobody",
        factors=_factors(first),
        alternatives=tuple(
            Alternative(
                name=f"{one.suspect.kind} {one.suspect.name}",
                why_not=because("weighs_less", weight=one.weight, confidence=one.confidence, standing=one.standing),
            )
            for one in result.ranked
            if one is not first
        ),
        result=result,
    )


def _factors(first: Ranked | None) -> tuple[Factor, ...]:
    if first is None:
        return ()
    return tuple(
        Factor(
            name=mechanism,
            value=strength,
            weight=min(SCALE, weighing.WEIGHTS[mechanism] // 10),
            contribution=strength * min(SCALE, weighing.WEIGHTS[mechanism] // 10) // SCALE,
        )
        for mechanism, strength in first.strengths.items()
        if strength > 0
    )


POLICY = Policy(NAME, VERSION, Facts, Result, rank)
