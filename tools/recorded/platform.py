"""`ports.Platform` of a recording: services and versions as they were, and every change is refused."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from incident.errors import Refused
from incident.evidence import Change
from incident.workload import Able, Effect, Routing, Settled, Version, Workload, WorkloadChange
from tools import ports
from tools.recorded.naming import Naming

UNKNOWN = "unknown"
"""Name of the version of a service of which nothing is told."""

REVISION = "recorded"


class RecordedPlatform:
    """Services that the recording names."""

    def __init__(
        self,
        identity: str,
        as_of: datetime,
        naming: Naming,
        versions: Mapping[str, tuple[Version, ...]],
        changes: Sequence[Change] | None,
    ) -> None:
        """`versions` are those that ran, by service; `changes` are None where nobody recorded any."""
        self._identity, self._as_of, self._naming = identity, as_of, naming
        self._versions, self._changes = versions, changes
        self._why = f"this is a recording as of {as_of:%Y-%m-%d %H:%M:%S} UTC: nothing in it can be changed"

    def world(self) -> str:
        """Digest of the folder and of the as-of."""
        return self._identity

    def services(self) -> tuple[str, ...]:
        """All services."""
        return self._naming.known()

    def able(self, service: str) -> Able:
        """Nothing, with the reason.  Raises KeyError."""
        self._known(service)
        return Able(shares=(), counted_by="workload", sources=(), why_not=self._why)

    def read(self, service: str) -> Workload:
        """The service as it was at the as-of.  Raises KeyError."""
        self._known(service)
        return Workload(
            service=service, revision=REVISION, versions=self._versions.get(service) or (self._only(service),)
        )

    def change(self, service: str, change: WorkloadChange, *, revision: str, effect: Effect) -> Workload:  # noqa: ARG002
        """Raise Refused, or KeyError for a name that does not exist."""
        self._known(service)
        raise Refused(self._why)

    def settled(self, service: str, effect: str) -> Settled:  # noqa: ARG002
        """Nothing that we left is there.  Raises KeyError."""
        self._known(service)
        return Settled(state="failed", reason=self._why)

    def routing(self, service: str) -> Routing:
        """Raise Refused, or KeyError for a name that does not exist."""
        self._known(service)
        raise Refused("a recording has no router's counts")

    def history(self, service: str, since: datetime) -> tuple[Change, ...]:
        """Changes at or after a time, oldest first.  Raises KeyError, and Refused where nobody recorded any."""
        self._known(service)
        if self._changes is None:
            raise Refused("the recording has no changes")
        return tuple(change for change in self._changes if change.service == service and change.at >= since)

    def runtime(self, service: str) -> ports.Runtime:
        """Raise Refused, or KeyError for a name that does not exist."""
        self._known(service)
        raise Refused("a recording cannot be run")

    def _known(self, service: str) -> None:
        if service not in self._naming.known():
            raise KeyError(service)

    def _only(self, service: str) -> Version:
        """The version of the last recorded deploy, or one of which nothing is known."""
        deploys = [one for one in self._changes or () if (one.service, one.what) == (service, "deploy") and one.version]
        last = deploys[-1] if deploys else None
        return Version(
            name=(last.version if last else None) or UNKNOWN,
            commit=(last.commit if last else None) or "",
            weight=100,
            ready=True,
            started_at=last.at if last else self._as_of,
        )
