"""Cases: one world each, ranked and judged against its truth, with the variants of how it is told."""

import time
from typing import NamedTuple

from evals.bench.diagnosis import baseline, hiding
from evals.bench.diagnosis.grammar import worlds
from evals.bench.diagnosis.grammar.messages import LANGUAGES
from evals.bench.diagnosis.grammar.worlds import World
from evals.bench.diagnosis.kinds import registry
from evals.bench.diagnosis.truth import Reading, Truth
from incident.observed import Observed
from incident.value import Value
from policies.suspects import asking, ranking


class Drawn(NamedTuple):
    """World to be drawn, by seed and kind, with its variants or without."""

    seed: int
    kind: str
    variants: bool


class Case(Value):
    """One world, as it was ranked."""

    seed: int
    kind: str
    services: int
    place: int
    """Place of the first right suspect in the list, from 1; 0 when none of the listed is right."""
    first: Reading | None
    """Part that the first suspect has in it; None for an empty list."""
    first_sort: str = ""
    """Kind of the first suspect."""
    confidence: float
    """Stated confidence of the first suspect, 0 to 1."""
    nobody: bool
    """The ranking says that nobody stands out."""
    wrong: int
    """Innocent suspects that were convicted."""
    baseline: Reading | None
    english: bool | None = None
    """The first suspect is right with messages in English; None where that was not tried.  Likewise the others."""
    other_language: bool | None = None
    no_messages: bool | None = None
    hidden_asserted: bool | None = None
    """Somebody innocent was convicted when the cause's own evidence was taken away; None where that was not tried."""
    cpu_seconds: float
    """Seconds of processor time that one ranking took, from the observation on."""


def judge(drawn: Drawn) -> Case:
    """Draw, rank and judge one world.  Raises Barren."""
    kind = registry.named(drawn.kind)
    world = worlds.draw(drawn.seed, kind.name, kind.plant)
    started = time.process_time()
    judgement = ranking.rank(asking.facts(world.observed))
    took = time.process_time() - started
    named = baseline.suspect(world.observed)
    told = _told(judgement.result, world.truth)
    return Case(
        seed=drawn.seed,
        kind=drawn.kind,
        services=len(world.observed.services),
        place=next((index for index, part in enumerate(told, start=1) if part == "right"), 0),
        first=told[0] if told else None,
        first_sort=judgement.result.ranked[0].suspect.kind if told else "",
        confidence=judgement.result.ranked[0].confidence / 10_000 if told else 0.0,
        nobody=judgement.choice == "nobody",
        wrong=_wrong(judgement.result, world.truth),
        baseline=None if named is None else world.truth.of(named),
        cpu_seconds=round(took, 3),
        **(_variants(world) if drawn.variants and world.truth.right else {}),
    )


def _told(result: ranking.Result, truth: Truth) -> list[Reading]:
    return [truth.of(one.suspect) for one in result.ranked]


def _wrong(result: ranking.Result, truth: Truth) -> int:
    return sum(one.standing == "convicted" and truth.of(one.suspect) == "innocent" for one in result.ranked)


def _variants(world: World) -> dict[str, bool]:
    hard = world.scene.difficulties
    language = 1 + world.scene.seed % (len(LANGUAGES) - 1)
    found = {
        name: _first_right(worlds.retold(world, hard.model_copy(update=told)))
        for name, told in (
            ("english", {"language": 0, "messages": True}),
            ("other_language", {"language": language, "messages": True}),
            ("no_messages", {"messages": False}),
        )
    }
    hidden = [world.scene.names[name] for name in world.scene.plan.hides]
    if hidden and world.observed.service not in hidden:
        seen = _ranked(hiding.without(world.observed, hidden))
        found["hidden_asserted"] = _wrong(seen, world.truth) > 0
    return found


def _first_right(world: World) -> bool:
    return _told(_ranked(world.observed), world.truth)[:1] == ["right"]


def _ranked(observed: Observed) -> ranking.Result:
    return ranking.rank(asking.facts(observed)).result
