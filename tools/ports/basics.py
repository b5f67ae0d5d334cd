"""Ports that everything else needs: time, spans about our own work, notices to people, the emergency log."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from pydantic import JsonValue


class Clock(Protocol):
    """Time, as a port so that tests can set it."""

    def now(self) -> datetime:
        """Wall clock in UTC: for records and for deadlines that survive a restart."""

    def monotonic(self) -> float:
        """Seconds that never jump: for leases and time-outs."""

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds."""


class Tracer(Protocol):
    """Spans about our own work."""

    def span(self, name: str, **attributes: str | int | float) -> AbstractContextManager[None]:
        """A span around a block; errors that leave the block are recorded on it."""

    def close(self) -> None:
        """Write what is waiting; later spans are dropped."""


class Notify(Protocol):
    """Tells people."""

    def tell(self, subject: str, body: Mapping[str, JsonValue]) -> tuple[tuple[str, bool], ...]:
        """Try every channel: (channel, delivered) each.  Never raises."""


ENDED = "ended"
"""Action of the emergency line that says how an incident ended whose row could not be written."""


class Emergency(Protocol):
    """Log of undone changes and of incidents' endings while the stores cannot be written."""

    def write(
        self, at: datetime, actor: str, action: str, body: Mapping[str, JsonValue]
    ) -> tuple[tuple[str, bool], ...]:
        """Write one event: (place, written) each.  Never raises."""

    def endings(self) -> Mapping[str, Mapping[str, JsonValue]]:
        """The bodies of the lines that say how incidents ended, by incident.  Never raises."""
