"""`ports.Platform` of a simulated world."""

from datetime import datetime

from incident.evidence import Change, Missing
from incident.workload import Able, Effect, Routed, Routing, Settled, Workload, WorkloadChange
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
        return _seen(self._service(service), self._stage.clock.now())

    def able(self, service: str) -> Able:
        """The powers that the world was made with.  Raises KeyError."""
        return self._service(service).able

    def change(self, service: str, change: WorkloadChange, *, revision: str, effect: Effect) -> Workload:
        """Make one change if the revision holds.  Raises Conflict, Unsure, Refused and KeyError."""
        after = self._stage.change(service, change, revision=revision, effect=effect)
        return _seen(after.services[service], self._stage.clock.now())

    def settled(self, service: str, effect: str) -> Settled:
        """Progress of a change: a new process takes its time, or never answers.  Raises KeyError."""
        found, now = self._service(service), self._stage.clock.now()
        stands = found.workload.effect
        if isinstance(stands, Missing) or stands.key != effect:
            return Settled(state="failed", reason=f"another effect stands at {service} by now")
        mine = {name: one for name, one in found.starting.items() if one.effect == effect}
        never = [name for name, one in mine.items() if one.until is None]
        if never:
            return Settled(state="failed", reason=f"{never[0]} of {service} does not become ready")
        waiting = any(one.until is not None and one.until > now for one in mine.values())
        return Settled(state="pending" if waiting else "in force")

    def routing(self, service: str) -> Routing:
        """Expected counts of each version since it was added.  Raises KeyError."""
        now = sampled(self._stage.state, self._stage.now("platform"))
        found = self._service(service)
        return Routing(
            service=service,
            at=now,
            slow_ms=SLOW_MS,
            counted_by=found.able.counted_by,
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


def _seen(service: Service, now: datetime) -> Workload:
    """The workload, in which a new version is ready when its process answers."""
    late = {name for name, one in service.starting.items() if one.first and (one.until is None or one.until > now)}
    versions = tuple(
        version.model_copy(update={"ready": version.ready and version.name not in late})
        for version in service.workload.versions
    )
    return service.workload.model_copy(update={"versions": versions})
