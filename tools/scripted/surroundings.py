"""`ports.Changes` and `ports.Places` of a simulated world."""

from datetime import datetime

from incident.evidence import Change, Missing
from incident.places import Placement, Pod
from tools.scripted.stage import Stage


class ScriptedChanges:
    """Changes of all services, and those that are of no service."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def within(self, start: datetime, end: datetime) -> tuple[Change, ...] | Missing:
        """Changes of everybody, oldest first."""
        self._stage.now("platform")
        state = self._stage.state
        found = [*state.elsewhere, *(change for service in state.services.values() for change in service.history)]
        return tuple(sorted((one for one in found if start <= one.at <= end), key=lambda one: one.at))


class ScriptedPlaces:
    """One pod for each version, and the hosts that a service calls."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def of(self, service: str) -> Placement | Missing:
        """The places of one service."""
        self._stage.now("platform")
        state = self._stage.state
        found = state.services.get(service)
        if found is None:
            return Missing(reason=f"there is no service {service[:80]!r}")
        hosts = sorted(name for name in found.calls if name not in state.services)
        return Placement(
            service=service,
            pods=tuple(Pod(name=f"{service}-{one.name}", version=one.name) for one in found.workload.versions),
            databases=tuple(host for host in hosts if state.kinds.get(host) == "database"),
            queues=tuple(host for host in hosts if state.kinds.get(host) == "queue"),
            third_parties=tuple(host for host in hosts if host not in state.kinds),
        )
