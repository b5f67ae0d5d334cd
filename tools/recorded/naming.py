"""Names of services: what telemetry calls them, and what they are called here."""

from collections.abc import Iterable, Mapping

from tools.recorded.description import Services
from tools.recorded.said import said


class Naming:
    """Finds the service, and its version, that labels, attributes or a host name."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._seen: set[str] = set()
        self._hosts: dict[str, str] = {}

    @property
    def labels(self) -> frozenset[str]:
        """Labels that name a service or its version."""
        return frozenset((*self._services.labels, *self._services.versions))

    @property
    def names(self) -> Mapping[str, str]:
        """Names that telemetry has for services, each with ours."""
        return self._services.names

    def service(self, labels: Mapping[str, str]) -> str:
        """The service that labels name, the first label that is there; empty when none is."""
        found = next((labels[label] for label in self._services.labels if labels.get(label)), "")
        return self.called(found)

    def called(self, name: str) -> str:
        """A service by telemetry's name of it."""
        return self._services.names.get(name) or said(name, 100)

    def add(self, services: Iterable[str]) -> None:
        """Make services known: those that telemetry, changes or the cluster speak of."""
        self._seen.update(service for service in services if service)
        self._hosts.clear()

    def version(self, labels: Mapping[str, str]) -> str:
        """The version that labels name; empty when none is."""
        return said(next((labels[label] for label in self._services.versions if labels.get(label)), ""), 100)

    def known(self) -> tuple[str, ...]:
        """The services: those that were listed, or all that were made known, sorted."""
        return tuple(sorted(set(self._services.only) or self._seen))

    def host(self, name: str) -> str:
        """The service that a host name, with or without a port and a domain, stands for; the name itself without one."""
        if name not in self._hosts:
            bare = name.rpartition(":")[0] if name.rpartition(":")[2].isdecimal() else name
            known = set(self.known())
            forms = (name, bare, bare.partition(".")[0])
            ours = (self._services.names.get(form, form) for form in forms)
            self._hosts[name] = next((form for form in ours if form in known), name)
        return self._hosts[name]
