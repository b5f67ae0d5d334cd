"""The journal: every booked entry as a row, from which the nightly job takes the books."""

import asyncio
import sqlite3

from services.ledger import entries
from shopkit import database, metrics

SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (entry_id TEXT PRIMARY KEY, currency TEXT NOT NULL, booked_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS lines (entry_id TEXT NOT NULL, account TEXT NOT NULL, signed_cents INTEGER NOT NULL);
"""


class Journal:
    """The rows of entries and of their lines."""

    def __init__(self) -> None:
        self._database = database.Database(SCHEMA)

    async def append(self, entry: entries.Entry) -> bool:
        """Write an entry, once.  False when it was there before."""
        connection = await self._database.take()
        if await asyncio.to_thread(_known, connection, entry.entry_id):
            return False
        await asyncio.to_thread(_insert, connection, entry)
        self._database.give(connection)
        metrics.count("entries_booked")
        return True


def _known(connection: sqlite3.Connection, entry_id: str) -> bool:
    found = connection.execute("SELECT 1 FROM entries WHERE entry_id = ?", (entry_id,)).fetchone()
    return found is not None


def _insert(connection: sqlite3.Connection, entry: entries.Entry) -> None:
    row = (entry.entry_id, entry.currency)
    connection.execute("BEGIN")
    connection.execute("INSERT OR IGNORE INTO entries VALUES (?, ?, datetime('now'))", row)
    connection.executemany(
        "INSERT INTO lines VALUES (?, ?, ?)",
        [(entry.entry_id, line.account, line.signed_cents) for line in entry.lines],
    )
    connection.execute("COMMIT")
