"""Search for the smallest change of facts with which a policy decides otherwise, by asking the policy itself.

Each variation is one declared way in which the facts could have been different, in whole steps.  Nothing here
knows a threshold: the policy is run again on the changed facts until it answers something else.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from incident.decision import SCALE, Decision
from incident.value import Value

F = TypeVar("F", bound=Value)

SCANNED = 40
"""Steps up to which a range is walked step by step; in a longer one the answer is assumed to change once."""

AT_ONCE = 4
"""Most fields that are turned together when turning one alone allows nothing."""


@dataclass(frozen=True)
class Variation(Generic[F]):
    """One way in which the facts could have been different."""

    name: str
    range: Callable[[F], tuple[int, int]]
    """Steps that it can be turned down (not above 0) and up (not below 0) from these facts."""
    turn: Callable[[F, int], F]
    """Returns the facts with it turned by so many steps, within the range."""
    shown: Callable[[F], str]
    """Returns its value in the facts, in words."""


class Turn(Value):
    """One field of a counterfactual: its value, and the one that it would have had to be."""

    variation: str
    steps: int
    """Negative: downwards."""
    effort: int
    """Distance, in ten-thousandths of the variation's whole range."""
    before: str
    after: str


class Counterfactual(Value):
    """A change of facts, as small as it can be in each of its fields, and the decision on the changed facts."""

    turns: tuple[Turn, ...]
    verdict: str
    choice: str

    @property
    def effort(self) -> tuple[int, int]:
        """Order of counterfactuals: fewer fields first, then the shorter distance."""
        return len(self.turns), sum(turn.effort for turn in self.turns)


Decide = Callable[[F], Decision]
Turned = tuple[tuple[Variation[F], int], ...]


def find(decide: Decide[F], facts: F, variations: tuple[Variation[F], ...]) -> tuple[Counterfactual, ...]:
    """Return the counterfactuals, the smallest first.

    The least of each field, and where none of them allows what was not allowed, one that does: of one field turned
    further, or of several.
    """
    asked = _Asked(decide, facts)
    ways = tuple(
        (variation, direction * size)
        for variation in variations
        for direction, size in zip((-1, 1), map(abs, variation.range(facts)), strict=True)
        if size
    )
    found: list[Turned[F]] = [
        ((variation, steps),) for variation, most in ways if (steps := _least(asked, variation, most)) is not None
    ]
    if not any(asked.crosses(turned) for turned in found):
        further = next((turned for turned in _further(asked, ways) if asked.crosses(turned)), None)
        found += [_shrunk(asked, further)] if further is not None else []
    counterfactuals = (_flip(asked, turned) for turned in found)
    return tuple(
        sorted(
            counterfactuals,
            key=lambda counterfactual: (counterfactual.effort, tuple(turn.variation for turn in counterfactual.turns)),
        )
    )


def applied(facts: F, turned: Turned[F]) -> F:
    """Return the facts with several variations turned, one after the other."""
    for variation, steps in turned:
        facts = variation.turn(facts, steps)
    return facts


class _Asked(Generic[F]):
    """A policy, the facts it decided on, and its decision."""

    def __init__(self, decide: Decide[F], facts: F) -> None:
        self.decide, self.facts = decide, facts
        self._decided = decide(facts)
        self.was = answer(self._decided)

    def differs(self, turned: Turned[F]) -> bool:
        """True when it decides otherwise on the turned facts."""
        return answer(self.decide(applied(self.facts, turned))) != self.was

    def crosses(self, turned: Turned[F]) -> bool:
        """True when it decides otherwise, and goes to "allow" or away from it."""
        now = answer(self.decide(applied(self.facts, turned)))
        return now != self.was and "allow" in (self.was[0], now[0])

    def helps(self, turned: Turned[F]) -> bool:
        """True when fewer constraints are broken on the turned facts."""
        return _broken(self.decide(applied(self.facts, turned))) < _broken(self._decided)


def answer(decision: Decision) -> tuple[str, str]:
    """Return the verdict and the choice; a decision with another one of them is decided otherwise."""
    return decision.verdict.kind, decision.choice


def _broken(decision: Decision) -> int:
    return sum(not constraint.held for constraint in decision.constraints)


def _least(
    asked: _Asked[F], variation: Variation[F], most: int, beside: Turned[F] = (), *, crossing: bool = False
) -> int | None:
    """Return the fewest steps in the direction of `most` that change the answer, or None."""
    sign, size = (1, most) if most > 0 else (-1, -most)

    def differs(steps: int) -> bool:
        turned = (*beside, (variation, sign * steps))
        return asked.crosses(turned) if crossing else asked.differs(turned)

    if size <= SCANNED:
        return next((sign * steps for steps in range(1, size + 1) if differs(steps)), None)
    if not differs(size):
        return None
    # Bisection: each step asks the whole policy, and the longest ranges have thousands of steps.
    same, other = 0, size
    while other - same > 1:
        middle = (same + other) // 2
        same, other = (same, middle) if differs(middle) else (middle, other)
    return sign * other


def _further(asked: _Asked[F], ways: Turned[F]) -> Iterator[Turned[F]]:
    """Variations turned as far as they go: the fewest first, and first those that mend something alone."""
    # All ways together would be too many to ask; those that mend nothing alone are only tried in pairs.
    helpful = tuple(way for way in ways if asked.helps((way,)))
    for pool, most in ((helpful, AT_ONCE), (ways, 2)):
        for count in range(1, most + 1):
            for chosen in itertools.combinations(pool, count):
                # One variation cannot be turned both ways.
                if len({variation.name for variation, _ in chosen}) == count:
                    yield chosen


def _shrunk(asked: _Asked[F], turned: Turned[F]) -> Turned[F]:
    """Turn each variation back to the fewest steps that still change the answer beside the others."""
    for index, (variation, most) in enumerate(turned):
        beside = turned[:index] + turned[index + 1 :]
        steps = _least(asked, variation, most, beside, crossing=True)
        turned = (*turned[:index], (variation, most if steps is None else steps), *turned[index + 1 :])
    return turned


def _flip(asked: _Asked[F], turned: Turned[F]) -> Counterfactual:
    after = applied(asked.facts, turned)
    verdict, choice = answer(asked.decide(after))
    turns = tuple(
        Turn(
            variation=variation.name,
            steps=steps,
            effort=_effort(variation, asked.facts, steps),
            before=variation.shown(asked.facts),
            after=variation.shown(after),
        )
        for variation, steps in turned
    )
    return Counterfactual(turns=turns, verdict=verdict, choice=choice)


def _effort(variation: Variation[F], facts: F, steps: int) -> int:
    down, up = variation.range(facts)
    return abs(steps) * SCALE // max(1, up - down)
