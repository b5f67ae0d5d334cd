"""Other people's hands in a database file."""

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import pytest

from evals.lab import rows


def made(path: Path) -> Path:
    with contextlib.closing(sqlite3.connect(path)) as session, session:
        session.execute("CREATE TABLE things (name TEXT)")
        session.execute("INSERT INTO things VALUES ('one')")
    return path


def names(path: Path) -> list[str | None]:
    with contextlib.closing(sqlite3.connect(path)) as session:
        return [name for (name,) in session.execute("SELECT name FROM things")]


def test_a_statement_changes_the_rows(tmp_path: Path) -> None:
    database = made(tmp_path / "things.db")
    asyncio.run(rows.run(database, "UPDATE things SET name = NULL"))
    assert names(database) == [None]


def test_a_held_lock_keeps_writers_out_until_it_is_let_go(tmp_path: Path) -> None:
    database = made(tmp_path / "things.db")

    def write() -> None:
        with contextlib.closing(sqlite3.connect(database, timeout=0.05)) as session, session:
            session.execute("INSERT INTO things VALUES ('two')")

    async def scenario() -> None:
        holding = asyncio.create_task(rows.hold(database, 60))
        await asyncio.sleep(0.3)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            await asyncio.to_thread(write)
        holding.cancel()
        await asyncio.gather(holding, return_exceptions=True)
        await asyncio.to_thread(write)

    asyncio.run(scenario())
    assert names(database) == ["one", "two"]
