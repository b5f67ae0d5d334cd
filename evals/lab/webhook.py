"""Alertmanager webhook body of the alerts that fire now.

Source: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue

from evals.lab import wall
from evals.lab.metrics import rules
from incident import alert
from incident.evidence import Condition

_NEVER = "0001-01-01T00:00:00Z"  # Alertmanager's end of an alert that still fires


def payload(firing: Mapping[str, tuple[Condition, float]], url: str) -> dict[str, JsonValue]:
    """A webhook of version 4 with one alert per firing rule; `alerts` is empty when nothing fires."""
    alerts = [_alert(condition, since, url) for condition, since in firing.values()]
    group: dict[str, JsonValue] = {"alertname": rules.NAME}
    labels = [condition.labels for condition, _ in firing.values()]
    common = {
        name: value for name, value in (labels[0] if labels else {}).items() if all(o[name] == value for o in labels)
    }
    return {
        "version": "4",
        "groupKey": f'{{}}:{{alertname="{rules.NAME}"}}',
        "truncatedAlerts": 0,
        "status": "firing" if alerts else "resolved",
        "receiver": "suture",
        "groupLabels": group,
        "commonLabels": dict(common),
        "commonAnnotations": {},
        "externalURL": url,
        "alerts": list(alerts),
    }


def _alert(condition: Condition, since: float, url: str) -> dict[str, JsonValue]:
    return {
        "status": "firing",
        "labels": dict(condition.labels),
        "annotations": {
            "summary": f"More than {condition.threshold:.0%} of the requests to {condition.service} fail",
            "expr": f"{condition.expression} {condition.comparison} {condition.threshold}",
        },
        "startsAt": stamp(wall.moment(since)),
        "endsAt": _NEVER,
        "generatorURL": f"{url}/rules",
        "fingerprint": alert.fingerprint_of(condition.labels),
    }


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC."""
    return at.isoformat().replace("+00:00", "Z")
