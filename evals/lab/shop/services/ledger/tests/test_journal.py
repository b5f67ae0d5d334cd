"""The journal's rows and the pool in front of them."""

import asyncio
import sqlite3

import pytest
from services.ledger import entries, journal
from shopkit import database

ENTRY = entries.Entry("e-1", "EUR", (entries.Line("fees", -1), entries.Line("receivable", 1)))


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "ledger.db"
    monkeypatch.setenv("DATABASE_FILE", str(path))
    return path


def test_an_entry_is_written_once_with_its_lines(file):
    async def twice():
        written = journal.Journal()
        return [await written.append(ENTRY) for _ in range(2)]

    assert asyncio.run(twice()) == [True, False]
    rows = sqlite3.connect(file).execute("SELECT account, signed_cents FROM lines ORDER BY account").fetchall()
    assert rows == [("fees", -1), ("receivable", 1)]


def test_two_processes_share_the_rows(file):
    assert asyncio.run(journal.Journal().append(ENTRY))
    assert not asyncio.run(journal.Journal().append(ENTRY))


def test_a_caller_waits_for_a_connection_and_then_gives_up(monkeypatch):
    monkeypatch.setenv("POOL_SIZE", "1")
    monkeypatch.setenv("POOL_WAIT_MS", "20")

    async def run():
        pool = database.Database("")
        async with pool.connection():
            with pytest.raises(database.PoolExhausted):
                await pool.run(lambda connection: connection.execute("SELECT 1"))
        return await pool.run(lambda connection: connection.execute("SELECT 1").fetchone())

    assert asyncio.run(run()) == (1,)


def test_what_fails_in_a_transaction_leaves_nothing(file):
    async def run():
        pool = database.Database("CREATE TABLE IF NOT EXISTS numbers (value INTEGER)")

        def half(connection):
            connection.execute("INSERT INTO numbers VALUES (1)")
            raise ValueError

        with pytest.raises(ValueError):
            await pool.run(half)
        return await pool.run(lambda connection: connection.execute("SELECT count(*) FROM numbers").fetchone())

    assert asyncio.run(run()) == (0,)
