"""Stores that were put back or written to by hand, one by one: what an incident may do, and what a person was asked, stays.

A real driver on real books; only the world is simulated, and proofs are scripted.
"""

import argparse
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from graph import approve
from graph.config import leave as resuming
from graph.console import observer
from graph.context import Context
from graph.runtime import cases, driver, question, unfinished
from graph.setup import stores, wiring
from incident.alert import Payload
from incident.control import Control
from incident.ending import Outcome
from tests.unit.graph.driven import ALONE, PERSON, Driver, alert, driven, said, untouched
from tools import ports
from tools.clock import SystemClock
from tools.scripted.world import ScriptedWorld, incident_world

PROPOSED = {"SUTURE_AUTONOMY": "propose", "SUTURE_PROFILE": "lab"}
GONE = "999999999:1"
"""A holder whose process is no more."""


@pytest.fixture
def world() -> ScriptedWorld:
    """A fresh deploy is to blame, so that what would be done needs no sandbox."""
    return incident_world(SystemClock(), wakes_in=-20.0, deployed_ago=40.0)


@pytest.fixture
def books(tmp_path: Path) -> stores.Stores:
    return stores.connect(said(tmp_path))


def written(books: stores.Stores, statement: str, *values: str) -> None:
    with closing(sqlite3.connect(books.home.incidents_index)) as store:
        store.execute(statement, values)
        store.commit()


def changed(books: stores.Stores, row: ports.Row, **fields: Any) -> None:
    body = row.model_copy(update=fields)
    statement = "UPDATE incidents SET body = ?, holder = ? WHERE id = ?"
    written(books, statement, body.model_dump_json(), body.holder, row.id)


def forgotten(books: stores.Stores) -> None:
    """The checkpoints are lost, and so is what they said of a question."""
    for file in books.home.root.glob("checkpoints.db*"):
        file.unlink()


class Credulous(Driver):
    """The control: a genuine mark is enough, whatever the chain says."""

    def context(self, row: ports.Row) -> Context:
        made = super().context(row)
        leave = resuming.narrowed(self._settings, row, self._shared.marks)
        return (
            made
            if leave == made.settings
            else wiring.context(leave, self._shared, self._world, row.id, observer.silent)
        )


def test_a_row_that_was_deleted_is_opened_again_with_no_more_leave(
    tmp_path: Path, books: stores.Stores, world: ScriptedWorld
) -> None:
    """As where the index of before is put back: the repeat of the alert finds no row, and brings full autonomy."""
    ending, row = driven(said(tmp_path, **PROPOSED), books, world, alert())
    assert ending.outcome is Outcome.WAITING
    written(books, "DELETE FROM incidents")
    again, same = driven(said(tmp_path, **ALONE), books, world, alert())
    assert (again.outcome, same.id) == (Outcome.WAITING, row.id)
    assert untouched(world)
    third, _ = driven(said(tmp_path, **ALONE), books, world, alert())
    assert third.outcome is Outcome.WAITING
    assert untouched(world)


def test_an_older_opening_of_the_same_incident_gives_back_nothing(
    tmp_path: Path, books: stores.Stores, world: ScriptedWorld
) -> None:
    """Opened alone, narrowed by a look, and put back as it was: its mark is genuine."""
    chosen = said(tmp_path, **ALONE)
    written_first: list[ports.Row] = []

    class Noting(Driver):
        def context(self, row: ports.Row) -> Context:
            written_first.append(row)
            raise InterruptedError

    (case,) = cases.of(chosen, world, alert()).cases
    with pytest.raises(InterruptedError):
        Noting(chosen, books, world, observer.silent).start(case)
    first = written_first[0]
    narrowed, _ = driven(said(tmp_path, **PROPOSED), books, world, alert())
    assert narrowed.outcome is Outcome.WAITING
    changed(books, first, holder="")
    old = books.incidents.find(first.id)
    assert old is not None
    assert resuming.genuine(old, books.marks) is not None
    both = [
        kind(chosen, books, world, observer.silent).context(old).settings.autonomy
        for kind in (Credulous, driver.Driver)
    ]
    assert both == ["auto", "propose"]
    again, _ = driven(chosen, books, world, alert())
    assert again.outcome is Outcome.WAITING
    assert untouched(world)


def over(books: stores.Stores, world: ScriptedWorld, tmp_path: Path, row: ports.Row) -> None:
    """The incident is stopped by a person, and ends."""
    books.incidents.set_control(row.id, Control(aborted=True, by="ada"))
    ending, _ = Driver(said(tmp_path), books, world, observer.silent).resume(row)
    assert ending.outcome is Outcome.ESCALATED


def asked_because_of_another(tmp_path: Path, books: stores.Stores, world: ScriptedWorld) -> ports.Row:
    """An incident that may act alone and asks, because another question about the service is open; that one ends."""
    _, other = driven(said(tmp_path, **PERSON), books, world, alert(pod="before"))
    ending, row = driven(said(tmp_path, **ALONE), books, world, alert())
    assert "has not answered" in ending.reason
    over(books, world, tmp_path, other)
    return row


def test_a_question_is_not_forgotten_with_the_checkpoints(
    tmp_path: Path, books: stores.Stores, world: ScriptedWorld
) -> None:
    asked_because_of_another(tmp_path, books, world)
    forgotten(books)
    ending, _ = driven(said(tmp_path, **ALONE), books, world, alert())
    assert (ending.outcome, untouched(world)) == (Outcome.WAITING, True)


def test_a_question_is_not_forgotten_because_the_incident_was_paused_meanwhile(
    tmp_path: Path, books: stores.Stores, world: ScriptedWorld
) -> None:
    """The gate's last word is about the pause, and no question; then the pause is over."""
    row = asked_because_of_another(tmp_path, books, world)
    for paused in (True, False):
        books.incidents.set_control(row.id, Control(paused=paused, by="ada"))
        ending, _ = driven(said(tmp_path, **ALONE), books, world, alert())
        assert (ending.outcome, untouched(world)) == (Outcome.WAITING, True), paused


def test_control_who_was_asked_nothing_acts_once_the_other_question_is_over(
    tmp_path: Path, books: stores.Stores, world: ScriptedWorld
) -> None:
    _, other = driven(said(tmp_path, **PERSON), books, world, alert(pod="before"))
    over(books, world, tmp_path, other)
    ending, _ = driven(said(tmp_path, **ALONE), books, world, alert())
    assert (ending.outcome is Outcome.WAITING, untouched(world)) == (False, False)


@pytest.mark.parametrize("asks", [True, False])
def test_a_question_that_is_just_looked_at_again_is_still_open(
    tmp_path: Path, books: stores.Stores, world: ScriptedWorld, asks: bool
) -> None:
    """While its alert is repeated its row is open; another alert on the service must not slip through then."""
    _, other = driven(said(tmp_path, **PERSON), books, world, alert(pod="before"))
    changed(books, other, status="open", holder=GONE, plan=other.plan if asks else "")
    ending, _ = driven(said(tmp_path, **ALONE), books, world, alert())
    assert (ending.outcome is Outcome.WAITING) is asks
    assert untouched(world) is asks


def test_a_question_that_a_person_stopped_holds_nobody_up_and_is_ended(
    tmp_path: Path, books: stores.Stores, world: ScriptedWorld
) -> None:
    """Nothing can be answered there any more, so nobody is waited for."""
    _, other = driven(said(tmp_path, **PERSON), books, world, alert(pod="before"))
    assert unfinished.found(books, said(tmp_path)) == (), "the control: it waits for a person"
    books.incidents.set_control(other.id, Control(aborted=True, by="ada"))
    assert [item.row.id for item in unfinished.found(books, said(tmp_path))] == [other.id]
    ending, _ = driven(said(tmp_path, **ALONE), books, world, alert())
    assert ending.outcome is not Outcome.WAITING


def test_a_question_counts_whatever_leave_is_written_into_its_row(
    tmp_path: Path, books: stores.Stores, world: ScriptedWorld
) -> None:
    """Of those that only propose nobody waits for an answer; that this is one is written there by hand."""
    _, other = driven(said(tmp_path, **PERSON), books, world, alert(pod="before"))
    changed(books, other, opening={**other.opening, "autonomy": "propose"})
    ending, _ = driven(said(tmp_path, **ALONE), books, world, alert())
    assert (ending.outcome, untouched(world)) == (Outcome.WAITING, True)


def answered(books: stores.Stores, row: ports.Row, *, approved: bool) -> ports.Row:
    """A person's answer, after which the process that took it was killed."""
    asked = question.asked(books, row.id)
    claimed = books.incidents.claim(row, books.holder)
    assert asked is not None
    assert claimed is not None
    given = argparse.Namespace(name="ada", reject=not approved, reason="", verify_by="")
    said_so = approve.approval(books, said(books.home.root.parent), asked, given)
    return books.incidents.answer(claimed, asked.id, said_so)


def against(books: stores.Stores, payload: Payload) -> bytes:
    """What is on record of the incident of this alert."""
    (row,) = (row for row in books.incidents.rows() if row.fingerprint == payload.firing()[0].identity)
    return b"".join(stores.folder(books, row.id).lines())


@pytest.mark.parametrize("how", ["row gone", "row open", "begun anew"])
def test_a_persons_no_holds_whatever_becomes_of_its_row(
    tmp_path: Path, books: stores.Stores, world: ScriptedWorld, how: str
) -> None:
    """The chain knows it, also while its incident is not closed yet, and when that begins anew itself.

    The plan is another one by the name of its regression test; the lines that it changes are the same.
    """
    again = alert(pod="b")
    if how == "begun anew":
        again = alert()
    _, row = driven(said(tmp_path, **PERSON), books, world, alert())
    changed(books, answered(books, row, approved=False), holder=GONE)
    if how == "row gone":
        written(books, "DELETE FROM incidents")
    if how == "begun anew":
        written(books, "DELETE FROM approvals")
        forgotten(books)
    ending, _ = driven(said(tmp_path, **ALONE), books, world, again)
    assert (ending.outcome, untouched(world)) == (Outcome.WAITING, True)
    assert b"a person refused this very plan" in against(books, again)


def test_control_a_yes_to_one_incident_holds_up_no_other(
    tmp_path: Path, books: stores.Stores, world: ScriptedWorld
) -> None:
    _, row = driven(said(tmp_path, **PERSON), books, world, alert())
    changed(books, answered(books, row, approved=True), holder=GONE)
    written(books, "DELETE FROM incidents")
    ending, _ = driven(said(tmp_path, **ALONE), books, world, alert(pod="b"))
    assert (ending.outcome is Outcome.WAITING, untouched(world)) == (False, False)
