"""Ends an incident that cannot be resumed any more, because its world is gone, say: none stays open for ever.

Each try that failed is chained with its time, so the deadline holds over restarts of whoever tries.
"""

from datetime import datetime, timedelta

from pydantic import JsonValue

from graph import drive, report, telling, wiring
from graph import records as journal
from graph.scribe import Scribe
from incident.ending import Ending, Outcome
from incident.errors import SutureError
from incident.phase import Phase
from incident.record import Acted, Closed, Moved, Told
from tools.ports import Row

LONGEST = timedelta(hours=24)
"""From the first failed try in a row until the incident is ended: an outage, or a weekend's one try, must not end it."""

LEAST = 5
"""Tries in a row that must have failed as well."""


def failed(shared: wiring.Books, row: Row, why: str) -> Ending | None:
    """Chain that a try failed, and end the incident once that went on for too long; None until then.

    Raises Unavailable and Tampered when the books cannot say; then it is tried again like the resumption.
    """
    now = shared.clock.now()
    resumed = len(shared.audit.find("resumed", row.id))
    said: dict[str, JsonValue] = {"incident": row.id, "reason": why, "at": now.isoformat(), "resumed": resumed}
    shared.audit.append(now, "suture", "unresumed", said)
    tries = [body for body in shared.audit.find("unresumed", row.id) if body.get("resumed") == resumed]
    since = datetime.fromisoformat(str(tries[0]["at"]))
    if len(tries) < LEAST or now - since < LONGEST:
        return None
    reason = f"could not be resumed in {len(tries)} tries since {since:%Y-%m-%d %H:%M} UTC ({why})"
    return _end(shared, row, f"{reason}; what runs there is not known", "nobody knows what", tell=True)


def settle(shared: wiring.Books, row: Row, reason: str, running: str) -> Ending | None:
    """Close an incident that ended so while that could not be written; people were told then.

    None when a live process works on it.
    """
    return _end(shared, row, reason, running, tell=False)


def _end(shared: wiring.Books, row: Row, reason: str, running: str, *, tell: bool) -> Ending | None:
    """Close it as escalated, or as its journal says that it ended; None when a live process works on it."""
    claimed = shared.incidents.claim(row, shared.holder)
    if claimed is None or claimed.status == "closed":
        return None
    try:
        ending = _ended(shared, row, reason, running, tell=tell)
        shared.incidents.update(drive.ended(claimed, ending, shared.clock.now()))
    except SutureError:
        # Held by a process that lives, nobody would take it up again.
        shared.incidents.update(claimed.model_copy(update={"holder": ""}))
        raise
    return ending


def _ended(shared: wiring.Books, row: Row, reason: str, running: str, *, tell: bool) -> Ending:
    folder = wiring.journal(shared, row.id)
    scribe = Scribe(row.id, folder, shared.audit, shared.clock, wiring.redacted, telling.silent)
    scribe.settle()
    records = journal.load(folder.lines())
    moved, closed = journal.last(records, Moved), journal.last(records, Closed)
    phase = moved.after if moved else Phase.QUEUED
    if phase is Phase.CLOSED and closed is not None:
        ending = closed.ending
    else:
        ending = _written(shared, scribe, row, reason, tell=tell)
        if phase is not Phase.CLOSED:
            scribe.write("close", Moved(before=phase, after=Phase.CLOSED))
        scribe.write("close", Closed(ending=ending, running=running))
    report.write(folder)
    drive.seal(shared.audit, folder, row.id, shared.clock.now())
    return ending


def _written(shared: wiring.Books, scribe: Scribe, row: Row, reason: str, *, tell: bool) -> Ending:
    for entry in shared.ledger.entries(row.id):
        if entry.outcome is None:
            shared.ledger.conclude(entry.key, {"result": "unknown", "detail": reason}, shared.clock.now())
            scribe.write("effect", Acted(key=entry.key, result="unknown", detail=reason))
    if tell and not _told(shared, scribe, row, reason):
        reason = f"{reason}; and nobody could be told"
    return Ending(outcome=Outcome.ESCALATED, reason=reason[:500])


def _told(shared: wiring.Books, scribe: Scribe, row: Row, reason: str) -> bool:
    subject = f"{row.service}: {row.id} is left to you"
    delivered = shared.notify.tell(subject, {"incident": row.id, "service": row.service, "reason": reason})
    for channel, arrived in delivered:
        scribe.write("escalate", Told(channel=channel, delivered=arrived, text=subject))
    return any(arrived for _, arrived in delivered)
