"""The index of incidents on SQLite, with the switches and answers that people leave for the workers.

One worker per incident: whether the holder lives is found out *outside* of the transaction, and the row then
changes hands only if it still names that holder, and its counter still stands where it stood.  After that the
old holder can change nothing in it any more.
"""

import contextlib
import secrets
import sqlite3
from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from pathlib import Path

from incident.control import Approval, Control
from incident.errors import Conflict, Superseded, Tampered, Unavailable
from incident.steering import Steering
from tools import ports
from tools.records import answers, database, first_seen, incident_rows, process, sightings, switches
from tools.records.marks import Marks
from tools.records.permissions import STEERED, Permissions
from tools.secrets import redaction

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

_SECOND = (
    "ALTER TABLE incidents ADD COLUMN beat INTEGER NOT NULL DEFAULT 0",
    *sightings.SCHEMA,
    *switches.CHANGES,
    *answers.CHANGES,
)

_THIRD = first_seen.SCHEMA

_TRIES = 5

Fate = Callable[[str], process.Fate]


class SqliteIncidents:
    """:class:`tools.ports.Incidents` over one database."""

    def __init__(
        self, store: database.Database, clock: ports.Clock, audit: ports.Audit, marks: Marks, fate: Fate, observer: str
    ) -> None:
        self._store, self._clock, self._fate, self._observer = store, clock, fate, observer
        self._audit, self._permissions = audit, (permissions := Permissions(audit))
        self._switches = switches.Switches(store, clock, audit, marks, permissions)
        self._answers = answers.Answers(store, audit, marks, permissions)
        self._ours: dict[str, str] = {}
        """Under which name this process holds which incidents."""

    def claim(self, row: ports.Row, holder: str) -> ports.Row | None:
        """Open the incident or take over a dead holder's; None when a live process works on it.

        A closed incident is returned as it is, held by nobody.  Raises Conflict when the id belongs
        to another alert, ValueError for an empty holder.
        """
        if not holder:
            raise ValueError("a holder needs a name")
        # Each step is conditional on what was read, so losing a race means reading again.
        for _ in range(_TRIES):
            known = self._known(row)
            if known is None:
                if (opened := self._open(row, holder)) is not None:
                    return opened
                continue
            found = known[0]
            if found.status == "closed":
                return found
            # Asked before the step that hands over: looking into /proc inside of it would hold the write lock.
            if found.holder not in ("", holder) and self._lives(known):
                return None
            if self._hand_over(known, holder):
                return found.model_copy(update={"holder": holder})
        raise Unavailable(f"incident {row.id} kept changing hands")

    def update(self, row: ports.Row) -> None:
        """Store a changed row of ours.  Raises KeyError for an unknown id, Conflict for another alert under this id.

        Raises Superseded when the row is no longer ours.
        """
        with self._store.write() as connection:
            self._put(connection, row)
        # Only after the commit: a row that could not be stored is not ours.
        self._remember(row.id, row.holder)

    def release(self, incident: str) -> None:
        """Give the row back as it stands; harmless when it is no longer ours."""
        found = self.find(incident)
        if found is not None and self.ours(incident):
            self.update(found.model_copy(update={"holder": ""}))

    def beat(self, incident: str) -> bool:
        """Show that its holder lives.  False when the row is no longer ours."""
        # A beat that a power cut takes away costs nothing: after a cut nobody lives.
        with self._store.write(durable=False) as connection:
            done = connection.execute(
                "UPDATE incidents SET beat = beat + 1 WHERE id = ? AND holder = ?",
                (incident, self._ours.get(incident, "")),
            )
            return done.rowcount == 1

    def ours(self, incident: str) -> bool:
        """True when the row is still this process's."""
        known = self._ours.get(incident)
        if known is None:
            return False
        with self._store.read() as connection:
            query = "SELECT 1 FROM incidents WHERE id = ? AND holder = ?"
            return connection.execute(query, (incident, known)).fetchone() is not None

    def alive(self, row: ports.Row) -> bool:
        """True when somebody works on the incident: its holder lives, or its lease has not ended yet."""
        known = self._one("id = ?", row.id)
        return known is not None and known[0].holder != "" and self._lives(known)

    def find(self, incident: str) -> ports.Row | None:
        """One incident by id."""
        known = self._one("id = ?", incident)
        return None if known is None else known[0]

    def rows(self) -> tuple[ports.Row, ...]:
        """All incidents, in the order they were opened."""
        with self._store.read() as connection:
            found = connection.execute(f"SELECT {incident_rows.COLUMNS} FROM incidents ORDER BY sequence").fetchall()  # noqa: S608 (a literal of this file)
        return tuple(incident_rows.read(one)[0] for one in found)

    def first_seen(self, alerts: Collection[str], now: datetime) -> dict[str, datetime]:
        """Time at which each alert was first seen; now for a new one."""
        with self._store.write() as connection:
            return first_seen.times(connection, alerts, now)

    def over(self, alerts: Collection[str]) -> None:
        """Forget when these alerts were first seen: they are resolved."""
        with self._store.write() as connection:
            first_seen.forget(connection, alerts)

    def control(self, incident: str) -> Control:
        """The switches that apply to this incident now, the kill switch included.  Raises Tampered, Unavailable."""
        return self._switches.control(incident)

    def set_control(self, incident: str | None, control: Control) -> None:
        """Write down what a person says about an incident, or with None about all; see :mod:`tools.records.switches`."""
        self._switches.set(incident, redaction.redact_value(control))

    def steer(self, incident: str, word: Steering) -> None:
        """Chain where a person says that the cause of an incident lies, or does not.  Raises Unavailable."""
        word = redaction.redact_value(word)
        self._audit.append(word.at, word.by, STEERED, {"incident": incident, "word": word.model_dump(mode="json")})
        with contextlib.suppress(Unavailable):  # an anchor elsewhere may be out of reach; the word counts all the same
            self._audit.anchor()

    def steering(self, incident: str) -> tuple[Steering, ...]:
        """Everything that people said of where the cause lies, in order.  Raises Tampered, Unavailable."""
        return self._permissions.steering(incident)

    def answer(self, row: ports.Row, question: str, approval: Approval) -> ports.Row:
        """Chain and store a person's answer; the row, which must be ours, is open again in the same step.

        Raises Conflict when the question was answered before, naming who did, and Superseded.
        """
        approval = redaction.redact_value(approval)
        # The chain first: a crash behind it leaves the question open, and never an answer that only the row knows.
        self._answers.chain(row.id, question, approval)
        reason = f"answered by {answers.named(approval)}"
        going_on = {"status": "open", "waiting_on": "", "plan": "", "reason": reason, "changed_at": approval.at}
        changed = row.model_copy(update=going_on)
        with self._store.write() as connection:
            self._put(connection, changed)
            if not self._answers.insert(connection, row.id, question, approval):
                raise Conflict(f"the question of {row.id} was answered by somebody else just now")
        return changed

    def answered(self, incident: str, question: str = "") -> Approval | None:
        """The answer to this question, or the last one of all.  Raises Tampered for a yes that no person gave."""
        return self._answers.to(incident, question)

    def vouch(self, incident: str, approval: Approval) -> None:
        """Raise Tampered unless a person gave this very answer about this incident."""
        self._answers.vouch(incident, approval)

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    def _lives(self, known: incident_rows.Known) -> bool:
        """True when the holder lives; one that cannot be looked up from here does until its lease ends."""
        row, _, beat = known
        fate = self._fate(row.holder)
        if fate != "unknown":
            return fate == "alive"
        with self._store.write(durable=False) as connection:
            now = self._clock.monotonic()
            return sightings.still(connection, row.id, self._observer, row.holder, beat, now) < ports.HOLD_SECONDS

    def _known(self, row: ports.Row) -> incident_rows.Known | None:
        return self._one("world = ? AND fingerprint = ? AND starts_at = ?", *incident_rows.identity(row))

    def _one(self, where: str, *parameters: str) -> incident_rows.Known | None:
        query = f"SELECT {incident_rows.COLUMNS} FROM incidents WHERE {where}"  # noqa: S608 (`where` is a literal of this file)
        with self._store.read() as connection:
            found = connection.execute(query, parameters).fetchone()
        return None if found is None else incident_rows.read(found)

    def _open(self, row: ports.Row, holder: str) -> ports.Row | None:
        """Insert the row; None when another process was quicker."""
        opened = redaction.redact_value(row.model_copy(update={"holder": holder}))
        with self._store.write() as connection:
            done = connection.execute(
                "INSERT INTO incidents (id, world, fingerprint, starts_at, holder, body) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (world, fingerprint, starts_at) DO NOTHING"
                " ON CONFLICT (id) DO NOTHING",
                (opened.id, *incident_rows.identity(opened), holder, _body(opened)),
            ).rowcount
            if done:
                self._remember(row.id, holder)
                return opened
            taken = connection.execute(
                "SELECT world, fingerprint, starts_at FROM incidents WHERE id = ?", (row.id,)
            ).fetchone()
        if taken is not None and taken != incident_rows.identity(row):
            raise Conflict(f"the id {row.id} belongs to another alert")
        return None

    def _hand_over(self, known: incident_rows.Known, holder: str) -> bool:
        """Give the row to a new holder if the old one, its last sign of life and everything else still stand there."""
        row, body, beat = known
        new = _body(row.model_copy(update={"holder": holder}))
        with self._store.write() as connection:
            done = connection.execute(
                "UPDATE incidents SET holder = ?, body = ?, beat = beat + 1"
                " WHERE id = ? AND holder = ? AND body = ? AND beat = ?",
                (holder, new, row.id, row.holder, body, beat),
            )
            if done.rowcount == 1:
                sightings.forget(connection, row.id)
        if done.rowcount == 1:
            self._remember(row.id, holder)
        return done.rowcount == 1

    def _put(self, connection: sqlite3.Connection, row: ports.Row) -> None:
        """Change a row that is ours, in one conditional statement; say why it could not be."""
        ours = self._ours.get(row.id, "")
        done = connection.execute(
            "UPDATE incidents SET holder = ?, body = ?"
            " WHERE id = ? AND holder = ? AND holder <> '' AND world = ? AND fingerprint = ? AND starts_at = ?",
            (row.holder, _body(row), row.id, ours, *incident_rows.identity(row)),
        )
        if done.rowcount == 1:
            return
        found = connection.execute(
            "SELECT world, fingerprint, starts_at, holder FROM incidents WHERE id = ?", (row.id,)
        ).fetchone()
        if found is None:
            raise KeyError(row.id)
        if found[:3] != incident_rows.identity(row):
            raise Conflict(f"incident {row.id} is about another alert")
        if not found[3]:
            raise Tampered(f"the row of {row.id} was changed from outside, and no process works on it")
        raise Superseded(f"incident {row.id} was taken over: {found[3]} holds it")

    def _remember(self, incident: str, holder: str) -> None:
        if holder:
            self._ours[incident] = holder
        else:
            self._ours.pop(incident, None)


def open(  # noqa: A001 (read as `sqlite_incidents.open`)
    path: Path, clock: ports.Clock, audit: ports.Audit, marks: Marks, fate: Fate | None = None, observer: str = ""
) -> SqliteIncidents:
    """Open or create the index.  Raises Unavailable.

    `fate` says what is known here of a holder, and `observer` names the clock that the others' leases are timed
    on; both are this process's own when they are not given.
    """
    place = process.here()
    return SqliteIncidents(
        database.connect(path, _SCHEMA, clock, changes=(_SECOND, _THIRD)),
        clock,
        audit,
        marks,
        fate or partial(process.fate, place=place),
        observer or sightings.observer(place, secrets.token_hex(8)),
    )


def _body(row: ports.Row) -> str:
    """A row as it is stored: nothing secret, whoever wrote it."""
    return redaction.redact_value(row).model_dump_json()
