"""Deadlines are absolute: a restart in the middle of a stage or of the watch does not move them."""

from datetime import datetime
from pathlib import Path

import pytest

from incident.ending import Outcome
from tests.unit.graph.desks import Bench, bench
from tools.scripted import world as scripted
from tools.scripted.clock import ManualClock
from tools.scripted.stage import Crashed, crash
from tools.scripted.world import incident_world


def deadlines(at: Bench, policy: str) -> list[datetime]:
    """Every deadline that the policy was told, in order."""
    found = []
    for record in at.records:
        if record.event.kind == "decided" and record.event.decision.policy == policy:
            facts = record.event.facts
            told = facts["memory"] if policy == "canary.judge" else facts
            assert isinstance(told, dict)
            found.append(datetime.fromisoformat(str(told["deadline"])))
    return found


def interrupted(tmp_path: Path, at: float, down: float) -> tuple[Bench, Bench]:
    """An incident whose process dies so many seconds after its start, and the one that goes on `down` seconds later."""
    clock = ManualClock()
    first = bench(tmp_path, clock, incident_world(clock))
    clock.advance(30)
    clock.after(at, crash)
    with pytest.raises(Crashed):
        first.run(first.open())
    clock.advance(down)
    second = bench(tmp_path, clock, scripted.load(first.world.dump(), clock))
    second.run()
    return first, second


CANARY, VERIFY = 3.5, 17.0
"""Seconds after the start at which the canary, and the verification, are under way in virtual time."""


@pytest.mark.parametrize(
    ("policy", "at"), [("canary.judge", CANARY), ("verify.judge", VERIFY)], ids=["canary", "verification"]
)
def test_a_restart_does_not_move_a_deadline(tmp_path: Path, policy: str, at: float) -> None:
    first, second = interrupted(tmp_path, at, down=3.0)
    before, after = deadlines(first, policy), deadlines(second, policy)
    assert before, "it died before this began"
    assert after[0] == before[-1]


def test_time_spent_dead_counts_against_the_watch(tmp_path: Path) -> None:
    """Dead for longer than the watch and its extension: nobody saw the service well, so a person is asked."""
    limits = bench(tmp_path / "limits", ManualClock(), incident_world(ManualClock())).context.settings.limits.verify
    down = limits.watch_seconds + limits.extension_seconds + 1
    first, second = interrupted(tmp_path, VERIFY, down=down)
    assert set(deadlines(second, "verify.judge")) == {deadlines(first, "verify.judge")[-1]}
    closed = [record.event for record in second.records if record.event.kind == "closed"]
    assert closed[-1].ending.outcome is Outcome.ESCALATED


def test_control_the_same_death_for_a_moment_heals(tmp_path: Path) -> None:
    _, second = interrupted(tmp_path, VERIFY, down=1.0)
    closed = [record.event for record in second.records if record.event.kind == "closed"]
    assert closed[-1].ending.outcome is Outcome.HEALED
