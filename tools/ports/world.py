"""Port of a world: its backends together."""

from typing import Protocol

from incident.evidence import Gap
from incident.workload import Alias
from tools.ports.basics import Clock
from tools.ports.platform import Platform
from tools.ports.repository import Repository
from tools.ports.surroundings import Changes, Places
from tools.ports.telemetry import Captures, Logs, Metrics, Traces


class World(Protocol):
    """Backends of one world, as wiring hands them over.

    A port that is not set answers Missing, or raises Refused where it has no such answer (:mod:`tools.unset`).
    """

    name: str
    """Name of this world in the first line of the output."""
    clock: Clock
    """This world's time: what its samples, logs and changes are dated by."""
    platform: Platform
    metrics: Metrics
    logs: Logs
    traces: Traces
    captures: Captures
    changes: Changes
    places: Places
    repository: Repository

    def aliases(self) -> tuple[Alias, ...]:
        """Other names of the services in telemetry: workloads, pods, scraped addresses.  Empty when none are known."""

    def gaps(self) -> tuple[Gap, ...]:
        """Parts of this world that nobody can read, with the reason; empty for one that answers for itself."""

    def renew(self, seconds: float) -> None:
        """Keep a world that ends when nobody renews it; others do nothing.  Raises Unavailable."""
