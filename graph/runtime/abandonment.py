"""Abandonment: ends an incident that cannot be resumed any more, for example because its world is gone.

Each failed try is chained with its time, so the deadline holds over restarts of the process that tries.  An incident
that no later try could resume, such as one with a damaged checkpoint, is ended at once.
"""

from datetime import datetime, timedelta

from pydantic import JsonValue

from graph.console import observer
from graph.effects import whole_ending
from graph.journal import Journal
from graph.reports import journal_reader, report
from graph.setup import stores
from incident.ending import Ending, Outcome
from incident.errors import SutureError, Tampered
from incident.phase import Phase
from incident.record import Acted, Closed, Moved, Told
from tools.ports import Row

LONGEST = timedelta(hours=24)
"""Time from the first failed try in a row until the incident is ended: an outage must not end it."""

LEAST = 5
"""Failed tries in a row that are needed as well, so that one try on a weekend does not end it."""


def failed(shared: stores.Stores, row: Row, why: str) -> Ending | None:
    """Chain a failed try, and end the incident after too many of them over too long a time; None until then.

    Raises Unavailable and Tampered when the stores fail; then it is tried again like the resumption.
    """
    now = shared.clock.now()
    resumed = len(shared.audit.find("resumed", row.id))
    said: dict[str, JsonValue] = {"incident": row.id, "reason": why, "at": now.isoformat(), "resumed": resumed}
    shared.audit.append(now, "suture", "unresumed", said)
    tries = [body for body in shared.audit.find("unresumed", row.id) if body.get("resumed") == resumed]
    since = datetime.fromisoformat(str(tries[0]["at"]))
    if len(tries) < LEAST or now - since < LONGEST:
        return None
    claimed = _claimed(shared, row)
    if claimed is None:
        return None
    reason = f"could not be resumed in {len(tries)} tries since {since:%Y-%m-%d %H:%M} UTC ({why})"
    return end(shared, claimed, f"{reason}; what runs there is not known", "nobody knows what")[0]


def settle(shared: stores.Stores, row: Row, known: Ending, running: str) -> Ending | None:
    """Close an incident that ended while its row could not be written; people were told then.

    None when a live process works on it.
    """
    claimed = _claimed(shared, row)
    if claimed is None:
        return None
    return end(shared, claimed, known.stopped, running, known)[0]


def _claimed(shared: stores.Stores, row: Row) -> Row | None:
    """Return the row, claimed; None when a live process works on it, or it is closed."""
    claimed = shared.incidents.claim(row, shared.holder)
    return None if claimed is None or claimed.status == "closed" else claimed


def end(
    shared: stores.Stores, claimed: Row, reason: str, running: str, known: Ending | None = None
) -> tuple[Ending, Row]:
    """Close a claimed row as escalated, or with the ending in its journal; people were told of a `known` one."""
    try:
        ending = _ended(shared, claimed, reason, running, known)
        row = stores.ended(claimed, ending, shared.clock.now())
        shared.incidents.update(row)
    except SutureError:
        # While a live process holds it, nobody would resume it.
        shared.incidents.release(claimed.id)
        raise
    return ending, row


def _ended(shared: stores.Stores, row: Row, reason: str, running: str, known: Ending | None) -> Ending:
    folder = stores.folder(shared, row.id)
    journal = Journal(row.id, folder, shared.audit, shared.clock, stores.redacted, observer.silent)
    try:
        journal.settle()
        records = journal_reader.load(folder.lines())
    except Tampered as error:
        # Nothing can be added to a journal that does not verify, and it would not verify later either.
        why = f"{reason}; its journal does not verify ({error})"
        return known or _told(shared, row, why, None)
    moved, closed = journal_reader.last(records, Moved), journal_reader.last(records, Closed)
    phase = moved.after if moved else Phase.QUEUED
    if phase is Phase.CLOSED and closed is not None:
        ending = closed.ending
    else:
        _settled(shared, journal, row, reason)
        ending = known or _told(shared, row, reason, journal)
        if phase is not Phase.CLOSED:
            journal.write("close", Moved(before=phase, after=Phase.CLOSED))
        journal.write("close", Closed(ending=ending, running=running))
    report.write(folder)
    stores.seal(shared.audit, folder, row.id, shared.clock.now())
    return ending


def _settled(shared: stores.Stores, journal: Journal, row: Row, reason: str) -> None:
    """Conclude open effects as unknown, because nobody will look at this incident again."""
    for entry in shared.ledger.entries(row.id):
        if entry.outcome is None:
            shared.ledger.conclude(entry.key, {"result": "unknown", "detail": reason}, shared.clock.now())
            journal.write("effect", Acted(key=entry.key, result="unknown", detail=reason))


def _told(shared: stores.Stores, row: Row, reason: str, journal: Journal | None) -> Ending:
    """Tell a person, once, and return the ending, which says so when nobody could be told."""
    subject = f"{row.service or 'an unknown service'}: {row.id} is left to you"
    ending = _escalated(shared, row, reason)
    said: dict[str, JsonValue] = {"incident": row.id, "service": row.service, "reason": ending.reason}
    delivered = shared.notify.tell(subject, {**said, "lines": list(ending.lines)})
    if journal is not None:
        for channel, arrived in delivered:
            journal.write("escalate", Told(channel=channel, delivered=arrived, text=subject, lines=ending.lines))
    if not any(arrived for _, arrived in delivered):
        return _escalated(shared, row, f"{reason}; and nobody could be told")
    return ending


def _escalated(shared: stores.Stores, row: Row, reason: str) -> Ending:
    ending = Ending(outcome=Outcome.ESCALATED, reason=reason[:500])
    return whole_ending.of(stores.folder(shared, row.id), row.id, row.service, ending, whole=False)
