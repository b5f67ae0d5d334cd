"""`ports.Platform` of a simulated world."""

from datetime import datetime

from incident.evidence import Change
from incident.workload import Effect, Routed, Routing, Workload, WorkloadChange
from tools import ports
from tools.scripted import traffic
from tools.scripted.stage import Stage
from tools.scripted.state import SLOW_MS, Service, sampled


class ScriptedPlatform:
    """Simulated workloads: revisions, conflicts and effects as on a real platform."""

    def __init__(self, stage: Stage, runtime: ports.Runtime) -> None:
        self._stage = stage
        self._runtime = runtime

    def world(self) -> str:
        """The world's id."""
        return self._stage.state.world

    def services(self) -> tuple[str, ...]:
        """All services."""
        self._stage.now("platform")
        return tuple(sorted(self._stage.state.services))

    def read(self, service: str) -> Workload:
        """The service as it is now.  Raises KeyError."""
        return self._service(service).workload

    def change(self, service: str, change: WorkloadChange, *, revision: str, effect: Effect) -> Workload:
        """Make one change if the revision holds.  Raises Conflict, Unsure, Refused and KeyError."""
        after = self._stage.change(service, change, revision=revision, effect=effect)
        return after.services[service].workload

    def routing(self, service: str) -> Routing:
        """Expected counts of each version since it was added.  Raises KeyError."""
        now = sampled(self._stage.state, self._stage.now("platform"))
        found = self._service(service)
        return Routing(
            service=service,
            at=now,
            slow_ms=SLOW_MS,
            versions=tuple(self._routed(service, version.name, found, now) for version in found.workload.versions),
        )

    def history(self, service: str, since: datetime) -> tuple[Change, ...]:
        """Changes at or after a time, oldest first.  Raises KeyError."""
        return tuple(change for change in self._service(service).history if change.at >= since)

    def runtime(self, service: str) -> ports.Runtime:
        """The runtime that the world was made with, the same for every service.  Raises KeyError."""
        self._service(service)
        return self._runtime

    def _service(self, service: str) -> Service:
        self._stage.now("platform")
        return self._stage.state.services[service]

    def _routed(self, service: str, version: str, found: Service, now: datetime) -> Routed:
        count = traffic.counts(self._stage.state, service, found.added[version], now, version)
        return Routed(version=version, requests=count.requests, errors=count.errors, slow=count.slow)
