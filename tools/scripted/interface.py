"""The embedded world's HTTP interface (docs/embedded-world.md) over a simulated world, without a socket."""

import functools
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import parse_qsl, urlsplit

from pydantic import AwareDatetime, JsonValue, TypeAdapter

from incident import alert
from incident.errors import Conflict, Refused
from incident.evidence import Condition, Missing
from incident.value import Value
from incident.workload import Effect, WorkloadChange
from tools.embedded import world_proof
from tools.scripted import files, metrics
from tools.scripted.world import ScriptedWorld

T = TypeVar("T")
_TIME: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)


class Reply(NamedTuple):
    """Status and body of an answer."""

    status: int
    body: JsonValue


class Sent(NamedTuple):
    """An answer as it goes over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


class Wanted(Value):
    """The body of a change."""

    revision: str
    change: WorkloadChange
    effect: Effect


class Over(Value):
    """The body of a question for a condition over time."""

    condition: Condition
    start: AwareDatetime
    end: AwareDatetime


class Renewal(Value):
    """The body of a lease renewal."""

    seconds: float


class Interface:
    """Answers calls; the files that it names grow with every call."""

    def __init__(self, world: ScriptedWorld, url: str, root: Path) -> None:
        self._world = world
        self._url = url
        self._root = root
        self._files = files.Files(world, root)
        self.renewals: list[float] = []
        """Seconds of every lease renewal so far."""

    @functools.cached_property
    def key(self) -> world_proof.Key:
        """The world's signing key; made when first asked for."""
        return world_proof.make(self._root, self._world.platform.world())

    def sent(self, method: str, target: str, body: bytes, challenge: str | None) -> Sent:
        """Answer one call, signed when a challenge came with it.  Raises what `answer` raises."""
        key, address = self.key, urlsplit(target)
        reply = self.answer(method, address.path, dict(parse_qsl(address.query)), body)
        content = json.dumps(reply.body).encode()
        headers = {"Content-Type": "application/json"}
        if challenge is not None:
            port = urlsplit(self._url).port or 80
            headers[world_proof.PROOF] = key.sign(port, challenge, reply.status, content)
        return Sent(reply.status, headers, content)

    def answer(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> Reply:
        """Answer one call.  Raises what the simulated world raises when it does not answer."""
        self.grow()
        parts = tuple(path.strip("/").split("/"))
        try:
            if parts[0] == "services" and len(parts) > 1:
                return self._service(method, parts[1], "/".join(parts[2:]), query, body)
            return self._whole(method, parts, query, body)
        except KeyError as error:
            return Reply(404, {"error": f"there is no {error.args[0]!r}"})
        except Conflict:
            current = self._world.platform.read(parts[1])
            return Reply(409, {"error": "conflict", "workload": current.model_dump(mode="json")})
        except (Refused, ValueError) as error:
            return Reply(422, {"error": str(error)[:200]})

    def grow(self) -> None:
        """Write what the simulated processes have written up to now."""
        self._files.grow()

    def _whole(self, method: str, parts: tuple[str, ...], query: Mapping[str, str], body: bytes) -> Reply:
        match (method, parts[0]):
            case ("POST", "lease"):
                self.renewals.append(Renewal.model_validate_json(body).seconds)
                return Reply(200, {"expires_at": self._world.stage.clock.now().isoformat()})
            case ("POST", "measure"):
                return _or_missing(self._world.metrics.measure(Condition.model_validate_json(body)), _json)
            case ("POST", "of"):
                asked = Over.model_validate_json(body)
                return _or_missing(self._world.metrics.of(asked.condition, asked.start, asked.end), _json)
            case ("GET", "names" | "places" | "changes"):
                return self._asked(parts[0], query)
            case ("GET", "signals" | "range"):
                return self._window(parts[0], query)
            case ("GET", what):
                return Reply(200, self._plain(what))
            case _:
                raise KeyError("/".join(parts))

    def _asked(self, what: str, query: Mapping[str, str]) -> Reply:
        if what == "changes":
            start, end = _TIME.validate_python(query["start"]), _TIME.validate_python(query["end"])
            found = self._world.changes.within(start, end)
            return _or_missing(found, lambda told: [_json(change) for change in told])
        service = query["service"]
        self._world.platform.read(service)
        return _or_missing(
            self._world.places.of(service) if what == "places" else self._world.metrics.names(service), _json
        )

    def _plain(self, what: str) -> JsonValue:
        match what:
            case "world":
                return self._about()
            case "services":
                return list(self._world.platform.services())
            case "aliases":
                return [_json(alias) for alias in self._world.aliases()]
            case "rules":
                return [_json(rule) for rule in metrics.ScriptedMetrics(self._world.stage).rules()]
            case "alerts":
                return self._alerts()
            case _:
                raise KeyError(what)

    def _service(self, method: str, service: str, what: str, query: Mapping[str, str], body: bytes) -> Reply:
        platform = self._world.platform
        match (method, what):
            case ("GET", "" | "able" | "routing" | "runtime"):
                ask = {"": platform.read, "able": platform.able, "routing": platform.routing}.get(
                    what, platform.runtime
                )
                return Reply(200, _json(ask(service)))
            case ("POST", "changes"):
                wanted = Wanted.model_validate_json(body)
                changed = platform.change(service, wanted.change, revision=wanted.revision, effect=wanted.effect)
                return Reply(200, _json(changed))
            case ("GET", "settled"):
                return Reply(200, _json(platform.settled(service, query.get("effect", ""))))
            case ("GET", "history"):
                since = _TIME.validate_python(query["since"])
                return Reply(200, [_json(change) for change in platform.history(service, since)])
            case _:
                raise KeyError(what)

    def _window(self, what: str, query: Mapping[str, str]) -> Reply:
        service, version = query["service"], query.get("version")
        self._world.platform.read(service)
        start, end = _TIME.validate_python(query["start"]), _TIME.validate_python(query["end"])
        if what == "signals":
            return _or_missing(self._world.metrics.signals(service, start, end, version), _json)
        return _or_missing(self._world.metrics.range(service, query["name"], start, end, version), _json)

    def _about(self) -> JsonValue:
        return {
            "id": self._world.platform.world(),
            "kind": "scripted",
            "name": self._world.name,
            "folder": str(self._root),
            "started_at": self._world.stage.state.started_at.isoformat(),
            "url": self._url,
            "pid": 0,
            **{name: str(folder) for name, folder in self._files.folders.items()},
        }

    def _alerts(self) -> JsonValue:
        """An Alertmanager webhook; alerts are dated back to when the bug woke, or to now."""
        since = self._world.stage.state.wakes_at or self._world.stage.clock.now()
        alerts: list[JsonValue] = [
            {
                "status": "firing",
                "labels": dict(labels),
                "annotations": {},
                "startsAt": since.isoformat(),
                "fingerprint": alert.fingerprint_of(labels),
            }
            for labels in self._world.metrics.firing()
        ]
        return {"version": "4", "groupLabels": {"alertname": metrics.NAME}, "alerts": alerts}


def _json(value: Value) -> JsonValue:
    body: JsonValue = json.loads(value.model_dump_json())
    return body


def _or_missing(found: Missing | T, shown: Callable[[T], JsonValue]) -> Reply:
    return Reply(200, {"missing": found.reason} if isinstance(found, Missing) else shown(found))
