"""Switches that people set: a stop counts from a row as well as from the chain, a permission from the chain alone.

Each switch is set in one statement that reads, decides and writes, so no two undo each other.  A stop is in force when
its row is written, before it is chained; it is lifted after the entry that lifts it was chained, and only if it is
still the one that was seen.  So whatever happens in between, and whatever somebody writes into the table, can only stop
more.
"""

import contextlib

from pydantic import ValidationError

from incident.control import Control
from incident.errors import Unavailable
from tools import ports
from tools.records import database
from tools.records.marks import Marks
from tools.records.permissions import ALL, Permissions

CHANGES = ("ALTER TABLE controls ADD COLUMN mark TEXT NOT NULL DEFAULT ''",)

KIND = "switch"
"""Of the marks over rows."""

UNMARKED = "it carries no mark of this installation: written by hand, or by an older version"

_ABORTED = "CASE WHEN json_valid(body) THEN coalesce(json_extract(body, '$.aborted'), 0) ELSE 0 END"

_STOP = (
    "INSERT INTO controls (incident, body, mark) VALUES (?, ?, ?) ON CONFLICT (incident) DO UPDATE SET"  # noqa: S608 (literals of this file)
    f" body = CASE WHEN {_ABORTED} THEN body ELSE excluded.body END,"
    f" mark = CASE WHEN {_ABORTED} THEN mark ELSE excluded.mark END"
)
_LIFT = f"DELETE FROM controls WHERE incident = ? AND body = ? AND NOT ({_ABORTED})"  # noqa: S608 (literals of this file)


class Switches:
    """Switches in the table `controls`, with what the chain says over them."""

    def __init__(
        self, store: database.Database, clock: ports.Clock, audit: ports.Audit, marks: Marks, permissions: Permissions
    ) -> None:
        self._store, self._clock, self._audit, self._marks = store, clock, audit, marks
        self._permissions = permissions

    def control(self, incident: str) -> Control:
        """The incident's switches with the kill switch over them; who and why are the kill switch's when it is on."""
        with self._store.read() as connection:
            rows = {
                name: self._told(name, body, mark)
                for name, body, mark in connection.execute(
                    "SELECT incident, body, mark FROM controls WHERE incident IN (?, ?)", (incident, ALL)
                )
            }
        own = stricter(rows.get(incident, Control()), self._permissions.control(incident))
        everyone = stricter(rows.get(ALL, Control()), self._permissions.control(ALL))
        if not everyone.stop_all:
            return own.model_copy(update={"stop_all": False})
        flags = {"paused": own.paused, "aborted": own.aborted} if incident != ALL else {}
        return everyone.model_copy(update={"paused": False, "aborted": False, **flags})

    def set(self, incident: str | None, said: Control) -> None:
        """Store one switch.  Raises Unavailable, Tampered; a stop is in force even then, if its row was written."""
        if incident == ALL:
            raise ValueError("an empty id means nobody, not everybody")
        key = ALL if incident is None else incident
        word = _word(incident, said)
        stops = word in ("stop-all", "pause", "abort")
        # What is lifted is the stop that was seen now; one that comes meanwhile stays in force.
        seen = "" if stops else self._body(key)
        if stops:
            self._stop(key, _only(word, said))
        body = {"incident": key, "os_user": said.os_user, "reason": said.reason}
        self._audit.append(said.at or self._clock.now(), said.by, word, dict(body))
        if not stops:
            self._lift(key, seen)
        with contextlib.suppress(Unavailable):  # an anchor elsewhere may be out of reach; the word counts all the same
            self._audit.anchor()

    def _stop(self, key: str, said: Control) -> None:
        body = said.model_dump_json()
        with self._store.write() as connection:
            connection.execute(_STOP, (key, body, self._marks.mark(KIND, [key, body])))

    def _lift(self, key: str, seen: str) -> None:
        with self._store.write() as connection:
            connection.execute(_LIFT, (key, seen))

    def _body(self, key: str) -> str:
        with self._store.read() as connection:
            found = connection.execute("SELECT body FROM controls WHERE incident = ?", (key,)).fetchone()
        return "" if found is None else str(found[0])

    def _told(self, key: str, body: str, mark: str) -> Control:
        """A row's switches.  A stop is obeyed whoever wrote it, and one that cannot be read is a stop."""
        try:
            found = Control.model_validate_json(body)
        except ValidationError:
            found = Control(stop_all=key == ALL, paused=key != ALL, reason="its switch cannot be read")
        if self._marks.holds(KIND, [key, body], mark):
            return found
        return found.model_copy(update={"reason": f"{found.reason} ({UNMARKED})".strip()})


def stricter(row: Control, chained: Control) -> Control:
    """The stricter of two switches; who and why are those of the strictest, the row's when both are as strict."""
    said = row if 0 < _weight(row) >= _weight(chained) else chained
    flags = {
        "stop_all": row.stop_all or chained.stop_all,
        "paused": row.paused or chained.paused,
        "aborted": row.aborted or chained.aborted,
    }
    return said.model_copy(update=flags)


def _weight(control: Control) -> int:
    return max(3 * control.stop_all, 2 * control.aborted, int(control.paused))


def _word(incident: str | None, said: Control) -> str:
    if incident is None:
        return "stop-all" if said.stop_all else "start-all"
    if said.aborted:
        return "abort"
    return "pause" if said.paused else "resume"


def _only(word: str, said: Control) -> Control:
    """The switch alone: what else stands is somebody else's."""
    flags = {"stop_all": word == "stop-all", "paused": word == "pause", "aborted": word == "abort"}
    return said.model_copy(update=flags)
