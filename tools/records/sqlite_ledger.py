"""The effect ledger on SQLite: intents before, outcomes after, both on disk before the call returns."""

import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pydantic import JsonValue

from incident import value
from incident.errors import Conflict
from tools import ports
from tools.records import database
from tools.secrets import redaction

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS effects (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL UNIQUE,
        incident TEXT NOT NULL,
        intent BLOB NOT NULL,
        intended_at TEXT NOT NULL,
        outcome BLOB,
        concluded_at TEXT
    )""",
    "CREATE INDEX IF NOT EXISTS effects_of_incident ON effects (incident, sequence)",
    "CREATE INDEX IF NOT EXISTS effects_open ON effects (sequence) WHERE outcome IS NULL",
)

_COLUMNS = "key, incident, intent, intended_at, outcome, concluded_at"


class SqliteLedger:
    """:class:`tools.ports.Ledger` over one database."""

    def __init__(self, store: database.Database) -> None:
        self._store = store

    def look(self, key: str) -> ports.Entry | None:
        """The entry of this key, or None."""
        found = self._select("WHERE key = ?", key)
        return found[0] if found else None

    def intend(self, key: str, incident: str, intent: Mapping[str, JsonValue], at: datetime) -> None:
        """Write an intent and sync it.  The same one again keeps the first time; another is Conflict."""
        said = value.encode(redaction.redact_mapping(intent, redaction.SOURCE))
        with self._store.write() as connection:
            row = connection.execute("SELECT incident, intent FROM effects WHERE key = ?", (key,)).fetchone()
            if row is None:
                connection.execute(
                    "INSERT INTO effects (key, incident, intent, intended_at) VALUES (?, ?, ?, ?)",
                    (key, incident, said, at.isoformat()),
                )
            elif row != (incident, said):
                raise Conflict(f"effect {key} was intended differently before")

    def conclude(self, key: str, outcome: Mapping[str, JsonValue], at: datetime) -> None:
        """Write the outcome and sync it.  Raises KeyError without an intent, Conflict for a second, other outcome."""
        said = value.encode(redaction.redact_mapping(outcome, redaction.SOURCE))
        with self._store.write() as connection:
            row = connection.execute("SELECT outcome FROM effects WHERE key = ?", (key,)).fetchone()
            if row is None:
                raise KeyError(key)
            if row[0] is None:
                connection.execute(
                    "UPDATE effects SET outcome = ?, concluded_at = ? WHERE key = ?", (said, at.isoformat(), key)
                )
            elif row[0] != said:
                raise Conflict(f"effect {key} has concluded differently before")

    def entries(self, incident: str) -> tuple[ports.Entry, ...]:
        """All effects of an incident, in the order of their intents."""
        return self._select("WHERE incident = ? ORDER BY sequence", incident)

    def open(self) -> tuple[ports.Entry, ...]:
        """Intents without an outcome, of all incidents, oldest first."""
        return self._select("WHERE outcome IS NULL ORDER BY sequence")

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    def _select(self, where: str, *parameters: str) -> tuple[ports.Entry, ...]:
        with self._store.read() as connection:
            query = f"SELECT {_COLUMNS} FROM effects {where}"  # noqa: S608 (`where` is a literal of this file)
            return tuple(_entry(row) for row in connection.execute(query, parameters))


def _load(body: bytes) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = json.loads(body.decode("utf-8", "surrogatepass"))
    return found


def _entry(row: sqlite3.Row) -> ports.Entry:
    key, incident, intent, intended_at, outcome, concluded_at = row
    return ports.Entry(
        key=key,
        incident=incident,
        intent=_load(intent),
        intended_at=intended_at,
        outcome=None if outcome is None else _load(outcome),
        concluded_at=concluded_at,
    )


def open(path: Path, clock: ports.Clock) -> SqliteLedger:  # noqa: A001 (read as `sqlite_ledger.open`)
    """Open or create the ledger.  Raises Unavailable."""
    return SqliteLedger(database.connect(path, _SCHEMA, clock))
