"""Points at which a process is killed, and their distribution over incidents.

Pure, but for the generator it is given.
"""

import random
from collections.abc import Sequence
from typing import Literal

from incident.value import Value

Moment = Literal[
    "opened",
    "node done",
    "inside writes",
    "inside checkpoint",
    "checkpoint kept",
    "intended",
    "before effect",
    "after effect",
    "concluded",
    "unchained",
]
"""The incident's row is on disk and nothing else; a node has run and nothing is kept; inside either transaction of its checkpoint; its checkpoint is on disk; an
intent is on disk and not journaled; the intent is journaled and the change not sent; the change is made and no
outcome written; the outcome is on disk and not journaled; a line is in the journal and not in the chain."""

Kind = Literal["node boundary", "intent to effect", "effect to outcome", "inside a checkpoint", "bookkeeping"]

NODES: tuple[tuple[str, float], ...] = (
    ("intake", 0),
    ("correlate", 1),
    ("claim", 2),
    ("gather", 3),
    ("diagnose", 4),
    ("search", 4.5),
    ("plan", 5),
    ("write_patch", 6),
    ("prove", 7),
    ("review", 8),
    ("assess", 9),
    ("gate", 10),
    ("lock", 11),
    ("canary", 12),
    ("observe", 12.3),
    ("verify", 14),
    ("close", 15),
)
"""The nodes of an incident that heals, and how far it has come there."""

KEYED: tuple[tuple[str, float], ...] = (
    ("commit", 12),
    ("deploy", 12.1),
    ("weights-10", 12.2),
    ("weights-50", 12.4),
    ("weights-100", 12.6),
    ("remove", 15),
)
"""Its effects, each with an intent and an outcome in the ledger."""

CLAIM = ("annotate", 11.0)
"""Raising the token at the resource.  It has neither: the larger token alone makes it idempotent."""

EVENTS: tuple[tuple[str, float], ...] = (("decided", 10), ("intended", 12.1), ("acted", 12.2), ("closed", 15))


class Point(Value):
    """One place to be killed at, the first time it is reached."""

    kind: Kind
    moment: Moment
    name: str
    """Of the node, the change, or the kind of record."""
    position: float
    """Progress of an incident at this point."""


def _points(kind: Kind, moments: Sequence[Moment], places: Sequence[tuple[str, float]]) -> tuple[Point, ...]:
    return tuple(
        Point(kind=kind, moment=moment, name=name, position=position) for moment in moments for name, position in places
    )


POINTS: dict[Kind, tuple[Point, ...]] = {
    "node boundary": _points("node boundary", ("node done", "checkpoint kept"), NODES),
    "intent to effect": _points("intent to effect", ("before effect",), KEYED),
    "effect to outcome": _points("effect to outcome", ("after effect",), KEYED),
    "inside a checkpoint": _points("inside a checkpoint", ("inside writes", "inside checkpoint"), NODES),
    "bookkeeping": (
        *_points("bookkeeping", ("opened",), (("row", -1),)),
        *_points("bookkeeping", ("intended", "concluded"), KEYED),
        *_points("bookkeeping", ("before effect", "after effect"), (CLAIM,)),
        *_points("bookkeeping", ("unchained",), EVENTS),
    ),
}


def deal(
    incidents: int, kills: int, rng: random.Random, kinds: Sequence[Kind] = tuple(POINTS)
) -> tuple[tuple[Point, ...], ...]:
    """So many points dealt to so many incidents, each incident's in the order in which it reaches them.

    The kinds take turns, and within a kind every point comes before one comes again.
    """
    stacks: dict[Kind, list[Point]] = {kind: [] for kind in kinds}
    hands: list[dict[float, Point]] = [{} for _ in range(incidents)]
    dealt, turn = 0, 0
    while dealt < kills:
        kind = kinds[turn % len(kinds)]
        turn += 1
        if not stacks[kind]:
            stacks[kind] = rng.sample(POINTS[kind], len(POINTS[kind]))
        point = stacks[kind].pop()
        free = [hand for hand in hands if point.position not in hand]
        if not free:
            continue
        min(free, key=len)[point.position] = point
        dealt += 1
    return tuple(tuple(hand[position] for position in sorted(hand)) for hand in hands)
