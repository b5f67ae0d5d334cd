"""What is written down: effects, the audit chain, an incident's records, and the index of incidents."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol

from pydantic import AwareDatetime, JsonValue

from incident.control import Approval, Control
from incident.stake import Stake
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


class Audit(Protocol):
    """The keyed chain.  Append-only; raises Unavailable when it cannot be written and synced."""

    def append(self, at: datetime, actor: str, action: str, body: Mapping[str, JsonValue]) -> int:
        """Append one entry and return its sequence number."""

    def verify(self) -> None:
        """Check the whole chain against key and anchor.  Raises Tampered, naming the place."""

    def find(self, action: str, incident: str) -> tuple[Mapping[str, JsonValue], ...]:
        """Bodies of the entries of one action about one incident, in order."""


class Journal(Protocol):
    """The record folder of one incident."""

    def append(self, line: bytes) -> None:
        """Append one line (without its newline) to ``decisions.jsonl`` and sync it."""

    def lines(self) -> tuple[bytes, ...]:
        """All complete lines of ``decisions.jsonl``."""

    def write(self, name: str, content: bytes) -> None:
        """Write another record file atomically (``patch.diff``, ``report.md``)."""

    def digests(self) -> dict[str, str]:
        """SHA-256 of every record file, by name."""


class Row(Value):
    """One incident as the index of incidents knows it."""

    id: str
    world: str
    fingerprint: str
    starts_at: AwareDatetime
    service: str
    status: Literal["open", "waiting", "closed"]
    outcome: str = ""
    reason: str = ""
    waiting_on: str = ""
    holder: str = ""
    """Process that works on it, as ``pid:start time``; empty when nobody does."""
    opening: dict[str, JsonValue] = {}
    """What the work began from, so that it can begin again when its process died before its first checkpoint."""
    stake: Stake | None = None
    """What its plan changes, for the other incidents; None while there is none."""
    opened_at: AwareDatetime
    changed_at: AwareDatetime


class Incidents(Protocol):
    """The index of incidents and what people said about them.  One worker per incident."""

    def claim(self, row: Row, holder: str) -> Row | None:
        """Open the incident or take over a dead holder's; None when a live process works on it.

        Identity is (world, fingerprint, starts_at): claiming a known one returns its row.
        """

    def update(self, row: Row) -> None:
        """Store a changed row."""

    def find(self, incident: str) -> Row | None:
        """One incident by id."""

    def rows(self) -> tuple[Row, ...]:
        """All incidents, oldest first."""

    def control(self, incident: str) -> Control:
        """The switches that apply to this incident now, the kill switch included."""

    def set_control(self, incident: str | None, control: Control) -> None:
        """Set an incident's switches, or with None the kill switch for all."""

    def approve(self, incident: str, approval: Approval) -> None:
        """Store a person's answer."""

    def take_approval(self, incident: str, plan_digest: str, base: str, now: datetime) -> Approval | None:
        """The unused, unexpired answer for this plan on this base, marked used; or None."""
