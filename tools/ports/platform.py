"""Port of the platform that runs the services."""

from datetime import datetime
from typing import Protocol

from incident.evidence import Change
from incident.value import Value
from incident.workload import Effect, Routing, Workload, WorkloadChange


class Platform(Protocol):
    """The platform that runs the services."""

    def world(self) -> str:
        """A stable id of this world, part of every incident's identity."""

    def services(self) -> tuple[str, ...]:
        """The services that we may look at."""

    def read(self, service: str) -> Workload:
        """The service as it is now.  Raises KeyError for a name that does not exist."""

    def change(self, service: str, change: WorkloadChange, *, revision: str, effect: Effect) -> Workload:
        """Make one change and leave `effect` at the routing object, in one step, if the revision still is `revision`.

        The effect takes the place of the one that stood there.  Returns when the change is in force.  Raises
        Conflict when the revision moved on, Unsure when the answer was lost after the request was sent, Throttled
        when the platform takes no more just now and nothing happened, and Refused when the change makes no sense to
        the platform and nothing happened; those two are Unavailable.
        """

    def routing(self, service: str) -> Routing:
        """Requests that the router really sent to each version."""

    def history(self, service: str, since: datetime) -> tuple[Change, ...]:
        """Recorded changes of the service, oldest first."""

    def runtime(self, service: str) -> "Runtime":
        """The service's runtime, so that a sandbox can run it the same way."""


class Runtime(Value):
    """Interpreter, environment and mounts of one service."""

    python: str
    """The interpreter of the environment that the service runs in."""
    mounts: tuple[str, ...]
    """Folders that must be visible, read-only, for that interpreter to start."""
    environment: dict[str, str]
    """The variables the service's process gets; secrets are not among them."""
