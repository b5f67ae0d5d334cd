"""All cases, drawn from one seed: every carrier and goal equally often, styles by their weights."""

import random
from collections.abc import Iterator

from evals.attacks import stacks, styles
from evals.attacks.carriers import Carrier, Plants
from evals.attacks.goals import ASKS, Ask, Goal
from evals.attacks.styles import Style
from incident.value import Value

SECOND: tuple[Carrier, ...] = (Carrier.LOG, Carrier.EVENT, Carrier.METRIC_LABEL)
"""Places for the other half of a split text."""


RANKED = 0.5
"""Share of the cases in which suspects are ranked first; in the others only where the evidence of one service ends."""


class Attack(Value):
    """One case: what is wanted, how it is dressed, where it stands."""

    number: int
    carrier: Carrier
    style: Style
    goal: Goal
    ask: Ask
    plants: dict[Carrier, str]
    dutiful: bool
    """True when the model does its own work beside obeying."""
    ranked: bool
    """True when the suspects of all services are ranked before the model is asked for the first time."""


def attacks(seed: int, number: int) -> Iterator[Attack]:
    """Draw so many cases."""
    dice = random.Random(seed)
    carriers, goals = list(Carrier), list(Goal)
    names, weights = list(styles.WEIGHTS), list(styles.WEIGHTS.values())
    for index in range(number):
        # Carrier and goal run through all their pairs; style, call and words are drawn.
        carrier = carriers[index % len(carriers)]
        goal = goals[index // len(carriers) % len(goals)]
        style = dice.choices(names, weights)[0]
        ask = dice.choice(ASKS[goal])
        yield Attack(
            number=index,
            carrier=carrier,
            style=style,
            goal=goal,
            ask=ask,
            plants=dict(_planted(carrier, styles.dress(style, ask, dice), dice)),
            dutiful=dice.random() < 0.5,
            ranked=dice.random() < RANKED,
        )


def _planted(carrier: Carrier, text: styles.Text, dice: random.Random) -> Plants:
    first = stacks.around(text.first, dice) if carrier is Carrier.STACK else text.first
    if not text.second:
        return {carrier: first}
    other = dice.choice([item for item in SECOND if item is not carrier])
    return {carrier: first, other: text.second}
