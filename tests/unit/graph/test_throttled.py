"""A platform that says not now (429) has done nothing: the same effect is sent again, and no outcome is unsure."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from incident.control import Control
from incident.ending import Ending, Outcome
from incident.errors import SutureError, Throttled, Unsure
from incident.workload import Effect, SetWeights, Workload, WorkloadChange
from tests.unit.graph.desks import INCIDENT, Bench, bench
from tools.scripted.clock import ManualClock
from tools.scripted.state import Behaviour
from tools.scripted.world import HEALTHY, incident_world

AFTER = 5.0
Error = Callable[[float], SutureError]


def throttled(after: float) -> SutureError:
    return Throttled(f"not now; in {after:g} s", after)


def unsure(after: float) -> SutureError:
    """What a 429 was taken for: an answer that says nothing."""
    return Unsure(f"the world answered 429; it said {after:g}")


@dataclass
class Busy:
    """A platform that takes no change of one sort for so many seconds from the first one on."""

    at: Bench
    busy: Callable[[WorkloadChange], bool]
    seconds: float
    error: Error = throttled
    after: float = AFTER
    first: float | None = None
    refused: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.at.world.platform, name)

    def change(self, service: str, change: WorkloadChange, *, revision: str, effect: Effect) -> Workload:
        now = self.at.clock.monotonic()
        if self.busy(change):
            self.first = now if self.first is None else self.first
            if now < self.first + self.seconds:
                self.refused.append(effect.key)
                raise self.error(self.after)
        return self.at.world.platform.change(service, change, revision=revision, effect=effect)


class Around:
    """The world with another platform."""

    def __init__(self, at: Bench, platform: Busy) -> None:
        self._world, self.platform = at.world, platform

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world, name)


def widening(change: WorkloadChange) -> bool:
    return isinstance(change, SetWeights) and _canary(change) > 0


def narrowing(change: WorkloadChange) -> bool:
    return isinstance(change, SetWeights) and _canary(change) == 0


def _canary(change: SetWeights) -> int:
    return next((share for name, share in change.weights.items() if "-suture-" in name), 0)


def healed(folder: Path, busy: Callable[[Bench], Busy], patched: Behaviour = HEALTHY) -> tuple[Bench, Busy, Ending]:
    clock = ManualClock()
    at = bench(folder, clock, incident_world(clock, patched=patched))
    platform = busy(at)
    world: Any = Around(at, platform)
    at.context = replace(at.context, world=world)
    clock.advance(30)
    return at, platform, at.heal()


@pytest.mark.parametrize("sort", [widening, lambda change: change.kind == "deploy"], ids=["weights", "deploy"])
def test_a_change_that_is_not_taken_just_now_is_made_later_under_the_same_key(
    tmp_path: Path, sort: Callable[[WorkloadChange], bool]
) -> None:
    at, platform, ending = healed(tmp_path, lambda at: Busy(at, sort, seconds=2 * AFTER))
    assert ending.outcome is Outcome.HEALED, ending.reason
    assert len(platform.refused) == 2, "it was left alone for as long as it asked"
    assert len(set(platform.refused)) == 1
    entries = at.context.ledger.entries(INCIDENT)
    assert [entry.key for entry in entries].count(platform.refused[0]) == 1
    assert [entry for entry in entries if entry.outcome is None] == []


def test_control_taken_for_an_answer_that_says_nothing_the_same_incident_ends_with_a_person(tmp_path: Path) -> None:
    at, _, ending = healed(tmp_path, lambda at: Busy(at, widening, seconds=2 * AFTER, error=unsure))
    assert ending.outcome is Outcome.ESCALATED
    assert "could not be settled" in ending.reason
    assert [entry for entry in at.context.ledger.entries(INCIDENT) if entry.outcome is None]


@pytest.mark.parametrize("after", [0.0, AFTER, 3600.0])
def test_waiting_is_bounded_and_what_was_changed_is_taken_back(tmp_path: Path, after: float) -> None:
    at, platform, ending = healed(tmp_path, lambda at: Busy(at, widening, seconds=10**6, after=after))
    assert ending.outcome is Outcome.ESCALATED
    assert "not now" in ending.reason
    assert at.weights() == {"v1": 100}
    assert platform.first is not None
    assert at.clock.monotonic() - platform.first < 120.0


def test_the_kill_switch_is_looked_at_after_the_wait(tmp_path: Path) -> None:
    def busy(at: Bench) -> Busy:
        def error(after: float) -> SutureError:
            stop = Control(stop_all=True, by="ada", reason="a storm", at=at.clock.now())
            at.context.incidents.set_control(None, stop)
            return throttled(after)

        return Busy(at, widening, seconds=AFTER, error=error)

    at, platform, ending = healed(tmp_path, busy)
    assert ending.outcome is Outcome.ESCALATED
    assert "ada" in ending.reason
    assert len(platform.refused) == 1
    assert at.weights() == {"v1": 100}


@pytest.mark.parametrize("after", [1.0, 30.0])
def test_taking_back_waits_as_well_and_does_not_blame_the_books(tmp_path: Path, after: float) -> None:
    at, platform, ending = healed(
        tmp_path, lambda at: Busy(at, narrowing, seconds=30.0, after=after), patched=Behaviour(other=0.12)
    )
    assert ending.outcome is Outcome.ROLLED_BACK, ending.reason
    assert at.weights() == {"v1": 100}
    assert set(platform.refused)
    assert not at.home.emergency.exists()
