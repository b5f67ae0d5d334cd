"""A process that has lost its incident, or whose stores others no longer see, does nothing more."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any, cast

import pytest

from graph.journal import Journal
from incident.ending import Outcome
from incident.errors import Superseded, Tampered, Unavailable
from tests.unit.graph.desks import INCIDENT, Bench, bench
from tools import incident_hold, ports
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world

FROZEN = 4.0
"""Seconds after which the first worker is stopped: its canary is at 10 %."""


class Blind:
    """The control: a hold that never looks."""

    def look(self) -> None: ...

    check = may_act = look


def blinded(at: Bench) -> None:
    journal = Journal(INCIDENT, at.context.folder, at.context.audit, at.clock, lambda value: value, at.records.append)
    at.context = replace(at.context, hold=cast("incident_hold.Hold", Blind()), journal=journal)


def seen(at: Bench) -> tuple[object, ...]:
    """Everything that a process can leave behind, but for the world."""
    home = at.home
    files = (home.audit, home.incident(INCIDENT) / "decisions.jsonl", home.notices)
    return (
        *(file.read_bytes() if file.exists() else b"" for file in files),
        at.context.ledger.entries(INCIDENT),
        at.row(),
        at.context.incidents.control(INCIDENT),
    )


def frozen(tmp_path: Path, clock: ManualClock, *, blind: bool = False) -> tuple[Bench, list[Any]]:
    """A worker that is stopped during its canary, and at once wakes to find its incident in other hands."""
    at = bench(tmp_path, clock, incident_world(clock))
    if blind:
        blinded(at)
    clock.advance(30)
    left: list[Any] = []

    def taken_over() -> None:
        other = bench(tmp_path, clock, at.world, holder="2:2", fate="dead")
        assert other.row().holder == "2:2"
        left.extend((seen(other), at.weights(), other))

    clock.after(FROZEN, taken_over)
    return at, left


def test_a_worker_that_wakes_after_its_incident_was_taken_over_writes_and_changes_nothing(tmp_path: Path) -> None:
    """Neither widening nor taking back: the one who works on it now decides."""
    clock = ManualClock()
    at, left = frozen(tmp_path, clock)
    with pytest.raises(Superseded):
        at.run(at.open())
    before, weights, other = left
    assert sorted(weights.values()) == [10, 90], "it was stopped in the middle of its canary"
    assert at.weights() == weights
    assert seen(other) == before


def test_whoever_took_it_over_finishes_it_and_nothing_is_done_twice(tmp_path: Path) -> None:
    clock = ManualClock()
    at, left = frozen(tmp_path, clock)
    with pytest.raises(Superseded):
        at.run(at.open())
    state = left[2].run()
    assert state.ending is not None
    assert state.ending.outcome is Outcome.HEALED, state.ending.reason
    made = [change.what for change in at.world.platform.history("orders", at.records[0].at)]
    assert {what: made.count(what) for what in made} == {"deploy": 1, "weights": 3, "remove": 1}


def test_control_without_looking_both_work_on_it(tmp_path: Path) -> None:
    clock = ManualClock()
    at, left = frozen(tmp_path, clock, blind=True)
    at.run(at.open())
    before, weights, other = left
    assert at.weights() != weights
    assert seen(other) != before


def moved(home: Path) -> None:
    home.rename(home.with_name("moved-away"))


def put_back(home: Path) -> None:
    """A copy with every byte the same, as from a backup that was made just now."""
    shutil.copytree(home, home.with_name("copy"))
    moved(home)
    home.with_name("copy").rename(home)


def exchanged(name: str) -> Callable[[Path], None]:
    def exchange(home: Path) -> None:
        shutil.copy2(home / name, home / f"{name}.new")
        (home / f"{name}.new").rename(home / name)

    return exchange


def deleted(name: str) -> Callable[[Path], None]:
    return lambda home: (home / name).unlink()


LOSSES = [
    pytest.param(moved, id="the folder is moved away"),
    pytest.param(put_back, id="a copy is put in its place"),
    *(
        pytest.param(how(name), id=f"{name} is {how.__name__}")
        for how in (exchanged, deleted)
        for name in ("incidents.db", "ledger.db", "locks.db", "audit.jsonl", "keys/audit.key", "ledger.db-wal")
    ),
]


def losing(tmp_path: Path, loss: Callable[[Path], None], *, blind: bool = False) -> Bench:
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    if blind:
        blinded(at)
    clock.advance(30)
    clock.after(FROZEN, lambda: loss(at.home.root))
    return at


@pytest.mark.parametrize("loss", LOSSES)
def test_when_a_store_is_no_longer_the_one_that_was_opened_nothing_is_widened_and_all_is_taken_back(
    tmp_path: Path, loss: Callable[[Path], None]
) -> None:
    at = losing(tmp_path, loss)
    widest: list[int] = []
    for second in range(1, 60):
        at.clock.after(float(second), lambda: widest.append(at.weights().get("v1", 0)))
    before = at.weights()
    with suppress(Tampered, Unavailable):  # not even the ending can be written where the journal lies
        assert at.heal().outcome is Outcome.ESCALATED
    assert at.weights() == before
    assert min(widest) == 90, "it was at 10 % then, and went no further"


def test_a_person_is_told_what_became_of_the_store(tmp_path: Path) -> None:
    at = losing(tmp_path, exchanged("ledger.db"))
    assert at.heal().outcome is Outcome.ESCALATED
    assert any("ledger.db is another file" in said for said in at.told.said), at.told.said


@pytest.mark.parametrize("loss", [put_back, exchanged("ledger.db"), exchanged("incidents.db")])
def test_control_without_looking_it_goes_on_in_files_that_nobody_else_sees(
    tmp_path: Path, loss: Callable[[Path], None]
) -> None:
    assert losing(tmp_path, loss, blind=True).heal().outcome is Outcome.HEALED


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("DELETE FROM incidents", id="deleted"),
        pytest.param("UPDATE incidents SET holder = ''", id="given to nobody"),
        pytest.param("UPDATE incidents SET holder = '999999999:1'", id="given to a dead process"),
    ],
)
def test_a_row_that_is_taken_away_by_hand_leaves_no_canary_to_nobody(tmp_path: Path, statement: str) -> None:
    """Nobody took the incident over, so whoever changed the service takes that back."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock), fate="dead")
    clock.advance(30)

    def written() -> None:
        with closing(sqlite3.connect(at.home.incidents_index)) as index, index:
            index.execute(statement)

    clock.after(FROZEN, written)
    before = at.weights()
    with suppress(Tampered):
        assert at.heal().outcome is Outcome.ESCALATED
    assert at.weights() == before
    assert any("no process works on it" in said for said in at.told.said), at.told.said


class Counted:
    """An index that answers the signs of life as it is told to."""

    def __init__(self, *answers: bool | Unavailable) -> None:
        self.answers, self.beats, self.done = list(answers), 0, Event()

    def beat(self, incident: str) -> bool:
        assert incident == INCIDENT
        self.beats += 1
        answer = self.answers.pop(0)
        if not self.answers:
            self.done.set()
        if isinstance(answer, Unavailable):
            raise answer
        return answer


def test_signs_of_life_go_on_over_a_store_that_does_not_answer_and_end_with_the_row() -> None:
    index = Counted(True, Unavailable("busy"), True, False)
    with incident_hold.kept(cast("ports.Incidents", index), INCIDENT, every=0.001):
        assert index.done.wait(30)
    assert index.beats == 4


def test_no_sign_of_life_is_given_after_the_end() -> None:
    index = Counted()
    with incident_hold.kept(cast("ports.Incidents", index), INCIDENT, every=3600.0):
        pass
    assert index.beats == 0
