"""`ports.Changes`, `ports.Places` and `ports.Captures` over what a recording holds of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from incident.capture import Capture
from incident.evidence import Change, Missing
from incident.places import Placement
from tools import text
from tools.recorded.cluster import Cluster
from tools.recorded.naming import Naming
from tools.recorded.traces import RecordedTraces


class RecordedChanges:
    """Changes until the as-of; None where nobody recorded any, which rules no change out."""

    def __init__(self, changes: Sequence[Change] | None) -> None:
        self._changes = changes

    def within(self, start: datetime, end: datetime) -> tuple[Change, ...] | Missing:
        """Changes from `start` to `end`, oldest first."""
        if self._changes is None:
            return Missing(reason="the recording has no changes")
        return tuple(change for change in self._changes if start <= change.at <= end)


class RecordedPlaces:
    """Pods as they were exported, and what spans say about the hosts that a service calls."""

    def __init__(self, cluster: Cluster, traces: RecordedTraces, naming: Naming) -> None:
        self._cluster, self._traces, self._naming = cluster, traces, naming

    def of(self, service: str) -> Placement | Missing:
        """The places of one service."""
        pods, hosts = self._cluster.pods.get(service, []), self._traces.hosts(service)
        if service not in self._naming.known() or not (pods or hosts):
            return Missing(reason=f"the recording has no places of {text.normalise(service, 80)}")
        return Placement(
            service=service,
            pods=tuple(sorted(pods, key=lambda pod: pod.name)),
            databases=tuple(sorted(host for host, kind in hosts.items() if kind == "database")),
            queues=tuple(sorted(host for host, kind in hosts.items() if kind == "queue")),
            third_parties=tuple(sorted(host for host, kind in hosts.items() if not kind)),
        )


class RecordedCaptures:
    """Recorded requests until the as-of; None where nobody recorded any."""

    def __init__(self, captures: Sequence[Capture] | None) -> None:
        self._captures = captures

    def recorded(
        self,
        service: str,
        outcome: Literal["failed", "ok"],
        start: datetime,
        end: datetime,
        version: str | None = None,
        limit: int = 200,
    ) -> tuple[Capture, ...] | Missing:
        """Recorded requests of one outcome, oldest first; the newest `limit` of them."""
        if self._captures is None or not any(one.service == service for one in self._captures):
            return Missing(reason=f"the recording has no requests of {text.normalise(service, 80)}")
        found = tuple(
            one
            for one in self._captures
            if (one.service, one.outcome) == (service, outcome)
            and start <= one.at <= end
            and version in (None, one.version)
        )
        return found[-limit:] if limit > 0 else ()
