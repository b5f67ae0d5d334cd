"""Times at which alerts were first seen, for those whose sender says no time that can be believed.

A repeat then has the same start and joins the same incident.  An alert that was not seen for some days, or that was
resolved, begins anew: it would join an incident that has long been closed otherwise.
"""

import sqlite3
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

FORGOTTEN = timedelta(days=2)
"""Time without a repeat after which an alert is a new one; Alertmanager repeats after at most a day in most places."""

SCHEMA = (
    """CREATE TABLE first_seen (
        alert TEXT PRIMARY KEY,
        first TEXT NOT NULL,
        last TEXT NOT NULL
    )""",
)


def times(connection: sqlite3.Connection, alerts: Collection[str], now: datetime) -> dict[str, datetime]:
    """Return when each alert was first seen, which is now for a new one, and remember that it was seen now."""
    stamp, old = now.astimezone(UTC).isoformat(), (now - FORGOTTEN).astimezone(UTC).isoformat()
    connection.executemany(
        "INSERT INTO first_seen (alert, first, last) VALUES (?, ?, ?)"
        " ON CONFLICT (alert) DO UPDATE SET"
        " first = CASE WHEN last < ? THEN excluded.first ELSE first END, last = excluded.last",
        ((alert, stamp, stamp, old) for alert in alerts),
    )
    query = "SELECT first FROM first_seen WHERE alert = ?"
    return {alert: datetime.fromisoformat(connection.execute(query, (alert,)).fetchone()[0]) for alert in alerts}


def forget(connection: sqlite3.Connection, alerts: Collection[str]) -> None:
    """Forget alerts that are over."""
    connection.executemany("DELETE FROM first_seen WHERE alert = ?", ((alert,) for alert in alerts))
