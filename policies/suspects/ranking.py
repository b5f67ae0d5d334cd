"""One ranked list of suspects: services, changes, places and outside causes; or nobody.

Only computes, and opens nothing: who acts upon a suspect asks the gates.  Each suspect has its weight by
:mod:`policies.suspects.weighing`.  The stated confidence is its share in a sum of exponentials over all suspects and
`nobody`, who weighs as much as the abstention bound: ``exp(w / T)`` over the sum.  A change or a place of a service
lies in that service, so the service is as likely as all of them together, and what it weighs more is its own.  The
confidence is monotone in the weight.  Two constants, `TEMPERATURE` and `SUREST`, are what a calibration sets.

A change is convicted only when words, traffic or place speak for it beside time, a service only when something does
that its victims do not show; otherwise they are suspected at most.
What a person says moves weight, confidence and order.  Who is convicted or cleared, whether anybody stands out, and who
is told to the next diagnosis, is decided as if nobody had said anything.
"""

import math
from collections.abc import Collection, Mapping
from typing import Literal, NamedTuple

from pydantic import Field

from incident.decision import SCALE, Allow, Alternative, Factor, Hold, because
from incident.suspicion import Standing
from incident.value import Value
from policies.policy import Judgement, Policy
from policies.suspects import weighing
from policies.suspects.onset import Onset
from policies.suspects.quiet import Quiet
from policies.suspects.scores import Kind, Mechanism, Reading, Suspect

NAME = "suspects.rank"
VERSION = 2

TEMPERATURE = 4_000
"""Ten-thousandths of a nat that make one nat of the stated confidence, fitted (Guo et al. 2017)."""

SUREST = 9_600
"""Most that is ever stated, fitted: the rest is nobody's, since the cause may be one that no mechanism sees."""

CONVICTS = 9_000
"""Confidence from which a suspect is convicted: nine times as likely as everything else together, since a wrong change
costs more than several right ones bring."""

PLACE = 12_000
"""Weight of its own service as a place, in ten-thousandths of a nat, that speaks for a change beside its time."""

SPOKEN_OF = 6_000
"""Weight of its place that is enough where words or traffic speak for a change."""

NEAR = 5_000
"""Strength of the time that a change must have besides: a stale one is not convicted by its place."""

TEXTS: frozenset[Mechanism] = frozenset({"novelty", "mentions", "change_words", "outside_words", "apart"})
"""Mechanisms that read what a workload or its clients wrote: whoever sends a line or a request decides them.  No gate
opens for a conviction that needs them."""

NEARLY = 0.85
"""Part of its service's weight from which a convicted change explains that service's trouble."""

MOST = 10
"""Suspects that are listed, the first."""

INSIDE: tuple[Kind, ...] = ("change", "place")
"""Kinds of suspects that lie in their service; a record from outside only went through it."""

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
    firm: bool = Field(default=False, exclude_if=lambda firm: not firm)
    """True when it is convicted by what no workload wrote as well: texts and records are left out, and it still is."""
    moved: int = Field(default=0, exclude_if=lambda moved: moved == 0)
    """Places by which what people said moved it down the list; below zero: up."""
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
    whole = _weighed(facts, facts.readings)
    said = any(reading.mechanism == "person" for reading in facts.readings)
    unsaid = _weighed(facts, _without(facts.readings, {"person"})) if said else whole
    unwritten = _weighed(facts, _without(facts.readings, {"person", *TEXTS}))
    standing = {one: _standing(one, unsaid) for one in unsaid.told}
    listed = _ordered(unsaid, standing)
    first = listed[:MOST]
    ordered = _ordered(whole, {one: standing[one] for one in first})
    ranked = tuple(
        Ranked(
            suspect=one,
            weight=whole.weights[one],
            confidence=whole.confidences[one],
            standing=standing[one],
            firm=one in unwritten.told and {standing[one], _standing(one, unwritten)} == {"convicted"},
            moved=place - first.index(one),
            strengths=whole.told[one],
        )
        for place, one in enumerate(ordered)
    )
    result = Result(ranked=ranked, nobody=whole.nobody, bound=facts.quiet.bound, left_out=len(listed) - len(ranked))
    leads = bool(first) and unsaid.weights[first[0]] > unsaid.bound
    return _decision(result, ranked[0] if leads else None)


class _Weighed(NamedTuple):
    """The suspects as some of the readings weigh them."""

    told: weighing.Found
    weights: Mapping[Suspect, int]
    explains: weighing.Explained
    places: Mapping[str, int]
    confidences: Mapping[Suspect, int]
    nobody: int
    bound: int


def _weighed(facts: Facts, readings: tuple[Reading, ...]) -> _Weighed:
    told, explains = weighing.found(readings), weighing.explained(readings)
    below = {name: frozenset(names) for name, names in facts.below.items()}
    weights, places = weighing.weighed(told, explains, below, facts.service)
    return _Weighed(told, weights, explains, places, *confidences(weights, facts.quiet.bound), facts.quiet.bound)


def _without(readings: tuple[Reading, ...], mechanisms: Collection[Mechanism]) -> tuple[Reading, ...]:
    """The readings without those of some mechanisms."""
    return tuple(reading for reading in readings if reading.mechanism not in mechanisms)


def confidences(weights: Mapping[Suspect, int], bound: int) -> tuple[dict[Suspect, int], int]:
    """Confidence of each suspect, and that it is nobody, in ten-thousandths, from their weights."""
    highest = max((bound, *weights.values()))
    alone = {one: math.exp((weight - highest) / TEMPERATURE) for one, weight in weights.items()}
    inside: dict[str, float] = {}
    for one, part in alone.items():
        if one.kind in INSIDE and one.service:
            inside[one.service] = inside.get(one.service, 0.0) + part
    whole_of = {
        one: max(part, inside.get(one.name, 0.0)) if one.kind == "service" else part for one, part in alone.items()
    }
    accused = {one.name for one in alone if one.kind == "service"}
    nobody = math.exp((bound - highest) / TEMPERATURE)
    # What lies in a service that is a suspect itself is counted there.
    whole = nobody + math.fsum(
        part for one, part in whole_of.items() if one.kind not in INSIDE or one.service not in accused
    )
    sure = {one: round(SUREST * part / whole) for one, part in whole_of.items()}
    return sure, SCALE - SUREST + round(SUREST * nobody / whole)


def _ordered(seen: _Weighed, standing: Mapping[Suspect, Standing]) -> list[Suspect]:
    """These suspects, the heaviest first; a convicted change stands before the service whose trouble it explains."""
    services = {one.name: weight for one, weight in seen.weights.items() if one.kind == "service"}

    def rank(one: Suspect) -> tuple[int, bool, str, str, str, float]:
        weight, of_service = seen.weights[one], services.get(one.service, 0)
        explains = one.kind == "change" and standing[one] == "convicted" and weight >= NEARLY * of_service
        placed = max(weight, of_service) if explains else weight
        return -placed, one.kind != "change", one.kind, one.service, one.name, one.at or 0.0

    return sorted(standing, key=rank)


def _standing(one: Suspect, seen: _Weighed) -> Standing:
    strengths = seen.told[one]
    time, words = strengths.get("change_time", 0), strengths.get("change_words", 0)
    if time == -SCALE or strengths.get("change_traffic", 0) < 0 or (time < 0 and words < weighing.SPOKEN):
        return "cleared"
    # Whoever can write a log line can write the words of an old change: its delay keeps it from being convicted.
    if time < 0 or seen.weights[one] <= seen.bound or seen.confidences[one] < CONVICTS:
        return "suspected"
    if one.kind == "service":
        return "convicted" if strengths.keys() - weighing.OF_VICTIMS else "suspected"
    if one.kind != "change":
        return "convicted"
    place = weighing.place(one, seen.places, seen.explains)
    spoken = words >= weighing.SPOKEN or strengths.get("change_traffic", 0) > 0
    return "convicted" if (spoken and place >= SPOKEN_OF) or (time > NEAR and place >= PLACE) else "suspected"


def _decision(result: Result, first: Ranked | None) -> Judgement[Choice, Result]:
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
