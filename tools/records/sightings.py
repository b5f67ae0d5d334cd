"""Times the signs of life of holders that cannot be looked up from here.

Another host or PID namespace cannot be asked whether a process runs there.  Its row carries a counter that the
holder moves, and an observer times it on its own monotonic clock from when it last saw the counter move.  All
processes of one boot share that clock, so a sighting outlives the process that made it: commands that run for
a moment, one after the other, notice together what none of them could alone.
"""

import sqlite3

from tools.records import process

SCHEMA = (
    """CREATE TABLE sightings (
        incident TEXT NOT NULL,
        observer TEXT NOT NULL,
        holder TEXT NOT NULL,
        beat INTEGER NOT NULL,
        seen REAL NOT NULL,
        PRIMARY KEY (incident, observer)
    )""",
)


def observer(place: process.Place, fallback: str) -> str:
    """Name of the clock that sightings are timed on; `fallback` where the boot is not known."""
    return f"{place.boot}/{place.clock}" if place.boot else fallback


def still(connection: sqlite3.Connection, incident: str, by: str, holder: str, beat: int, now: float) -> float:
    """Seconds for which this holder's counter has stood at `beat` before this observer's eyes."""
    # A sighting later than now was timed on another clock, so it begins anew.
    (seen,) = connection.execute(
        "INSERT INTO sightings (incident, observer, holder, beat, seen) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (incident, observer) DO UPDATE SET"
        " seen = CASE WHEN holder = excluded.holder AND beat = excluded.beat AND seen <= excluded.seen"
        "   THEN seen ELSE excluded.seen END,"
        " holder = excluded.holder, beat = excluded.beat"
        " RETURNING seen",
        (incident, by, holder, beat, now),
    ).fetchone()
    return now - float(seen)


def forget(connection: sqlite3.Connection, incident: str) -> None:
    """Delete the sightings of an incident: somebody else holds it now."""
    connection.execute("DELETE FROM sightings WHERE incident = ?", (incident,))
