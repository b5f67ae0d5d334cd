"""HTTP interface of ``docs/embedded-world.md``: all that the healer can reach."""

import math
import os
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Literal, TypeVar
from urllib.parse import urlsplit

from aiohttp import web
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from evals.lab import wall, webhook
from evals.lab.lab import Lab
from evals.lab.lease import Lease
from evals.lab.metrics import points, samples
from evals.lab.supervisor import Moved, Refused, Supervised
from incident.evidence import Condition, Missing, Signals
from incident.series import Metric, Series
from incident.value import Value
from incident.workload import Able, Effect, WorkloadChange
from tools.embedded import world_proof

LARGEST = 256 * 1024
"""Bytes of a request's body that are read."""

MAX_POINTS = 3_600
"""Points of a series that are answered, the newest."""

_TIME: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)
_Model = TypeVar("_Model", bound=BaseModel)


class Unknown(LookupError):
    """A name does not exist; the message says which."""


class Wanted(BaseModel):
    """The body of a change."""

    model_config = ConfigDict(extra="forbid")

    revision: str
    change: WorkloadChange
    effect: Effect


class Over(BaseModel):
    """The body of a question for a condition over time."""

    model_config = ConfigDict(extra="forbid")

    condition: Condition
    start: AwareDatetime
    end: AwareDatetime


class Renewal(BaseModel):
    """The body of a lease renewal."""

    model_config = ConfigDict(extra="forbid")

    seconds: float = Field(gt=0, allow_inf_nan=False)


class Api:
    """One handler per call of the interface."""

    def __init__(self, lab: Lab, lease: Lease, url: str, key: world_proof.Key) -> None:
        self._lab, self._lease, self._url, self._key = lab, lease, url, key
        self._started_at = lab.wall.moment()

    def application(self) -> web.Application:
        """The whole interface."""
        app = web.Application(middlewares=[self._signed, _errors], client_max_size=LARGEST)
        app.add_routes(
            [
                web.get("/world", self.world),
                web.post("/lease", self.lease),
                web.get("/services", self.services),
                web.get("/aliases", self.aliases),
                web.get("/services/{service}", self.read),
                web.post("/services/{service}/changes", self.change),
                web.get("/services/{service}/able", self.able),
                web.get("/services/{service}/settled", self.settled),
                web.get("/services/{service}/routing", self.routing),
                web.get("/services/{service}/history", self.history),
                web.get("/services/{service}/runtime", self.runtime),
                web.get("/places", self.places),
                web.get("/changes", self.changes),
                web.get("/rules", self.rules),
                web.post("/measure", self.measure),
                web.get("/signals", self.signals),
                web.get("/names", self.names),
                web.get("/range", self.range),
                web.post("/of", self.of),
                web.get("/alerts", self.alerts),
            ]
        )
        return app

    @web.middleware
    async def _signed(self, request: web.Request, handler: "_Handler") -> web.StreamResponse:
        """Prove with each answer who gives it, to whoever sent a challenge."""
        response = await handler(request)
        challenge = request.headers.get(world_proof.CHALLENGE)
        if challenge is not None and isinstance(response, web.Response):
            body = response.body if isinstance(response.body, bytes) else b""
            port = urlsplit(self._url).port or 80
            response.headers[world_proof.PROOF] = self._key.sign(port, challenge, response.status, body)
        return response

    async def world(self, _: web.Request) -> web.Response:
        """Identity of this world and the places of its files."""
        root = self._lab.world.root
        return _json(
            {
                "id": self._lab.name,
                "kind": "lab",
                "name": "the shop",
                "folder": str(root),
                "started_at": webhook.stamp(self._started_at),
                "url": self._url,
                "repository": str(self._lab.world.repository),
                "logs": str(root / "logs"),
                "spans": str(root / "spans"),
                "captures": str(root / "captures"),
                "pid": os.getpid(),
            }
        )

    async def lease(self, request: web.Request) -> web.Response:
        """Renew the lease."""
        renewal = await _body(request, Renewal)
        try:
            self._lease.renew(renewal.seconds, self._lab.wall.now())
        except ValueError as error:
            raise Refused(str(error)) from error
        return _json({"expires_at": webhook.stamp(wall.moment(self._lease.expires))})

    async def services(self, _: web.Request) -> web.Response:
        """The names of all services."""
        return _json([*sorted(self._lab.services)])

    async def aliases(self, _: web.Request) -> web.Response:
        """The addresses at which the processes of each service are scraped."""
        return _json([alias.model_dump(mode="json") for alias in self._lab.aliases()])

    async def read(self, request: web.Request) -> web.Response:
        """A service as it is now."""
        return _value(self._service(request).read())

    async def change(self, request: web.Request) -> web.Response:
        """One conditional change; answered when it is written."""
        service = self._service(request)
        wanted = await _body(request, Wanted)
        return _value(await service.change(wanted.change, revision=wanted.revision, effect=wanted.effect, actor="api"))

    async def able(self, request: web.Request) -> web.Response:
        """Powers over a service: the router sets every share and counts, and a version is a commit."""
        self._service(request)
        return _value(Able(shares="any", counted_by="router", sources=("commit",)))

    async def settled(self, request: web.Request) -> web.Response:
        """Progress of a change."""
        return _value(self._service(request).settled(request.query.get("effect", "")))

    async def routing(self, request: web.Request) -> web.Response:
        """Requests that were really routed to each version."""
        return _value(await self._service(request).routing())

    async def history(self, request: web.Request) -> web.Response:
        """Recorded changes."""
        since = _time(request, "since")
        return _json([change.model_dump(mode="json") for change in self._service(request).history(since)])

    async def runtime(self, request: web.Request) -> web.Response:
        """The service's runtime."""
        shop = self._lab.shop
        environment = self._service(request).environment()
        return _json(
            {
                "python": str(shop.python),
                "mounts": [str(mount) for mount in shop.mounts],
                "environment": dict(environment),
            }
        )

    async def changes(self, request: web.Request) -> web.Response:
        """Recorded changes of everybody in a window."""
        start, end = _time(request, "start"), _time(request, "end")
        every = [service.history(start) for service in self._lab.services.values()] + [self._lab.flags.history(start)]
        found = sorted((change for some in every for change in some if change.at <= end), key=lambda change: change.at)
        return _json([change.model_dump(mode="json") for change in found])

    async def places(self, request: web.Request) -> web.Response:
        """Processes of a service; all run on this machine."""
        service = self._known(request.query.get("service", "")).service
        targets = [alias.name for alias in self._lab.aliases() if alias.service == service and alias.kind == "target"]
        return _json({"pods": [{"name": name} for name in sorted(targets)]})

    async def rules(self, _: web.Request) -> web.Response:
        """All conditions."""
        return _json([condition.model_dump(mode="json") for condition in self._lab.rules.conditions])

    async def measure(self, request: web.Request) -> web.Response:
        """A condition's value now."""
        return _value(self._lab.rules.measure(await _body(request, Condition), self._lab.wall.now()))

    async def signals(self, request: web.Request) -> web.Response:
        """Golden signals over a window."""
        self._known(request.query.get("service", ""))
        service, version = request.query["service"], request.query.get("version")
        now = self._lab.wall.now()
        start, end = _window(request)
        window = self._lab.samples.window(service, start, end, now, version)
        return _value(window if isinstance(window, Missing) else _signals(service, version, window))

    async def names(self, request: web.Request) -> web.Response:
        """Every series of a service."""
        self._known(request.query.get("service", ""))
        return _value(self._lab.samples.names(request.query["service"]))

    async def range(self, request: web.Request) -> web.Response:
        """Points of one series of a service."""
        self._known(request.query.get("service", ""))
        service, version, name = request.query["service"], request.query.get("version"), request.query.get("name", "")
        start, end = _window(request)
        found = self._lab.samples.range(service, name, start, end, self._lab.wall.now(), version)
        if isinstance(found, Missing):
            return _value(found)
        metric, known = found
        return _value(_series(service, version, metric, self._lab.samples.step, known))

    async def of(self, request: web.Request) -> web.Response:
        """A served condition's expression over time."""
        asked = await _body(request, Over)
        if asked.condition not in self._lab.rules.conditions:
            return _value(Missing(reason=f"no rule of this world reads like this {asked.condition.name}"))
        step = self._lab.samples.step
        end = min(asked.end.timestamp(), self._lab.wall.now())
        known = []
        for number in _steps(asked.start.timestamp(), end, step):
            found = self._lab.rules.value(asked.condition, number * step)
            if not isinstance(found, Missing):
                known.append((number * step, found[0]))
        unit, kind = self._lab.rules.measures(asked.condition)
        metric = Metric(name=asked.condition.name, unit=unit, kind=kind)
        return _value(_series(asked.condition.service, None, metric, step, known))

    async def alerts(self, _: web.Request) -> web.Response:
        """Alerts that fire now."""
        return _json(webhook.payload(self._lab.rules.firing(), self._url))

    def _service(self, request: web.Request) -> Supervised:
        return self._known(request.match_info["service"])

    def _known(self, service: str) -> Supervised:
        if service not in self._lab.services:
            raise Unknown(f"there is no service {service[:80]!r}")
        return self._lab.services[service]


def _steps(start: float, end: float, step: float) -> range:
    """Numbers of the steps that end in (start, end], at most `MAX_POINTS`, the newest."""
    last = math.floor(end / step)
    return range(max(math.floor(start / step) + 1, last - MAX_POINTS + 1), last + 1)


def _series(
    service: str, version: str | None, metric: Metric, step: float, known: Sequence[tuple[float, float]]
) -> Series | Missing:
    if not known:
        return Missing(reason=f"no sample of {metric.name} of {service} lies in this window")
    return Series(
        service=service,
        version=version,
        metric=metric,
        step_seconds=step,
        points=tuple((wall.moment(at), value) for at, value in known[-MAX_POINTS:]),
    )


def _signals(service: str, version: str | None, window: samples.Window) -> Signals:
    p50, p99 = points.quantile(window.buckets, 0.50), points.quantile(window.buckets, 0.99)
    seconds = window.end - window.start
    return Signals(
        service=service,
        version=version,
        start=wall.moment(window.start),
        end=wall.moment(max(window.start, window.end)),
        requests=window.requests,
        errors=window.errors,
        p50_ms=None if p50 is None else p50 * 1000,
        p99_ms=None if p99 is None else p99 * 1000,
        memory_bytes=window.memory_bytes,
        cpu_cores=window.cpu_seconds / seconds if seconds > 0 else None,
    )


_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def _errors(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Say in JSON what is wrong with a request.  Anything else is a defect and answers 500, which promises nothing."""
    try:
        return await handler(request)
    except Unknown as error:
        return _json({"error": str(error)}, status=404)
    except Moved as moved:
        return _json({"error": "conflict", "workload": moved.current.model_dump(mode="json")}, status=409)
    except Refused as error:
        return _json({"error": str(error)}, status=422)
    except web.HTTPException as error:
        return _json({"error": error.reason}, status=error.status)


async def _body(request: web.Request, model: type[_Model]) -> _Model:
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as error:
        raise _refusal(error) from error


def _window(request: web.Request) -> tuple[float, float]:
    start, end = _time(request, "start").timestamp(), _time(request, "end").timestamp()
    if end <= start:
        raise Refused("end must lie after start")
    return start, end


def _time(request: web.Request, name: Literal["start", "end", "since"]) -> datetime:
    text = request.query.get(name, "").replace(" ", "+")  # a "+" that was not quoted arrives as a space
    try:
        return _TIME.validate_python(text)
    except ValidationError as error:
        raise Refused(f"{name} must be an RFC 3339 time with a zone") from error


def _refusal(error: ValidationError) -> Refused:
    first = error.errors()[0]
    return Refused(f"{'.'.join(map(str, first['loc'])) or 'the body'}: {first['msg']}")


def _value(value: Value) -> web.Response:
    if isinstance(value, Missing):
        return _json({"missing": value.reason})
    return _json(value.model_dump(mode="json"))


def _json(body: JsonValue, status: int = 200) -> web.Response:
    return web.json_response(body, status=status)
