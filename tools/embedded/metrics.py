"""`ports.Metrics` over the embedded world's stored samples and rules."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import JsonValue, TypeAdapter, ValidationError

from incident import series
from incident.errors import Unavailable
from incident.evidence import Condition, Measurement, Missing, Ratios, Signals
from tools import ports, text
from tools.embedded.client import Answer, Client

STEP = timedelta(seconds=1)
"""Time between two samples of a service without a rule."""

STALE_STEPS = 5
"""Missed samples after which those before say nothing about now."""

_CONDITIONS = TypeAdapter(tuple[Condition, ...])


class EmbeddedMetrics:
    """Stored samples; whatever is missing, stale, contradictory or not a number is Missing."""

    def __init__(self, client: Client, clock: ports.Clock) -> None:
        self._client = client
        self._clock = clock

    def rule(self, name: str, labels: Mapping[str, str]) -> Condition | Missing:
        """The one rule of this name whose service stands in `labels` and whose own labels do not contradict them."""
        fits = [condition for condition in self._served() if condition.name == name and _covers(condition, labels)]
        # Of several rules none is chosen: the wrong one would call the incident healed.
        if len(fits) == 1:
            return fits[0]
        shown = text.normalise(name, 80)
        return Missing(reason=f"{len(fits)} rules fit {shown}" if fits else f"no rule of the world fits {shown}")

    def measure(self, condition: Condition) -> Measurement | Missing:
        """The condition's value now."""
        body = _good(self._client.ask("/measure", condition.model_dump(mode="json")))
        try:
            found = _missing(body) or Measurement.model_validate(body)
        except ValidationError:
            return Missing(reason=f"the value of {condition.name} is not usable")
        # A time ahead of our clock is as useless as an old one: one of the two clocks is wrong.
        stale = STALE_STEPS * timedelta(seconds=condition.step_seconds)
        if isinstance(found, Measurement) and abs(self._clock.now() - found.at) > stale:
            return Missing(reason=f"the value of {condition.name} is of {found.at:%H:%M:%S}, which is stale")
        return found

    def signals(
        self, service: str, start: datetime, end: datetime, version: str | None = None
    ) -> Signals | Ratios | Missing:
        """Golden signals of the window; Missing when the samples end more than five steps before it does."""
        query = _window(service, start, end, version)
        answer = self._client.get("/signals", query)
        if answer.status == 404:
            return Missing(reason=answer.complaint())
        body = _good(answer)
        try:
            kind = Ratios if isinstance(body, dict) and body.get("kind") == "ratios" else Signals
            found = _missing(body) or kind.model_validate(body)
        except ValidationError:
            return Missing(reason=f"the signals of {service} are not usable")
        if isinstance(found, Missing):
            return found
        live = min(end, self._clock.now())
        objection = _objection(found, service, version) or self._stale(found, live)
        return Missing(reason=objection) if objection else found

    def names(self, service: str) -> series.Metrics | Missing:
        """Every series of a service, the golden ones first."""
        answer = self._client.get("/names", {"service": service})
        if answer.status == 404:
            return Missing(reason=answer.complaint())
        body = _good(answer)
        try:
            found = _missing(body) or series.Metrics.model_validate(body)
        except ValidationError:
            return Missing(reason=f"the names of the series of {service} are not usable")
        if isinstance(found, series.Metrics) and found.service != service:
            return Missing(reason=f"asked about {service}, the world answers about {found.service}")
        return found

    def range(
        self, service: str, name: str, start: datetime, end: datetime, version: str | None = None
    ) -> series.Series | Missing:
        """One point per sample, oldest first."""
        answer = self._client.get("/range", {**_window(service, start, end, version), "name": name})
        if answer.status == 404:
            return Missing(reason=answer.complaint())
        return self._series(_good(answer), (service, version, name), end)

    def of(self, condition: Condition, start: datetime, end: datetime) -> series.Series | Missing:
        """The condition's own expression over time."""
        asked: JsonValue = {
            "condition": condition.model_dump(mode="json"),
            "start": start.isoformat(),
            "end": end.isoformat(),
        }
        return self._series(_good(self._client.ask("/of", asked)), (condition.service, None, condition.name), end)

    def _series(self, body: JsonValue, asked: tuple[str, str | None, str], end: datetime) -> series.Series | Missing:
        shown = f"{text.normalise(asked[2], 80)} of {asked[0]}"
        try:
            found = _missing(body) or series.Series.model_validate(body)
        except ValidationError:
            return Missing(reason=f"the points of {shown} are not usable")
        if isinstance(found, Missing):
            return found
        if (found.service, found.version, found.metric.name) != asked:
            return Missing(reason=f"asked about {shown}, the world answers about {found.service}")
        if not found.points or found.step_seconds <= 0:
            return Missing(reason=f"{shown} holds no numbers")
        # A point that is told twice is one.
        ordered = tuple(sorted(dict(found.points).items()))
        if ordered[-1][0] < min(end, self._clock.now()) - STALE_STEPS * timedelta(seconds=found.step_seconds):
            return Missing(reason=f"{shown} ends at {ordered[-1][0]:%H:%M:%S}, which is stale")
        return found.model_copy(update={"points": ordered})

    def firing(self) -> tuple[dict[str, str], ...]:
        """Label sets of the alerts that fire now."""
        body = _good(self._client.get("/alerts"))
        alerts = body.get("alerts") if isinstance(body, dict) else None
        if not isinstance(alerts, list):
            raise Unavailable("the world's alerts are malformed")
        found = []
        for alert in alerts:
            labels = alert.get("labels") if isinstance(alert, dict) else None
            if not isinstance(alert, dict) or not isinstance(labels, dict):
                raise Unavailable("the world's alerts are malformed")
            if alert.get("status", "firing") == "firing":
                found.append({str(key): str(value) for key, value in labels.items()})
        return tuple(found)

    def _stale(self, found: Signals | Ratios, live: datetime) -> str:
        """Reason that these samples end too early for a window up to `live`; empty when they do not."""
        # Most samples are fresh at any step, so the rules that tell the step are asked for the others only.
        if found.end >= live - STALE_STEPS * STEP or found.end >= live - STALE_STEPS * self._step(found.service):
            return ""
        return f"the samples of {found.service} end at {found.end:%H:%M:%S}, which is stale"

    def _step(self, service: str) -> timedelta:
        """Time between two samples of a service, which its rule tells."""
        try:
            return max(
                (timedelta(seconds=rule.step_seconds) for rule in self._served() if rule.service == service),
                default=STEP,
            )
        except Unavailable:
            return STEP

    def _served(self) -> tuple[Condition, ...]:
        try:
            return _CONDITIONS.validate_python(_good(self._client.get("/rules")))
        except ValidationError as error:
            raise Unavailable("the world's rules are malformed") from error


def _objection(found: Signals | Ratios, service: str, version: str | None) -> str:
    """Reason that these are no signals of this service; empty when they are."""
    if (found.service, found.version) != (service, version):
        return f"asked about {service}, the world answers about {found.service}"
    if isinstance(found, Signals) and not 0 <= found.errors <= found.requests:
        return f"{found.errors} errors of {found.requests} requests contradict each other"
    return ""


def _window(service: str, start: datetime, end: datetime, version: str | None) -> dict[str, str]:
    query = {"service": service, "start": start.isoformat(), "end": end.isoformat()}
    return query if version is None else {**query, "version": version}


def _good(answer: Answer) -> JsonValue:
    if answer.status != 200:
        raise Unavailable(f"the world answers {answer.complaint()}")
    return answer.body


def _missing(body: JsonValue) -> Missing | None:
    if isinstance(body, dict) and "missing" in body:
        return Missing(reason=text.normalise(str(body["missing"]), 200))
    return None


def _covers(condition: Condition, labels: Mapping[str, str]) -> bool:
    """True when the labels name the rule's service and contradict none of its own labels."""
    agree = all(labels.get(key, value) == value for key, value in condition.labels.items() if key != "alertname")
    return agree and condition.service in labels.values()
