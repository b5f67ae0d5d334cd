"""Verdicts on incidents: effects that happened twice, incidents that were lost, and the time they took.  Pure."""

import itertools
from collections import Counter
from datetime import datetime

from evals.chaos.points import Point
from evals.chaos.world import Asked
from incident.value import Value
from tools.ports import Entry, Row


class Killed(Value):
    """One kill that hit: where, and which changes the world had been asked for by then."""

    incident: str
    point: Point
    asked: int


class Verdict(Value):
    """One incident."""

    world: str
    incident: str
    outcome: str
    """Empty for an incident that never ended."""
    reason: str = ""
    kills: tuple[Killed, ...] = ()
    missed: int = 0
    """Points that were dealt to it and never reached."""
    duplicates: int = 0
    """Changes that the world was asked for again after it had made them, by their keys."""
    unkeyed: int = 0
    """Changes without a key that did not raise the resource's token: nobody could tell them from a repetition."""
    duplicating: int = 0
    """Kills after which an effect came again that had been made before."""
    unsettled: int = 0
    """Intents whose outcome is still open."""
    strange: tuple[str, ...] = ()
    """Changes that are no part of one healed incident, or are missing."""
    seconds: float | None = None
    """From the restart to the end."""
    replay: str = ""
    """Faults that replaying the record finds."""

    @property
    def lost(self) -> bool:
        """True when it never ended."""
        return not self.outcome


class Live(Value):
    """One incident on the live lab."""

    seed: int
    moment: str
    killed: bool
    """True when the kill came before the run had ended."""
    outcome: str
    """Empty for an incident that never ended."""
    reason: str
    seconds: float
    """From the restart, which is starting the scanner, to its end."""
    unsettled: int
    duplicates: int
    """Changes in the lab's own history beyond those that one incident heals with."""
    replay: str

    @property
    def well(self) -> bool:
        """True when everything is as if nobody had been killed."""
        return self.killed and self.outcome == "healed" and not (self.unsettled or self.duplicates or self.replay)


EXPECTED = {"deploy": 1, "weights": 3, "remove": 1}
"""The changes of an incident that heals by a patch, token claims aside."""


def repeated(asked: tuple[Asked, ...]) -> tuple[int, ...]:
    """Positions of changes that came again after they had been made."""
    made: set[str] = set()
    found = []
    for number, one in enumerate(asked):
        if not one.key:
            continue
        if one.key in made:
            found.append(number)
        if one.applied:
            made.add(one.key)
    return tuple(found)


def unkeyed(asked: tuple[Asked, ...]) -> int:
    """Changes without a key, claims aside that raise the token."""
    top, count = 0, 0
    for one in asked:
        if not one.key and not (one.change.kind == "annotate" and one.token > top):
            count += 1
        top = max(top, one.token)
    return count


def duplicating(kills: tuple[Killed, ...], again: tuple[int, ...]) -> int:
    """Number of kills that were followed by a repetition before the next kill."""
    bounds = [*(kill.asked for kill in kills), 10**9]
    return sum(any(low <= number < high for number in again) for low, high in itertools.pairwise(bounds))


def strange(asked: tuple[Asked, ...], outcome: str) -> tuple[str, ...]:
    """Changes that a healed incident made too often or not at all."""
    made: Counter[str] = Counter(one.change.kind for one in asked if one.applied and one.change.kind != "annotate")
    if outcome != "healed":
        return ()
    return tuple(f"{made[kind]} × {kind} instead of {count}" for kind, count in EXPECTED.items() if made[kind] != count)


def judged(
    world: str,
    row: Row | None,
    entries: tuple[Entry, ...],
    asked: tuple[Asked, ...],
    kills: tuple[Killed, ...],
    missed: int,
    restarted: datetime | None,
) -> Verdict:
    """Everything about one incident but its replay."""
    outcome = row.outcome if row is not None and row.status == "closed" else ""
    again = repeated(asked)
    return Verdict(
        world=world,
        incident=row.id if row is not None else "",
        outcome=outcome,
        reason=row.reason if row is not None else "there is no row",
        kills=kills,
        missed=missed,
        duplicates=len(again),
        unkeyed=unkeyed(asked),
        duplicating=duplicating(kills, again),
        unsettled=sum(entry.outcome is None for entry in entries),
        strange=strange(asked, outcome),
        seconds=(row.changed_at - restarted).total_seconds() if row and outcome and restarted else None,
    )
