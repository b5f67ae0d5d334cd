"""The journal: every booked entry as a row, from which the nightly job takes the books."""

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
        fresh = await self._database.run(lambda connection: _insert(connection, entry))
        if fresh:
            metrics.count("entries_booked")
        return fresh


def _insert(connection: sqlite3.Connection, entry: entries.Entry) -> bool:
    row = (entry.entry_id, entry.currency)
    done = connection.execute("INSERT OR IGNORE INTO entries VALUES (?, ?, datetime('now'))", row)
    if not done.rowcount:
        return False
    connection.executemany(
        "INSERT INTO lines VALUES (?, ?, ?)",
        [(entry.entry_id, line.account, line.signed_cents) for line in entry.lines],
    )
    return True
