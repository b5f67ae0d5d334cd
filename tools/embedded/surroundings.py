"""`ports.Changes` and `ports.Places` over the embedded world's interface and the spans that were seen."""

from datetime import datetime

from pydantic import JsonValue, TypeAdapter, ValidationError

from incident.errors import Unavailable
from incident.evidence import Change, Missing
from incident.places import Placement, Pod
from tools import text
from tools.embedded.client import Client
from tools.embedded.topology import Topology

_CHANGES = TypeAdapter(tuple[Change, ...])
_PODS = TypeAdapter(tuple[Pod, ...])


class EmbeddedChanges:
    """Changes of everybody, as the world records them."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def within(self, start: datetime, end: datetime) -> tuple[Change, ...] | Missing:
        """Changes from `start` to `end`, oldest first."""
        answer = self._client.get("/changes", {"start": start.isoformat(), "end": end.isoformat()})
        if answer.status == 404:
            return Missing(reason="this world records no changes of everybody")
        if answer.status != 200:
            raise Unavailable(f"the world answers {answer.complaint()}")
        told = _missing(answer.body)
        if told is not None:
            return told
        try:
            found = _CHANGES.validate_python(answer.body)
        except ValidationError as error:
            raise Unavailable("the world's changes are malformed") from error
        return tuple(sorted((change for change in found if start <= change.at <= end), key=lambda change: change.at))


class EmbeddedPlaces:
    """Pods as the world tells them, and what spans say about the hosts that a service calls."""

    def __init__(self, client: Client, topology: Topology) -> None:
        self._client, self._topology = client, topology

    def of(self, service: str) -> Placement | Missing:
        """The places of one service."""
        answer = self._client.get("/places", {"service": service})
        if answer.status == 404:
            return Missing(reason=answer.complaint())
        if answer.status != 200:
            raise Unavailable(f"the world answers {answer.complaint()}")
        pods = answer.body.get("pods") if isinstance(answer.body, dict) else None
        try:
            found = _PODS.validate_python(pods)
        except ValidationError as error:
            raise Unavailable(f"the places of {service} are malformed") from error
        around = self._topology.neighbours(service)
        kinds = self._topology.kinds(service)
        hosts = () if isinstance(around, Missing) else around.external
        return Placement(
            service=service,
            pods=tuple(sorted(found, key=lambda pod: pod.name)),
            databases=tuple(host for host in hosts if kinds.get(host) == "database"),
            queues=tuple(host for host in hosts if kinds.get(host) == "queue"),
            third_parties=tuple(host for host in hosts if host not in kinds),
        )


def _missing(body: JsonValue) -> Missing | None:
    if isinstance(body, dict) and "missing" in body:
        return Missing(reason=text.normalise(str(body["missing"]), 200))
    return None
