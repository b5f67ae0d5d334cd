"""SQLite's ledger: the contract of all ledgers, and what other processes see of it."""

import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from incident.errors import Unavailable
from tests.unit.records.ledger_contract import AT, LedgerContract
from tools import ports
from tools.records import database, sqlite_ledger
from tools.scripted.clock import ManualClock


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[sqlite_ledger.SqliteLedger]:
    store = sqlite_ledger.open(tmp_path / "ledger.db", ManualClock())
    yield store
    store.close()


class TestSqliteLedger(LedgerContract):
    @pytest.fixture
    def ledger(self, opened: sqlite_ledger.SqliteLedger) -> ports.Ledger:
        return opened


def test_another_process_sees_an_intent_at_once(opened: sqlite_ledger.SqliteLedger, tmp_path: Path) -> None:
    opened.intend("k", "inc-1", {}, AT)
    other = sqlite_ledger.open(tmp_path / "ledger.db", ManualClock())
    assert [entry.key for entry in other.open()] == ["k"]
    other.close()


def test_the_file_and_its_companions_are_private(opened: sqlite_ledger.SqliteLedger, tmp_path: Path) -> None:
    opened.intend("k", "inc-1", {}, AT)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert set(modes) == {"ledger.db", "ledger.db-wal", "ledger.db-shm"}
    assert set(modes.values()) == {0o600}


def test_reading_goes_on_while_a_writer_is_stuck_and_writing_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    sqlite_ledger.open(path, ManualClock()).close()
    stuck = sqlite3.connect(path, isolation_level=None)
    stuck.execute("BEGIN IMMEDIATE")
    ledger = sqlite_ledger.SqliteLedger(database.connect(path, (), ManualClock(), wait=0.2))
    assert ledger.open() == ()
    with pytest.raises(Unavailable):
        ledger.intend("k", "inc-1", {}, AT)
    stuck.execute("ROLLBACK")
    ledger.intend("k", "inc-1", {}, AT)
    assert [entry.key for entry in ledger.open()] == ["k"]
    stuck.close()
    ledger.close()


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    sqlite_ledger.open(path, ManualClock()).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(Unavailable, match="newer version"):
        sqlite_ledger.open(path, ManualClock())


def test_a_file_that_was_overwritten_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = sqlite_ledger.open(path, ManualClock())
    for number in range(200):
        ledger.intend(f"k{number}", "inc-1", {"text": "x" * 500}, AT)
    ledger.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    ledger = sqlite_ledger.open(path, ManualClock())
    with pytest.raises(Unavailable):
        ledger.entries("inc-1")
    ledger.close()


def test_a_step_that_raises_leaves_nothing_behind(tmp_path: Path) -> None:
    store = database.connect(tmp_path / "x.db", ("CREATE TABLE numbers (n INTEGER)",), ManualClock())

    class Interrupted(BaseException):
        pass

    def interrupted() -> None:
        with store.write() as connection:
            connection.execute("INSERT INTO numbers VALUES (1)")
            raise Interrupted

    with pytest.raises(Interrupted):
        interrupted()
    with store.read() as connection:
        assert connection.execute("SELECT count(*) FROM numbers").fetchone() == (0,)
    store.close()


def test_a_defect_in_our_own_sql_is_not_taken_for_an_outage(tmp_path: Path) -> None:
    store = database.connect(tmp_path / "x.db", ("CREATE TABLE numbers (n INTEGER UNIQUE)",), ManualClock())
    with pytest.raises(sqlite3.IntegrityError), store.write() as connection:
        connection.executemany("INSERT INTO numbers VALUES (?)", [(1,), (1,)])
    store.close()


def test_a_folder_that_does_not_exist_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        sqlite_ledger.open(tmp_path / "missing" / "ledger.db", ManualClock())
