"""Hands of other people in a service's rows: a statement that somebody runs, and a lock that somebody holds."""

import asyncio
import contextlib
import sqlite3
from pathlib import Path

PATIENCE = 10.0
"""Seconds that we wait for the service's own lock."""


async def run(database: Path, sql: str) -> None:
    """Run one statement on the rows of a service.  Raises sqlite3.Error."""
    await asyncio.to_thread(_run, database, sql)


async def hold(database: Path, seconds: float) -> None:
    """Keep everybody else from writing for a while, as a session does that was left open."""
    session = await asyncio.to_thread(_begin, database)
    try:
        await asyncio.sleep(seconds)
    finally:
        session.close()


def _run(database: Path, sql: str) -> None:
    with contextlib.closing(sqlite3.connect(database, timeout=PATIENCE)) as session, session:
        session.execute(sql)


def _begin(database: Path) -> sqlite3.Connection:
    session = sqlite3.connect(database, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    session.execute("BEGIN IMMEDIATE")
    return session
