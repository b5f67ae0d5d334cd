"""The only place that knows which adapter is real."""

import hashlib
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from langchain_core.language_models import BaseChatModel
from langgraph.checkpoint.base import BaseCheckpointSaver
from pydantic import JsonValue

from agents import models, prompts
from agents.playbook.model import Playbook
from agents.price import Price
from agents.ranked import Ranked
from graph import anchoring
from graph.desk import Desk, Minds
from graph.holding import HeldJournal, Hold
from graph.scribe import Listener, Scribe
from graph.settings import Settings
from graph.state import CHECKPOINTED
from graph.tenure import Tenure
from incident.errors import BadInput
from tools import masking, ports, spans
from tools.clock import SystemClock
from tools.embedded import world as embedded
from tools.notify import Notifier
from tools.prover import Prover
from tools.sandbox import bwrap
from tools.stores import (
    audit_file,
    checkpoints,
    journal_files,
    process,
    redaction,
    redis_link,
    redis_locks,
    sqlite_incidents,
    sqlite_ledger,
    sqlite_locks,
)
from tools.stores import home as homes
from tools.stores.emergency import EmergencyLog, elsewhere
from tools.stores.marks import Marks
from tools.stores.opened import Opened


@dataclass(frozen=True)
class Books:
    """The stores that all incidents share."""

    home: homes.Home
    clock: ports.Clock
    locks: ports.Locks
    ledger: ports.Ledger
    incidents: ports.Incidents
    audit: audit_file.AuditFile
    marks: Marks
    """Makes and checks the marks over what these stores hold."""
    notify: ports.Notify
    holder: str
    unmoved: Callable[[], None]
    """Raises Tampered when these stores are no longer the files at their paths."""

    def told(self, holder: str) -> str:
        """A holder in words, for a person who wants to find it."""
        return process.told(holder, process.here())

    def sees(self, holder: str) -> bool:
        """Whether it can be seen from here that the holder lives."""
        return process.fate(holder, process.here()) == "alive"

    def address(self, world: str) -> str:
        """Where a world was last seen to answer; empty when it never did."""
        note = self._note(world)
        return note.read_text(encoding="utf-8").strip() if note.is_file() else ""

    def remember(self, world: str, url: str) -> None:
        """Keep a world's address, for a person who answers later."""
        note = self._note(world)
        note.parent.mkdir(mode=0o700, exist_ok=True)
        note.write_text(url, encoding="utf-8")

    def _note(self, world: str) -> Path:
        return self.home.root / "worlds" / hashlib.sha256(world.encode()).hexdigest()[:16]


def books(settings: Settings) -> Books:
    """Open the stores below ``SUTURE_HOME``.  Raises BadInput, Unavailable, Tampered."""
    home = homes.lay_out(settings.home)
    clock = SystemClock()
    audit = audit_file.open_with(
        home.audit, home.audit_key, anchoring.chosen(settings.audit_anchor, home.audit_anchor, clock), clock
    )
    marks = Marks(audit_file.load_key(home.audit_key))
    claims, ledger = locks(settings, home, clock), sqlite_ledger.open(home.ledger, clock)
    incidents = sqlite_incidents.open(home.incidents_index, clock, audit, marks)
    return Books(
        home=home,
        clock=clock,
        locks=claims,
        ledger=ledger,
        incidents=incidents,
        audit=audit,
        marks=marks,
        notify=Notifier(sys.stderr, home.notices, clock, lambda: secrets.token_hex(8), settings.notify_url),
        holder=process.holder(os.getpid()),
        unmoved=unmoved(home),
    )


def unmoved(home: homes.Home) -> Callable[[], None]:
    """What raises Tampered when a store that is open now is no longer the file at its path."""
    # Each run of an incident opens the checkpoints anew, and SQLite's companions come and go with that.
    return Opened((home.incidents_index, home.ledger, home.locks), (home.checkpoints, home.audit, home.audit_key)).check


def locks(settings: Settings, home: homes.Home, clock: ports.Clock) -> ports.Locks:
    """Who may change what: in Redis when one is set, else in a file of this machine.  Raises BadInput, Unavailable."""
    if not settings.redis_url:
        return sqlite_locks.open(home.locks, clock)
    try:
        return redis_locks.open(settings.redis_url, clock, longest=settings.lease_seconds)
    except ValueError as error:
        raise BadInput("REDIS_URL", redis_link.shown(settings.redis_url), f"{error}") from error


def world(settings: Settings) -> embedded.EmbeddedWorld:
    """Connect to the configured world.  Raises BadInput naming what to set, Unavailable."""
    if not settings.world_url:
        raise BadInput(
            "SUTURE_WORLD_URL",
            "",
            "set it to the address of a running world (python -m evals.lab up prints one), "
            "or use --world lab or a payload of evals/alerts/ to start one",
        )
    return embedded.connect(settings.world_url, SystemClock())


def minds(settings: Settings) -> Minds:
    """Build the chat model, with the one that takes its place, and load the prompts.  Raises BadInput."""
    model = _model(settings, settings.model, settings.base_url, settings.api_key, settings.thinking.price)
    if settings.thinking.fallback:
        model = Ranked(models=(model, _fallback(settings)))
    return Minds(
        model=model,
        name=models.describe(model),
        rca=prompts.shipped("rca"),
        patch=prompts.shipped("patch"),
        small=prompts.shipped("small"),
        review=prompts.shipped("review"),
        rules=Playbook() if models.asks(model) else None,
    )


def _fallback(settings: Settings) -> BaseChatModel:
    chosen = settings.thinking
    # A key goes to the endpoint that it is meant for, and to no other.
    url, key = chosen.fallback_url, chosen.fallback_key
    if not url:
        url, key = settings.base_url, key or settings.api_key
    return _model(settings, chosen.fallback, url, key, chosen.fallback_price)


def _model(settings: Settings, name: str, url: str, key: str, price: Price | None) -> BaseChatModel:
    script = _text("SUTURE_MODEL", name.removeprefix(models.SCRIPTED)) if name.startswith(models.SCRIPTED) else None
    return models.build(
        name,
        url or None,
        key or None,
        script=script,
        timeout=settings.budget.answer_seconds,
        temperature=settings.thinking.temperature,
        max_tokens=settings.thinking.answer_tokens,
        streamed=settings.thinking.streamed,
        price=price,
        clock=SystemClock(),
    )


def redacted(value: JsonValue) -> JsonValue:
    """The value without secrets; source text stays what it is, or it would no longer be that source."""
    return redaction.redact(value, keep=redaction.SOURCE)


def _text(field: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(field, path, "name a text file that can be read") from error


def journal(shared: Books, incident: str) -> journal_files.FolderJournal:
    """The record folder of an incident."""
    return journal_files.open(shared.home.incidents, incident, shared.clock)


def emergency(shared: Books) -> EmergencyLog:
    """Where it is written down what the books do not take: in the home folder, or else elsewhere on this machine."""
    return EmergencyLog(shared.home.emergency, sys.stderr, elsewhere(shared.home.root, os.environ))


@contextmanager
def checkpointer(shared: Books) -> Iterator[BaseCheckpointSaver[str]]:
    """The graph's checkpoints, allowed to load the state's own types and no others."""
    saver = checkpoints.open(shared.home.checkpoints, CHECKPOINTED)
    try:
        yield saver
    finally:
        saver.close()


def desk(
    settings: Settings,
    shared: Books,
    backends: ports.World,
    incident: str,
    listener: Listener,
    keep_alive: Callable[[float], None] = lambda _: None,
) -> Desk:
    """One incident's workplace."""
    records = journal(shared, incident)
    hold = Hold(shared.incidents, incident, shared.unmoved)
    written = HeldJournal(records, hold)
    return Desk(
        settings=settings,
        clock=shared.clock,
        world=masking.MaskedWorld(backends, masking.Mask(audit_file.load_key(shared.home.audit_key))),
        prover=Prover(backends.repository, bwrap.Bubblewrap(state=shared.home.root), shared.home.root / "scratch"),
        ledger=shared.ledger,
        incidents=shared.incidents,
        audit=shared.audit,
        journal=records,
        notify=shared.notify,
        emergency=emergency(shared),
        tracer=spans.open(records.folder / "trace.jsonl", incident, shared.clock, os.environ),
        scribe=Scribe(incident, written, shared.audit, shared.clock, redacted, listener),
        tenure=Tenure(shared.locks, shared.clock),
        hold=hold,
        minds=minds(settings),
        keep_alive=keep_alive,
    )
