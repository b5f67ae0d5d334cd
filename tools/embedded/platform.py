"""`ports.Platform` over the embedded world."""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from pydantic import JsonValue, TypeAdapter, ValidationError

from incident.errors import Conflict, Refused, Unavailable, Unsure
from incident.evidence import Change
from incident.workload import Able, Effect, Routing, Settled, Workload, WorkloadChange
from tools import ports, text
from tools.embedded import world_proof
from tools.embedded.client import Answer, Client

T = TypeVar("T")
Named = TypeVar("Named", Workload, Routing)

_SERVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
_NAMES = TypeAdapter(tuple[str, ...])
_CHANGES = TypeAdapter(tuple[Change, ...])
_WORKLOAD = TypeAdapter(Workload)
_ROUTING = TypeAdapter(Routing)
_ABLE = TypeAdapter(Able)
_SETTLED = TypeAdapter(Settled)
_RUNTIME = TypeAdapter(ports.Runtime)


class EmbeddedPlatform:
    """The embedded world's platform."""

    def __init__(self, client: Client, world: str, folder: Path) -> None:
        self._client = client
        self._world = world
        self._folder = folder

    def world(self) -> str:
        """The id that the world gave itself when it started."""
        return self._world

    def services(self) -> tuple[str, ...]:
        """All services of the world."""
        return _parsed(_NAMES, self._client.get("/services"), "/services")

    def read(self, service: str) -> Workload:
        """The service as it is now.  Raises KeyError for a name that does not exist."""
        answer = self._look(service, "")
        if isinstance(answer.body, dict) and "annotations" in answer.body:
            # Reading it would do, and the first write would fail.
            raise Refused("this world speaks the interface of an older version; end it and start it anew")
        return _about(service, _parsed(_WORKLOAD, answer, service))

    def able(self, service: str) -> Able:
        """The world's powers over the service.  Raises KeyError for a name that does not exist."""
        return _parsed(_ABLE, self._look(service, "/able"), service)

    def change(self, service: str, change: WorkloadChange, *, revision: str, effect: Effect) -> Workload:
        """Make one change if the revision holds.

        Raises Conflict, Unsure, Throttled, Refused (the world says that the change makes no sense;
        nothing happened) and KeyError.
        """
        body: JsonValue = {
            "revision": revision,
            "change": change.model_dump(mode="json"),
            "effect": effect.model_dump(mode="json"),
        }
        answer = self._client.send(_path(service, "/changes"), body)
        match answer.status:
            case 200:
                return _changed(service, answer)
            case 404:
                raise KeyError(service)
            case 409:
                raise Conflict(f"{service} is no longer at revision {revision}")
            case 400 | 422:
                raise Refused(f"the world refuses {change.kind} on {service}: {answer.complaint()}")
            case _:
                # Any other status leaves open whether the change was made.
                raise Unsure(f"the world answered {answer.status} to {change.kind} on {service}")

    def settled(self, service: str, effect: str) -> Settled:
        """Progress of the change with this effect.  Raises KeyError."""
        return _parsed(_SETTLED, self._look(service, "/settled", {"effect": effect}), service)

    def routing(self, service: str) -> Routing:
        """Requests that the router really sent to each version.  Raises KeyError."""
        return _about(service, _parsed(_ROUTING, self._look(service, "/routing"), service))

    def history(self, service: str, since: datetime) -> tuple[Change, ...]:
        """Recorded changes of the service, oldest first.  Raises KeyError."""
        found = _parsed(_CHANGES, self._look(service, "/history", {"since": since.isoformat()}), service)
        mine = (change for change in found if change.service == service and change.at >= since)
        return tuple(sorted(mine, key=lambda change: change.at))

    def runtime(self, service: str) -> ports.Runtime:
        """The service's runtime.  Raises KeyError, and Refused for paths that the world has no say about."""
        found = _parsed(_RUNTIME, self._look(service, "/runtime"), service)
        # Of an image, the interpreter's path is one in the image.
        for path in (found.image.layout,) if found.image else (found.python, *found.mounts):
            if not world_proof.believed(Path(path), self._folder):
                shown = text.normalise(path, 120)
                raise Refused(
                    f"the world runs {service} with {shown}, which is outside its folder and belongs to neither root nor you"
                )
        return found

    def _look(self, service: str, what: str, query: Mapping[str, str] | None = None) -> Answer:
        answer = self._client.get(_path(service, what), query)
        if answer.status == 404:
            raise KeyError(service)
        return answer


def _path(service: str, what: str) -> str:
    """Raises KeyError for what cannot be a service's name, before it becomes part of an address."""
    if not _SERVICE.fullmatch(service):
        raise KeyError(service)
    return f"/services/{service}{what}"


def _parsed(kind: TypeAdapter[T], answer: Answer, what: str) -> T:
    if answer.status != 200:
        raise Unavailable(f"the world answers {answer.complaint()} about {what}")
    try:
        return kind.validate_python(answer.body)
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise Unavailable(f"the world's answer about {what} is malformed at {field or 'its top'}") from error


def _about(service: str, found: Named) -> Named:
    if found.service != service:
        raise Unavailable(f"asked about {service}, the world answers about {found.service}")
    return found


def _changed(service: str, answer: Answer) -> Workload:
    """A change that was made and whose answer cannot be read is Unsure, not failed."""
    try:
        return _about(service, _parsed(_WORKLOAD, answer, service))
    except Unavailable as error:
        raise Unsure(str(error)) from error
