"""Stores that all incidents share, opened below ``SUTURE_HOME``, with lookups and writes that commands share.

Every command needs these, also one without graph, model or world; `graph.setup.wiring` adds what a run needs.
"""

import hashlib
import os
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import JsonValue

from graph.config.settings import Settings
from graph.setup import anchors
from incident.ending import Ending, Outcome
from incident.errors import BadInput
from tools import ports, program
from tools.audit import chain_file
from tools.clock import SystemClock
from tools.locks import sqlite_locks
from tools.notify import Notifier, Post
from tools.records import home as homes
from tools.records import process, record_folder, sqlite_incidents, sqlite_ledger, sqlite_memory
from tools.records.emergency import EmergencyLog, elsewhere
from tools.records.marks import Marks
from tools.records.opened import Opened
from tools.secrets import redaction


@dataclass(frozen=True)
class Stores:
    """The stores that all incidents share."""

    home: homes.Home
    clock: ports.Clock
    locks: ports.Locks
    ledger: ports.Ledger
    incidents: ports.Incidents
    memories: ports.Memories
    audit: chain_file.AuditFile
    marks: Marks
    """Makes and checks the marks over what these stores hold."""
    notify: ports.Notify
    holder: str
    unmoved: Callable[[], None]
    """Raises Tampered when these stores are no longer the files at their paths."""

    def told(self, holder: str) -> str:
        """Return a holder in words, for a person who wants to find it."""
        return process.told(holder, process.here())

    def sees(self, holder: str) -> bool:
        """True when it can be seen from here that the holder lives."""
        return process.fate(holder, process.here()) == "alive"

    def address(self, world: str) -> str:
        """Return the last known address of a world; empty when there is none."""
        note = self._note(world)
        return note.read_text(encoding="utf-8").strip() if note.is_file() else ""

    def remember(self, world: str, url: str) -> None:
        """Keep a world's address, for a person who answers later."""
        note = self._note(world)
        note.parent.mkdir(mode=0o700, exist_ok=True)
        note.write_text(url, encoding="utf-8")

    def _note(self, world: str) -> Path:
        return self.home.root / "worlds" / hashlib.sha256(world.encode()).hexdigest()[:16]


def connect(
    settings: Settings,
    *,
    clock: ports.Clock | None = None,
    notify: ports.Notify | None = None,
    holder: str = "",
    fate: Callable[[str], process.Fate] | None = None,
) -> Stores:
    """Open the stores below ``SUTURE_HOME``.  Raises BadInput, Unavailable, Tampered.

    Clock, notifier, the name of this process and the fate of others are the real ones where none are given.
    """
    home = homes.lay_out(settings.home)
    clock = clock or SystemClock()
    audit = chain_file.open_with(
        home.audit, home.audit_key, anchors.chosen(settings.audit_anchor, home.audit_anchor, clock), clock
    )
    marks = Marks(chain_file.load_key(home.audit_key))
    ledger = sqlite_ledger.open(home.ledger, clock)
    incidents = sqlite_incidents.open(home.incidents_index, clock, audit, marks, fate)
    return Stores(
        home=home,
        clock=clock,
        locks=locks(settings, home, clock),
        ledger=ledger,
        incidents=incidents,
        memories=sqlite_memory.open(home.memory, clock, marks),
        audit=audit,
        marks=marks,
        notify=notify
        or Notifier(sys.stderr, home.notices, clock, lambda: secrets.token_hex(8), webhook(settings, clock)),
        holder=holder or process.holder(os.getpid()),
        unmoved=unmoved(home),
    )


def webhook(settings: Settings, clock: ports.Clock) -> Post | None:
    """Return the function that posts a notice to the webhook that is set; None without one."""
    if not settings.notify_url:
        return None
    from tools.webhook import Webhook  # noqa: PLC0415 (loads an HTTP client, which is needed only where one is set)

    return Webhook(settings.notify_url, clock).post


def unmoved(home: homes.Home) -> Callable[[], None]:
    """Return the check that raises Tampered when a store that is open now is no longer the file at its path."""
    # Each run of an incident opens the checkpoints anew, and SQLite's companions come and go with that.
    return Opened((home.incidents_index, home.ledger, home.locks), (home.checkpoints, home.audit, home.audit_key)).check


def locks(settings: Settings, home: homes.Home, clock: ports.Clock) -> ports.Locks:
    """Open the store of locks: in Redis when one is set, else in a file of this machine.  Raises BadInput, Unavailable."""
    if not settings.redis_url:
        return sqlite_locks.open(home.locks, clock)
    # Redis's client takes longer to load than everything else here, and few set one.
    from tools.locks import redis_link, redis_locks  # noqa: PLC0415 (an adapter that is loaded when it is chosen)

    try:
        return redis_locks.open(settings.redis_url, clock, longest=settings.lease_seconds)
    except ValueError as error:
        raise BadInput("REDIS_URL", redis_link.shown(settings.redis_url), f"{error}") from error


def row(shared: Stores, incident: str) -> ports.Row:
    """Return the row of an incident.  Raises BadInput for an unknown id."""
    found = shared.incidents.find(incident)
    if found is None:
        raise BadInput("incident", incident, f"use an id that {program.called('list')} shows")
    return found


def folder(shared: Stores, incident: str) -> record_folder.RecordFolder:
    """Return the record folder of an incident."""
    return record_folder.open(shared.home.incidents, incident, shared.clock)


def emergency(shared: Stores) -> EmergencyLog:
    """Return the emergency log for what the stores do not take: in the home folder, or else elsewhere on this machine."""
    return EmergencyLog(shared.home.emergency, sys.stderr, elsewhere(shared.home.root, os.environ))


def redacted(value: JsonValue) -> JsonValue:
    """Return the value without secrets; source text stays as it is, or it would no longer be that source."""
    return redaction.redact(value, keep=redaction.SOURCE)


def seal(audit: ports.Audit, journal: ports.RecordFolder, incident: str, now: datetime) -> None:
    """Enter the digests of all record files into the chain, so that any changed byte is found later."""
    digests: dict[str, JsonValue] = dict(journal.digests())
    audit.append(now, "suture", "sealed", {"incident": incident, "files": digests})


def ended(row: ports.Row, ending: Ending, now: datetime) -> ports.Row:
    """Return the row of an incident that ended or waits, without a holder."""
    waiting = ending.outcome is Outcome.WAITING
    changed = {
        "status": "waiting" if waiting else "closed",
        "outcome": ending.outcome.value,
        "reason": ending.reason,
        "waiting_on": "a person" if waiting else "",
        "holder": "",
        "declared": None,
        "plan": row.plan if waiting else "",
        "changed_at": now,
    }
    # Validated anew, which `model_copy` does not do.
    return ports.Row.model_validate({**row.model_dump(), **changed})
