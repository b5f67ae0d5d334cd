"""Shapes in which alerting systems send alerts: one function each, recognised by marks of its own.

Unknown keys are ignored, because every release of these systems adds some.

Sources: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config,
https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml,
https://prometheus.io/docs/prometheus/latest/querying/api/#alerts,
https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from pydantic import JsonValue

from incident import foreign
from incident.errors import BadInput

READ = (
    "send an Alertmanager or Grafana webhook, alerts as Alertmanager's API or amtool gives them, "
    "or alerts of Prometheus, Thanos or vmalert"
)
"""Shapes that are read, in the words of a remedy."""

VERSIONS = ("4", "1")
"""Versions of the webhook: Alertmanager's and Grafana's, which have the same shape."""

Status = Literal["firing", "resolved", "pending", "suppressed"]

_STATES: dict[str, Status] = {
    "firing": "firing",
    "active": "firing",
    "unprocessed": "firing",
    "alerting": "firing",
    "recovering": "firing",
    "nodata": "firing",
    "error": "firing",
    "resolved": "resolved",
    "inactive": "resolved",
    "normal": "resolved",
    "pending": "pending",
    "suppressed": "suppressed",
}
"""States of Alertmanager, Prometheus and Grafana, by their first word in lower case."""


class Found(NamedTuple):
    """Alerts of a body, each with its place in it, and what the body says about all of them."""

    alerts: tuple[tuple[str, JsonValue], ...]
    group_labels: JsonValue = None
    truncated: int = 0
    """Alerts that the sender itself left out."""


class Said(NamedTuple):
    """Normal form of one alert: what each shape says, under one name, not checked yet."""

    status: Status
    labels: JsonValue
    annotations: JsonValue
    starts_at: JsonValue
    fingerprint: JsonValue


def alerts(body: JsonValue) -> Found:
    """Return the alerts of a body.  Raises BadInput saying what the body is, when it is none of the shapes."""
    for shape in (_webhook, _bare, _listed, _answer):
        found = shape(body)
        if found is None:
            continue
        if not found.alerts:
            raise BadInput("alerts", [], f"there is no alert in it; {READ}")
        if any(isinstance(item, dict) and "labels" in item for _, item in found.alerts):
            return found
        # Alerts of nobody who writes labels: another system's, or a shape of ours with a mistake in each of them.
        if not foreign.named(body) and not foreign.spoken(body):
            return found
        break
    raise BadInput("payload", foreign.named(body) or foreign.described(body), READ)


def said(alert: JsonValue, where: str) -> Said:
    """Return one alert in its normal form.  Raises BadInput."""
    if not isinstance(alert, dict):
        raise BadInput(where, alert, "send an object with labels and startsAt")
    if "activeAt" in alert or ("state" in alert and "startsAt" not in alert):
        return _of_rule(alert, where)
    if isinstance(alert.get("status"), dict):
        return _of_api(alert, where)
    return _of_webhook(alert, where)


def _webhook(body: JsonValue) -> Found | None:
    """The webhook of Alertmanager (version 4) and Grafana (version 1), or the same without a version."""
    if not isinstance(body, dict) or ("alerts" not in body and body.get("version") not in VERSIONS):
        return None
    version = body.get("version")
    if version not in (*VERSIONS, None):
        raise BadInput("version", version, f'use version "4" (Alertmanager) or "1" (Grafana); {READ}')
    listed = body.get("alerts")
    if not isinstance(listed, list):
        raise BadInput("alerts", listed, "send a list with at least one alert")
    more = body.get("truncatedAlerts")
    return Found(
        tuple(_places(listed, "alerts")), body.get("groupLabels"), more if isinstance(more, int) and more > 0 else 0
    )


def _bare(body: JsonValue) -> Found | None:
    """One alert of any of the systems, without anything around it."""
    return Found((("alert", body),)) if _is_alert(body) else None


def _listed(body: JsonValue) -> Found | None:
    """A list of alerts (Alertmanager's API, amtool, Prometheus) or of Alertmanager's groups of them."""
    if not isinstance(body, list) or foreign.named(body):
        return None
    if body and all(isinstance(item, dict) and isinstance(item.get("alerts"), list) for item in body):
        return Found(tuple(_nested(body, "", "alerts")))
    if not any(_is_alert(item) for item in body):
        return None
    return Found(tuple(_places(body, "")))


def _answer(body: JsonValue) -> Found | None:
    """An answer of an HTTP API: alerts in a list, below ``alerts``, or in each rule of its groups."""
    if not isinstance(body, dict) or body.get("status", "success") != "success":
        return None
    data = body.get("data")
    if isinstance(data, list):
        return Found(tuple(_places(data, "data")))
    inside = data if isinstance(data, dict) else {}
    match inside.get("alerts"), inside.get("groups"):
        case list(listed), _:
            return Found(tuple(_places(listed, "data.alerts")))
        case _, list(groups):
            rules = [rule for _, rule in _nested(groups, "data.groups", "rules")]
            return Found(tuple(_nested(rules, "data.rules", "alerts")))
        case _:
            return None


def _of_webhook(alert: dict[str, JsonValue], where: str) -> Said:
    status = _status(alert.get("status", "firing"), f"{where}.status")
    return Said(status, alert.get("labels"), alert.get("annotations"), alert.get("startsAt"), alert.get("fingerprint"))


def _of_api(alert: dict[str, JsonValue], where: str) -> Said:
    state = alert["status"]
    status = _status(state.get("state") if isinstance(state, dict) else state, f"{where}.status.state")
    return Said(status, alert.get("labels"), alert.get("annotations"), alert.get("startsAt"), alert.get("fingerprint"))


def _of_rule(alert: dict[str, JsonValue], where: str) -> Said:
    """An alert of Prometheus, Thanos or vmalert; vmalert names it beside its labels, too."""
    status = _status(alert.get("state", "firing"), f"{where}.state")
    labels, name = alert.get("labels"), alert.get("name")
    if isinstance(labels, dict) and isinstance(name, str) and name:
        labels = {"alertname": name, **labels}
    return Said(status, labels, alert.get("annotations"), alert.get("activeAt"), None)


def _status(value: JsonValue, where: str) -> Status:
    # Grafana puts a reason behind its states: "Normal (NoData)".
    word = value.split("(")[0].strip().lower() if isinstance(value, str) else ""
    if word not in _STATES:
        raise BadInput(where, value, f"use one of {', '.join(_STATES)}")
    return _STATES[word]


def _is_alert(body: JsonValue) -> bool:
    return (
        isinstance(body, dict) and isinstance(body.get("labels"), dict) and ("startsAt" in body or "activeAt" in body)
    )


def _places(items: list[JsonValue], where: str) -> Iterator[tuple[str, JsonValue]]:
    for index, item in enumerate(items):
        yield f"{where}[{index}]", item


def _nested(items: list[JsonValue], where: str, key: str) -> Iterator[tuple[str, JsonValue]]:
    """The items of a list below a key of each item; an item without one has none."""
    for place, item in _places(items, where):
        inner = item.get(key) if isinstance(item, dict) else None
        if isinstance(inner, list):
            yield from _places(inner, f"{place}.{key}")
