"""Switches: no two words undo each other, an abort stands, and nothing that is written into the table permits anything."""

import contextlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.control import Control
from incident.errors import Tampered, Unavailable
from tests.contract.index import index as opened
from tools.records import sqlite_incidents, switches
from tools.scripted.clock import ManualClock

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
PAUSE, RESUME = Control(paused=True, by="kim", at=AT), Control(by="bob", at=AT)
ABORT = Control(aborted=True, by="ann", at=AT)
STOP, START = Control(stop_all=True, by="ana", reason="storm", at=AT), Control(by="bob", at=AT)

Index = sqlite_incidents.SqliteIncidents


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    store = opened(tmp_path, ManualClock())
    yield store
    store.close()


def test_nothing_is_switched_at_first(index: Index) -> None:
    assert index.control("inc-1") == Control()


def test_a_pause_is_for_one_incident_and_ends_when_somebody_says_so(index: Index) -> None:
    index.set_control("inc-1", PAUSE)
    assert index.control("inc-1") == PAUSE
    assert index.control("inc-2") == Control()
    index.set_control("inc-1", RESUME)
    assert index.control("inc-1") == RESUME


def test_the_kill_switch_is_for_all_keeps_what_was_said_before_and_lasts(index: Index, tmp_path: Path) -> None:
    index.set_control("inc-1", PAUSE)
    index.set_control(None, STOP)
    again = opened(tmp_path, ManualClock())
    assert again.control("inc-1") == STOP.model_copy(update={"paused": True})
    assert again.control("never-seen").stop_all
    again.set_control(None, START)
    assert index.control("inc-1") == PAUSE
    again.close()


def test_an_empty_id_switches_nothing(index: Index) -> None:
    with pytest.raises(ValueError, match="nobody"):
        index.set_control("", STOP)
    assert not index.control("inc-1").stop_all


@pytest.mark.parametrize("later", [PAUSE, RESUME, ABORT.model_copy(update={"by": "eve"})])
def test_an_abort_stands_whatever_is_said_after_it(index: Index, later: Control) -> None:
    """And so does who said it first."""
    index.set_control("inc-1", ABORT)
    index.set_control("inc-1", later)
    assert index.control("inc-1").aborted
    assert index.control("inc-1").by == "ann"


def test_two_that_step_in_at_once_lose_no_abort(index: Index, tmp_path: Path) -> None:
    """One saw a row without it, and writes later; what it saw decides nothing."""
    ann, bob = index, opened(tmp_path, ManualClock())
    seen = bob.control("inc-1")
    ann.set_control("inc-1", ABORT)
    bob.set_control("inc-1", seen.model_copy(update={"by": "bob"}))
    assert ann.control("inc-1").aborted
    bob.close()


class Between:
    """A chain that lets somebody else speak while a word is being chained."""

    def __init__(self, inner: switches.Switches, meanwhile: Callable[[], None]) -> None:
        self._audit, self._meanwhile = inner._audit, meanwhile

    def append(self, *entry: object) -> int:
        self._meanwhile()
        return self._audit.append(*entry)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self._audit, name)


@pytest.mark.parametrize("word", [PAUSE.model_copy(update={"by": "ann"}), ABORT])
def test_a_stop_that_comes_while_somebody_resumes_is_not_lifted_with_the_old_one(
    index: Index, tmp_path: Path, word: Control
) -> None:
    ann = opened(tmp_path, ManualClock())
    index.set_control("inc-1", PAUSE)
    index._switches._audit = Between(index._switches, lambda: ann.set_control("inc-1", word))  # type: ignore[assignment]
    index.set_control("inc-1", RESUME)
    stopped = index.control("inc-1")
    assert stopped.paused or stopped.aborted
    assert stopped.by == "ann"
    ann.close()


# What somebody writes into the database by hand.


@pytest.fixture
def table(tmp_path: Path, index: Index) -> Callable[[str, tuple[str, ...]], None]:
    assert index.rows() == ()

    def run(statement: str, values: tuple[str, ...] = ()) -> None:
        with contextlib.closing(sqlite3.connect(tmp_path / "home" / "incidents.db")) as connection, connection:
            connection.execute(statement, values)

    return run


Table = Callable[..., None]
FREE = Control(by="eve").model_dump_json()

FORGED = [
    pytest.param("DELETE FROM controls", (), id="the row is deleted"),
    pytest.param("UPDATE controls SET body = ?", (FREE,), id="the row says that nothing is set"),
    pytest.param("UPDATE controls SET body = '{}', mark = ''", (), id="the row is emptied"),
    pytest.param("UPDATE controls SET incident = 'inc-7'", (), id="the row is moved to another incident"),
]


@pytest.mark.parametrize(("statement", "values"), FORGED)
@pytest.mark.parametrize("word", [PAUSE, ABORT, STOP], ids=["pause", "abort", "kill switch"])
def test_no_row_takes_a_stop_back(
    index: Index, table: Table, tmp_path: Path, word: Control, statement: str, values: tuple[str, ...]
) -> None:
    index.set_control(None if word.stop_all else "inc-1", word)
    table(statement, values)
    flags = {"stop_all", "paused", "aborted"}
    for reader in (index, opened(tmp_path, ManualClock())):
        assert reader.control("inc-1").model_dump(include=flags) == word.model_dump(include=flags)


@pytest.mark.parametrize(("statement", "values"), FORGED)
def test_control_a_table_alone_would_have_taken_it_back(
    index: Index, table: Table, statement: str, values: tuple[str, ...]
) -> None:
    """What the guard before this one read: the row, and nothing else."""
    index.set_control("inc-1", ABORT)
    table(statement, values)
    with index._store.read() as connection:
        found = connection.execute("SELECT body FROM controls WHERE incident = 'inc-1'").fetchone()
    assert found is None or not Control.model_validate_json(found[0]).aborted


def test_an_older_copy_of_the_whole_database_takes_no_stop_back(index: Index, tmp_path: Path) -> None:
    index.set_control("inc-1", PAUSE)
    index.set_control("inc-1", RESUME)
    index.close()
    shutil.copy(tmp_path / "home" / "incidents.db", tmp_path / "older.db")
    worker = opened(tmp_path, ManualClock())
    worker.set_control("inc-1", ABORT)
    worker.set_control(None, STOP)
    worker.close()
    for left in (tmp_path / "home").glob("incidents.db*"):
        left.unlink()
    shutil.copy(tmp_path / "older.db", tmp_path / "home" / "incidents.db")
    found = opened(tmp_path, ManualClock()).control("inc-1")
    assert (found.aborted, found.stop_all) == (True, True)


def test_an_old_row_of_a_pause_stops_more_and_never_less_and_is_lifted_like_any_other(
    index: Index, table: Table
) -> None:
    index.set_control("inc-1", PAUSE)
    with index._store.read() as connection:
        body, mark = connection.execute("SELECT body, mark FROM controls").fetchone()
    index.set_control("inc-1", RESUME)
    table("INSERT INTO controls (incident, body, mark) VALUES ('inc-1', ?, ?)", (body, mark))
    assert index.control("inc-1").paused
    index.set_control("inc-1", RESUME)
    assert not index.control("inc-1").paused


@pytest.mark.parametrize(
    ("name", "body"),
    [("", STOP.model_dump_json()), ("inc-1", ABORT.model_dump_json()), ("inc-1", "nonsense"), ("", "nonsense")],
    ids=["kill switch", "abort", "unreadable", "unreadable kill switch"],
)
def test_a_stop_without_a_mark_is_obeyed_and_told(index: Index, table: Table, name: str, body: str) -> None:
    table("INSERT INTO controls (incident, body) VALUES (?, ?)", (name, body))
    found = index.control("inc-1")
    assert found.stop_all or found.aborted or found.paused
    assert "no mark of this installation" in found.reason


def test_a_row_copied_from_another_incident_carries_no_mark_of_this_one(index: Index, table: Table) -> None:
    index.set_control("inc-2", ABORT)
    table("INSERT INTO controls SELECT 'inc-1', body, mark FROM controls")
    assert "no mark of this installation" in index.control("inc-1").reason
    assert "no mark of this installation" not in index.control("inc-2").reason


def test_an_unreadable_pause_can_be_lifted(index: Index, table: Table) -> None:
    """Or a spoiled row would stop an incident for ever."""
    table("INSERT INTO controls (incident, body) VALUES ('inc-1', 'nonsense')")
    index.set_control("inc-1", RESUME)
    assert not index.control("inc-1").paused


def test_when_the_chain_loses_its_end_nothing_is_permitted(index: Index, table: Table, tmp_path: Path) -> None:
    """Cutting off the last entries would be the other way to take an abort back."""
    index.set_control("inc-1", PAUSE)
    chain = tmp_path / "home" / "audit.jsonl"
    kept = chain.read_bytes()
    index.set_control("inc-1", ABORT)
    table("DELETE FROM controls")
    chain.write_bytes(kept)
    with pytest.raises(Tampered):
        index.control("inc-1")
    with pytest.raises(Tampered, match="not there now"):
        opened(tmp_path, ManualClock()).control("inc-1")


def test_a_stop_is_in_force_although_the_chain_cannot_be_written(index: Index, tmp_path: Path) -> None:
    chain = tmp_path / "home" / "audit.jsonl"
    content = chain.read_bytes()
    chain.unlink()
    with pytest.raises(Tampered):
        index.set_control(None, STOP)
    chain.write_bytes(content)
    chain.chmod(0o600)
    assert index.control("inc-1").stop_all


class Full:
    """A chain on a full disk."""

    def append(self, *_: object) -> int:
        raise Unavailable("no space left")


def test_a_permission_that_cannot_be_chained_is_none(index: Index, tmp_path: Path) -> None:
    index.set_control(None, STOP)
    index._switches._audit = Full()  # type: ignore[assignment]
    with pytest.raises(Unavailable):
        index.set_control(None, START)
    assert index.control("inc-1").stop_all
    assert opened(tmp_path, ManualClock()).control("inc-1").stop_all


WORDS = st.lists(st.tuples(st.sampled_from([0, 1]), st.sampled_from(["pause", "resume", "abort"])), max_size=8)
SAID = {"pause": PAUSE, "resume": RESUME, "abort": ABORT}


@settings(max_examples=40, deadline=None)
@given(WORDS)
def test_whoever_speaks_in_whatever_order_the_last_word_counts_and_an_abort_is_the_last(
    tmp_path_factory: pytest.TempPathFactory, words: list[tuple[int, str]]
) -> None:
    folder = tmp_path_factory.mktemp("words")
    both = (opened(folder, ManualClock()), opened(folder, ManualClock()))
    for who, word in words:
        both[who].set_control("inc-1", SAID[word])
    said = [word for _, word in words]
    for reader in both:
        found = reader.control("inc-1")
        assert found.aborted is ("abort" in said)
        assert found.aborted or found.paused is (bool(said) and said[-1] == "pause")
        reader.close()
