"""The index of incidents on SQLite, with the switches and answers that people leave for the workers.

One worker per incident: the holder's process is looked up *outside* of the transaction, and the row
then changes hands only if it still names the holder that was found dead.
"""

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from incident.control import Approval, Control
from incident.errors import Conflict, Unavailable
from incident.value import Value
from tools import ports
from tools.stores import database, process, redaction

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS incidents (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        world TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        starts_at TEXT NOT NULL,
        holder TEXT NOT NULL,
        body TEXT NOT NULL,
        UNIQUE (world, fingerprint, starts_at)
    )""",
    "CREATE TABLE IF NOT EXISTS controls (incident TEXT PRIMARY KEY, body TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS approvals (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        incident TEXT NOT NULL,
        plan_digest TEXT NOT NULL,
        base TEXT NOT NULL,
        body TEXT NOT NULL,
        used INTEGER NOT NULL DEFAULT 0
    )""",
    "CREATE INDEX IF NOT EXISTS approvals_of_plan ON approvals (incident, plan_digest, base, used)",
)

_ALL = ""
"""Stands for "all incidents" in `controls`: the kill switch.  No incident has an empty id."""

_TRIES = 5


class SqliteIncidents:
    """:class:`tools.ports.Incidents` over one database."""

    def __init__(self, store: database.Database, alive: Callable[[str], bool] = process.alive) -> None:
        self._store = store
        self._alive = alive

    def claim(self, row: ports.Row, holder: str) -> ports.Row | None:
        """Open the incident or take over a dead holder's; None when a live process works on it.

        A closed incident is returned as it is, held by nobody.  Raises Conflict when the id belongs
        to another alert, ValueError for an empty holder.
        """
        if not holder:
            raise ValueError("a holder needs a name")
        for _ in range(_TRIES):
            known = self._known(row)
            if known is None:
                if (opened := self._open(row, holder)) is not None:
                    return opened
                continue
            if known.status == "closed":
                return known
            if known.holder not in ("", holder) and self._alive(known.holder):
                return None
            if self._hand_over(known, holder):
                return known.model_copy(update={"holder": holder})
        raise Unavailable(f"incident {row.id} kept changing hands")

    def update(self, row: ports.Row) -> None:
        """Store a changed row.  Raises KeyError for an unknown id, Conflict for another alert under this id."""
        with self._store.write() as connection:
            found = connection.execute(
                "SELECT world, fingerprint, starts_at FROM incidents WHERE id = ?", (row.id,)
            ).fetchone()
            if found is None:
                raise KeyError(row.id)
            if found != _identity(row):
                raise Conflict(f"incident {row.id} is about another alert")
            connection.execute(
                "UPDATE incidents SET holder = ?, body = ? WHERE id = ?", (row.holder, _body(row), row.id)
            )

    def find(self, incident: str) -> ports.Row | None:
        """One incident by id."""
        with self._store.read() as connection:
            found = connection.execute("SELECT body FROM incidents WHERE id = ?", (incident,)).fetchone()
        return _row(found)

    def rows(self) -> tuple[ports.Row, ...]:
        """All incidents, in the order they were opened."""
        with self._store.read() as connection:
            bodies = connection.execute("SELECT body FROM incidents ORDER BY sequence").fetchall()
        return tuple(ports.Row.model_validate_json(body) for (body,) in bodies)

    def control(self, incident: str) -> Control:
        """The incident's switches with the kill switch over them; who and why are the kill switch's when it is on."""
        with self._store.read() as connection:
            found = dict(
                connection.execute("SELECT incident, body FROM controls WHERE incident IN (?, ?)", (incident, _ALL))
            )
        own = _control(found.get(incident)) if incident != _ALL else Control()
        everyone = _control(found.get(_ALL))
        if not everyone.stop_all:
            return own
        said = {"stop_all": True, "by": everyone.by, "reason": everyone.reason, "at": everyone.at}
        return own.model_copy(update=said)

    def set_control(self, incident: str | None, control: Control) -> None:
        """Set an incident's switches, or with None the kill switch; synced before it returns."""
        if incident == _ALL:
            raise ValueError("an empty id means nobody, not everybody")
        with self._store.write() as connection:
            connection.execute(
                "INSERT INTO controls VALUES (?, ?) ON CONFLICT (incident) DO UPDATE SET body = excluded.body",
                (_ALL if incident is None else incident, _body(control)),
            )

    def approve(self, incident: str, approval: Approval) -> None:
        """Store a person's answer.  A later answer to the same plan replaces an earlier unused one."""
        with self._store.write() as connection:
            connection.execute(
                "INSERT INTO approvals (incident, plan_digest, base, body) VALUES (?, ?, ?, ?)",
                (incident, approval.plan_digest, approval.base, _body(approval)),
            )

    def take_approval(self, incident: str, plan_digest: str, base: str, now: datetime) -> Approval | None:
        """The last unused answer for this plan on this base, if it has not expired; all of them are used up."""
        with self._store.write() as connection:
            found = connection.execute(
                "SELECT body FROM approvals WHERE incident = ? AND plan_digest = ? AND base = ? AND used = 0"
                " ORDER BY sequence DESC LIMIT 1",
                (incident, plan_digest, base),
            ).fetchone()
            connection.execute(
                "UPDATE approvals SET used = 1 WHERE incident = ? AND plan_digest = ? AND base = ?",
                (incident, plan_digest, base),
            )
        if found is None:
            return None
        approval = Approval.model_validate_json(found[0])
        return approval if now < approval.expires_at else None

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    def _known(self, row: ports.Row) -> ports.Row | None:
        with self._store.read() as connection:
            found = connection.execute(
                "SELECT body FROM incidents WHERE world = ? AND fingerprint = ? AND starts_at = ?", _identity(row)
            ).fetchone()
        return _row(found)

    def _open(self, row: ports.Row, holder: str) -> ports.Row | None:
        """Insert the row; None when another process was quicker."""
        opened = redaction.redact_value(row.model_copy(update={"holder": holder}))
        with self._store.write() as connection:
            done = connection.execute(
                "INSERT INTO incidents (id, world, fingerprint, starts_at, holder, body) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (world, fingerprint, starts_at) DO NOTHING"
                " ON CONFLICT (id) DO NOTHING",
                (opened.id, *_identity(opened), holder, _body(opened)),
            ).rowcount
            if done:
                return opened
            taken = connection.execute(
                "SELECT world, fingerprint, starts_at FROM incidents WHERE id = ?", (row.id,)
            ).fetchone()
        if taken is not None and taken != _identity(row):
            raise Conflict(f"the id {row.id} belongs to another alert")
        return None

    def _hand_over(self, known: ports.Row, holder: str) -> bool:
        """Give the row to a new holder if the old one, and everything else, still stands there."""
        with self._store.write() as connection:
            done = connection.execute(
                "UPDATE incidents SET holder = ?, body = ? WHERE id = ? AND body = ?",
                (
                    holder,
                    _body(known.model_copy(update={"holder": holder})),
                    known.id,
                    known.model_dump_json(),
                ),
            ).rowcount
        return done == 1


def _identity(row: ports.Row) -> tuple[str, str, str]:
    return row.world, row.fingerprint, str(row.starts_at.timestamp())


def _body(value: Value) -> str:
    """What is stored of a value: nothing secret, whoever wrote it."""
    return redaction.redact_value(value).model_dump_json()


def _row(found: sqlite3.Row | None) -> ports.Row | None:
    return None if found is None else ports.Row.model_validate_json(found[0])


def _control(body: str | None) -> Control:
    return Control() if body is None else Control.model_validate_json(body)


def open(path: Path, clock: ports.Clock, alive: Callable[[str], bool] = process.alive) -> SqliteIncidents:  # noqa: A001 (read as `sqlite_incidents.open`)
    """Open or create the index.  Raises Unavailable."""
    return SqliteIncidents(database.connect(path, _SCHEMA, clock), alive)
