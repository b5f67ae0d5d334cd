"""`ports.Metrics` over the embedded world's stored samples and rules."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, JsonValue, TypeAdapter, ValidationError

from incident.errors import Unavailable
from incident.evidence import Condition, Measurement, Missing, Signals
from tools import ports, text
from tools.embedded.client import Answer, Client

STALE = timedelta(seconds=5)
"""Five missed samples of one second: what is older says nothing about now."""

_CONDITIONS = TypeAdapter(tuple[Condition, ...])
_POINTS = TypeAdapter(tuple[tuple[AwareDatetime, float], ...])


class EmbeddedMetrics:
    """Stored samples; whatever is missing, stale, contradictory or not a number is Missing."""

    def __init__(self, client: Client, clock: ports.Clock) -> None:
        self._client = client
        self._clock = clock

    def rule(self, name: str, labels: Mapping[str, str]) -> Condition | Missing:
        """The one rule of this name whose service stands in `labels` and whose own labels do not contradict them."""
        answer = self._client.get("/rules")
        try:
            served = _CONDITIONS.validate_python(_good(answer))
        except ValidationError as error:
            raise Unavailable("the world's rules are malformed") from error
        fits = [condition for condition in served if condition.name == name and _covers(condition, labels)]
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
        if isinstance(found, Measurement) and abs(self._clock.now() - found.at) > STALE:
            return Missing(reason=f"the value of {condition.name} is of {found.at:%H:%M:%S}, which is stale")
        return found

    def signals(self, service: str, start: datetime, end: datetime, version: str | None = None) -> Signals | Missing:
        """Golden signals of the window; Missing when the samples end more than `STALE` before it does."""
        query = _window(service, start, end, version)
        answer = self._client.get("/signals", query)
        if answer.status == 404:
            return Missing(reason=answer.complaint())
        body = _good(answer)
        try:
            found = _missing(body) or Signals.model_validate(body)
        except ValidationError:
            return Missing(reason=f"the signals of {service} are not usable")
        if isinstance(found, Missing):
            return found
        objection = _objection(found, service, version, self._live(end))
        return Missing(reason=objection) if objection else found

    def series(
        self,
        service: str,
        signal: Literal["requests", "errors", "memory_bytes"],
        start: datetime,
        end: datetime,
        version: str | None = None,
    ) -> tuple[tuple[datetime, float], ...] | Missing:
        """One point per sampling interval, oldest first."""
        answer = self._client.get("/series", {**_window(service, start, end, version), "signal": signal})
        if answer.status == 404:
            return Missing(reason=answer.complaint())
        body = _good(answer)
        missing = _missing(body)
        if missing is not None:
            return missing
        try:
            points = _POINTS.validate_python(body.get("points") if isinstance(body, dict) else body)
        except ValidationError:
            return Missing(reason=f"the {signal} of {service} are not usable")
        if not points or not all(math.isfinite(value) for _, value in points):
            return Missing(reason=f"the {signal} of {service} hold no numbers")
        ordered = tuple(sorted(points, key=lambda point: point[0]))
        if ordered[-1][0] < self._live(end):
            return Missing(reason=f"the {signal} of {service} end at {ordered[-1][0]:%H:%M:%S}, which is stale")
        return ordered

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

    def _live(self, end: datetime) -> datetime:
        """The time that samples must reach, for a window that may end in the future."""
        return min(end, self._clock.now()) - STALE


def _objection(found: Signals, service: str, version: str | None, live: datetime) -> str:
    """Reason that these are no signals of this service that reach up to `live`; empty when they are."""
    if (found.service, found.version) != (service, version):
        return f"asked about {service}, the world answers about {found.service}"
    if not 0 <= found.errors <= found.requests:
        return f"{found.errors} errors of {found.requests} requests contradict each other"
    if found.end < live:
        return f"the samples of {service} end at {found.end:%H:%M:%S}, which is stale"
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
