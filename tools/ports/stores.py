"""Ports of the stores: ledger of effects, audit chain, record folder, and index of incidents."""

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from pydantic import AliasChoices, AwareDatetime, Field, JsonValue

from incident.control import Approval, Control
from incident.declared_plan import DeclaredPlan
from incident.steering import Steering
from incident.value import Value


class Entry(Value):
    """One effect in the ledger."""

    key: str
    incident: str
    intent: dict[str, JsonValue]
    intended_at: AwareDatetime
    outcome: dict[str, JsonValue] | None = None
    concluded_at: AwareDatetime | None = None


class Ledger(Protocol):
    """Intents and outcomes of effects, synced to disk before it returns."""

    def look(self, key: str) -> Entry | None:
        """The entry of this key, or None."""

    def intend(self, key: str, incident: str, intent: Mapping[str, JsonValue], at: datetime) -> None:
        """Write an intent.  Writing the same intent again is harmless; another under its key is Conflict."""

    def conclude(self, key: str, outcome: Mapping[str, JsonValue], at: datetime) -> None:
        """Write the outcome of an intent.  Raises KeyError without one."""

    def entries(self, incident: str) -> tuple[Entry, ...]:
        """All effects of an incident, in order."""

    def open(self) -> tuple[Entry, ...]:
        """Intents without an outcome, of all incidents."""


class Bookmark(Value):
    """Position of a reader in the audit chain; a new one stands before the first entry."""

    offset: int = 0
    seq: int = 0
    mac: str = ""


class Audit(Protocol):
    """The keyed chain.  Append-only; raises Unavailable when it cannot be written and synced."""

    def append(self, at: datetime, actor: str, action: str, body: Mapping[str, JsonValue]) -> int:
        """Append one entry and return its sequence number."""

    def verify(self) -> None:
        """Check the whole chain against key and anchor.  Raises Tampered, naming the place."""

    def find(self, action: str, incident: str) -> tuple[Mapping[str, JsonValue], ...]:
        """Bodies of the entries of one action about one incident, in order."""

    def after(self, mark: Bookmark, actions: Collection[str]) -> tuple[tuple[Mapping[str, JsonValue], ...], Bookmark]:
        """(entries of these actions behind the mark, in order; a mark behind the last entry).

        Every entry is verified on the way.  Raises Tampered, also when what was read before is not there now.
        """

    def anchor(self) -> None:
        """Sign the present head, so that nothing before it can be cut off unseen."""


DECISIONS = "decisions.jsonl"
"""The journal's file in an incident's record folder."""


class RecordFolder(Protocol):
    """The record folder of one incident."""

    folder: Path
    """The folder itself."""

    def append(self, line: bytes) -> None:
        """Append one line (without its newline) to ``decisions.jsonl`` and sync it."""

    def lines(self) -> tuple[bytes, ...]:
        """All complete lines of ``decisions.jsonl``."""

    def write(self, name: str, content: bytes) -> None:
        """Write another record file atomically (``patch.diff``, ``report.md``)."""

    def digests(self) -> dict[str, str]:
        """SHA-256 of every record file, by name."""


class Row(Value):
    """One incident in the index of incidents."""

    id: str
    world: str
    fingerprint: str
    starts_at: AwareDatetime
    service: str
    status: Literal["open", "waiting", "closed"]
    outcome: str = ""
    reason: str = ""
    waiting_on: str = ""
    plan: str = ""
    """Digest of the plan that a person is asked about; empty when no approval would open anything."""
    holder: str = ""
    """Process that works on it, as :mod:`tools.records.process` names it; empty when nobody does."""
    opening: dict[str, JsonValue] = {}
    """Input of the work, so that it can begin again when its process died before its first checkpoint."""
    # Rows of older versions call it `stake`.
    declared: DeclaredPlan | None = Field(default=None, validation_alias=AliasChoices("declared", "stake"))
    """Plan of the incident, for the other incidents; None while there is none."""
    opened_at: AwareDatetime
    changed_at: AwareDatetime


HOLD_SECONDS = 60.0
"""Seconds that a holder that cannot be looked up keeps its incident without a sign of life."""


class Incidents(Protocol):
    """The index of incidents and what people said about them.  One worker per incident.

    A store is one process's: it remembers which rows it was given, and changes no others.
    """

    def claim(self, row: Row, holder: str) -> Row | None:
        """Open the incident or take over a dead holder's; None when a live process works on it.

        Identity is (world, fingerprint, starts_at): claiming a known one returns its row.
        """

    def update(self, row: Row) -> None:
        """Store a changed row of ours.  Raises Superseded when it is no longer ours."""

    def release(self, incident: str) -> None:
        """Give the row back as it stands; harmless when it is no longer ours."""

    def beat(self, incident: str) -> bool:
        """Show that its holder lives.  False when the row is no longer ours."""

    def ours(self, incident: str) -> bool:
        """True when the row is still this process's."""

    def alive(self, row: Row) -> bool:
        """True when somebody works on the incident: its holder lives, or its lease has not ended yet."""

    def find(self, incident: str) -> Row | None:
        """One incident by id."""

    def rows(self) -> tuple[Row, ...]:
        """All incidents, oldest first."""

    def first_seen(self, alerts: Collection[str], now: datetime) -> Mapping[str, datetime]:
        """Time at which each alert was first seen, by its identity; now for a new one, and for one not seen for days."""

    def over(self, alerts: Collection[str]) -> None:
        """Forget when these alerts were first seen: they are resolved."""

    def control(self, incident: str) -> Control:
        """The switches that apply to this incident now, the kill switch included.  Raises Tampered."""

    def set_control(self, incident: str | None, control: Control) -> None:
        """Write down what a person says about an incident, or with None about all: one word.

        Of one incident: abort if `aborted`, else pause if `paused`, else resume.  An abort stands until
        the incident is closed, whatever is said after it.
        """

    def steer(self, incident: str, word: Steering) -> None:
        """Write down where a person says that the cause of an incident lies, or does not.  Raises Unavailable."""

    def steering(self, incident: str) -> tuple[Steering, ...]:
        """Everything that people said of where the cause lies, in order.  Raises Tampered, Unavailable."""

    def answer(self, row: Row, question: str, approval: Approval) -> Row:
        """Store a person's answer to a question of a row of ours, which is then open again.

        Raises Conflict when the question was answered before, naming who did, and Superseded.
        """

    def answered(self, incident: str, question: str = "") -> Approval | None:
        """The answer to this question, or the last one of all.  Raises Tampered for one that no person gave."""

    def vouch(self, incident: str, approval: Approval) -> None:
        """Raise Tampered unless a person gave this very answer about this incident."""
