"""Answers: one to each question, by a person, and nothing that is written into the table by hand is one."""

import contextlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incident.control import Approval
from incident.errors import Conflict, Superseded, Tampered
from tests.contract.index import index as opened
from tools import ports
from tools.records import sqlite_incidents
from tools.scripted.clock import ManualClock

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
Index = sqlite_incidents.SqliteIncidents
PLAN = "a" * 64


def approval(*, approved: bool = True, by: str = "kim", plan: str = PLAN, minutes: int = 0) -> Approval:
    at = AT + timedelta(minutes=minutes)
    return Approval(
        plan_digest=plan,
        base="b",
        approved=approved,
        by=by,
        os_user="u",
        at=at,
        expires_at=at + timedelta(hours=4),
    )


def row(incident: str = "inc-1") -> ports.Row:
    return ports.Row(
        id=incident,
        world="w",
        fingerprint=incident,
        starts_at=AT,
        service="orders",
        status="waiting",
        waiting_on="a person",
        plan=PLAN,
        opened_at=AT,
        changed_at=AT,
    )


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    store = opened(tmp_path, ManualClock(), lambda _: "alive")
    yield store
    store.close()


def held(index: Index, incident: str = "inc-1") -> ports.Row:
    claimed = index.claim(row(incident), "1:1")
    assert claimed is not None
    return claimed


def test_an_answer_is_found_by_its_question_and_by_no_other(index: Index) -> None:
    index.answer(held(index), "q-1", approval())
    assert index.answered("inc-1", "q-1") == approval()
    assert index.answered("inc-1") == approval()
    assert index.answered("inc-1", "q-2") is None
    assert index.answered("inc-2", "q-1") is None


def test_an_answered_incident_waits_for_nobody_in_the_very_step(index: Index) -> None:
    after = index.answer(held(index), "q-1", approval())
    assert index.find("inc-1") == after
    assert (after.status, after.waiting_on, after.plan) == ("open", "", "")
    assert "kim" in after.reason


def test_a_second_answer_is_refused_by_the_name_of_the_first(index: Index) -> None:
    known = held(index)
    index.answer(known, "q-1", approval(by="ann", approved=False))
    with pytest.raises(Conflict, match="ann"):
        index.answer(known, "q-1", approval(by="bob"))
    found = index.answered("inc-1", "q-1")
    assert found is not None
    assert (found.by, found.approved) == ("ann", False)


def test_asked_anew_it_can_be_answered_anew(index: Index) -> None:
    known = held(index)
    index.answer(known, "q-1", approval(by="ann"))
    index.answer(known, "q-2", approval(by="bob"))
    assert [getattr(index.answered("inc-1", question), "by", "") for question in ("q-1", "q-2", "")] == [
        "ann",
        "bob",
        "bob",
    ]


def test_only_whoever_holds_the_incident_takes_an_answer(index: Index, tmp_path: Path) -> None:
    known = held(index)
    stranger = opened(tmp_path, ManualClock())
    with pytest.raises(Superseded):
        stranger.answer(known, "q-1", approval())
    assert index.answered("inc-1", "q-1") is None
    stranger.close()


def test_an_answer_to_nothing_is_none(index: Index) -> None:
    with pytest.raises(ValueError, match="question"):
        index.answer(held(index), "", approval())


# What somebody writes into the database by hand.

Table = Callable[..., None]


@pytest.fixture
def table(tmp_path: Path, index: Index) -> Table:
    assert index.rows() == ()

    def run(statement: str, values: tuple[str, ...] = ()) -> None:
        with contextlib.closing(sqlite3.connect(tmp_path / "home" / "incidents.db")) as connection, connection:
            connection.execute(statement, values)

    return run


INSERT = "INSERT INTO approvals (incident, plan_digest, base, body, question, mark) VALUES ('inc-1', ?, 'b', ?, ?, ?)"


@pytest.mark.parametrize("mark", ["", "0" * 64], ids=["no mark", "another mark"])
def test_a_yes_written_by_hand_is_no_answer_and_stops(index: Index, table: Table, mark: str) -> None:
    table(INSERT, (PLAN, approval().model_dump_json(), "q-1", mark))
    with pytest.raises(Tampered, match="no mark of this installation"):
        index.answered("inc-1", "q-1")


def test_a_row_as_older_versions_wrote_it_answers_nothing(index: Index, table: Table) -> None:
    body = approval().model_dump_json()
    table("INSERT INTO approvals (incident, plan_digest, base, body) VALUES ('inc-1', ?, 'b', ?)", (PLAN, body))
    assert index.answered("inc-1", "q-1") is None
    assert index.answered("inc-1") is None


def test_a_no_written_by_hand_is_obeyed(index: Index, table: Table) -> None:
    """The safe side: it can only stop."""
    table(INSERT, (PLAN, approval(approved=False).model_dump_json(), "q-1", ""))
    found = index.answered("inc-1", "q-1")
    assert found is not None
    assert not found.approved


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE approvals SET question = 'q-2'", id="for a later question"),
        pytest.param("UPDATE approvals SET incident = 'inc-2', question = 'q-2'", id="for another incident"),
        pytest.param("UPDATE approvals SET question = 'q-2', used = 0", id="used again"),
        pytest.param(
            "INSERT INTO approvals (incident, plan_digest, base, body, question, mark)"
            " SELECT incident, plan_digest, base, body, 'q-2', mark FROM approvals",
            id="copied",
        ),
        pytest.param(
            "UPDATE approvals SET question = 'q-2', body = replace(body, 'aaaa', 'bbbb')", id="for another plan"
        ),
        pytest.param(
            "UPDATE approvals SET question = 'q-2', body = replace(body, '2026', '2036')", id="with another time"
        ),
    ],
)
def test_a_genuine_answer_answers_nothing_else(index: Index, table: Table, statement: str) -> None:
    index.answer(held(index), "q-1", approval())
    table(statement)
    incident = "inc-2" if "inc-2" in statement else "inc-1"
    with pytest.raises(Tampered):
        index.answered(incident, "q-2")


def test_a_no_turned_into_a_yes_is_no_answer(index: Index, table: Table) -> None:
    index.answer(held(index), "q-1", approval(approved=False))
    table("UPDATE approvals SET body = ?", (approval().model_dump_json(),))
    with pytest.raises(Tampered):
        index.answered("inc-1", "q-1")


def test_an_answer_that_cannot_be_read_is_none(index: Index, table: Table) -> None:
    index.answer(held(index), "q-1", approval())
    table("UPDATE approvals SET body = '{}'")
    with pytest.raises(Tampered, match="cannot be read"):
        index.answered("inc-1", "q-1")


def test_an_approval_of_another_home_with_another_key_is_none_here(index: Index, table: Table, tmp_path: Path) -> None:
    """Whole rows, mark and all, from a machine where somebody did approve."""
    theirs = opened(tmp_path / "theirs", ManualClock(), lambda _: "alive")
    theirs.answer(held(theirs), "q-1", approval())
    with theirs._store.read() as connection:
        (body, mark) = connection.execute("SELECT body, mark FROM approvals").fetchone()
    table(INSERT, (PLAN, body, "q-1", mark))
    with pytest.raises(Tampered):
        index.answered("inc-1", "q-1")
    theirs.close()


def test_control_with_the_key_the_same_row_is_an_answer(index: Index, tmp_path: Path, table: Table) -> None:
    """The marks are what refuses it: put back as it was, a genuine row counts."""
    index.answer(held(index), "q-1", approval())
    with index._store.read() as connection:
        (body, mark) = connection.execute("SELECT body, mark FROM approvals").fetchone()
    table("DELETE FROM approvals")
    assert index.answered("inc-1", "q-1") is None
    table(INSERT, (PLAN, body, "q-1", mark))
    assert index.answered("inc-1", "q-1") == approval()


def test_a_marked_answer_of_which_the_chain_knows_nothing_is_none(index: Index, table: Table) -> None:
    said = approval()
    mark = index._answers._mark("inc-1", "q-1", said.model_dump_json())
    table(INSERT, (PLAN, said.model_dump_json(), "q-1", mark))
    with pytest.raises(Tampered, match="chain"):
        index.answered("inc-1", "q-1")


def test_only_what_a_person_said_is_vouched_for(index: Index, tmp_path: Path) -> None:
    """What the gate asks about an approval that a checkpoint brought."""
    index.answer(held(index), "q-1", approval())
    index.vouch("inc-1", approval())
    for said in (approval(by="eve"), approval(plan="c" * 64), approval(minutes=1)):
        with pytest.raises(Tampered):
            index.vouch("inc-1", said)
    with pytest.raises(Tampered):
        index.vouch("inc-2", approval())


def test_an_older_copy_of_the_database_brings_no_answer_to_a_new_question(index: Index, tmp_path: Path) -> None:
    index.answer(held(index), "q-1", approval())
    index.close()
    shutil.copy(tmp_path / "home" / "incidents.db", tmp_path / "older.db")
    later = opened(tmp_path, ManualClock(), lambda _: "alive")
    known = held(later)
    later.answer(known, "q-2", approval(approved=False, by="ann"))
    later.close()
    for left in (tmp_path / "home").glob("incidents.db*"):
        left.unlink()
    shutil.copy(tmp_path / "older.db", tmp_path / "home" / "incidents.db")
    assert opened(tmp_path, ManualClock()).answered("inc-1", "q-2") is None
