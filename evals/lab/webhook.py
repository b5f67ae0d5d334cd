"""Alertmanager webhook body of the alerts that fire now.

Source: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from evals.lab import wall
from evals.lab.metrics.rules import Firing
from incident import alert

_NEVER = "0001-01-01T00:00:00Z"  # Alertmanager's end of an alert that still fires


def payload(firing: Sequence[Firing], url: str) -> dict[str, JsonValue]:
    """A webhook of version 4 with one alert per firing rule; `alerts` is empty when nothing fires."""
    alerts = [_alert(one, url) for one in firing]
    labels = [one.condition.labels for one in firing]
    common = {
        name: value for name, value in (labels[0] if labels else {}).items() if all(o[name] == value for o in labels)
    }
    # Alertmanager groups by the name; when several fire, ours is one group of all.
    group = {name: value for name, value in common.items() if name == "alertname"}
    shown = ",".join(f'{name}="{value}"' for name, value in group.items())
    return {
        "version": "4",
        "groupKey": f"{{}}:{{{shown}}}",
        "truncatedAlerts": 0,
        "status": "firing" if alerts else "resolved",
        "receiver": "suture",
        "groupLabels": dict(group),
        "commonLabels": dict(common),
        "commonAnnotations": {},
        "externalURL": url,
        "alerts": list(alerts),
    }


def _alert(one: Firing, url: str) -> dict[str, JsonValue]:
    condition = one.condition
    return {
        "status": "firing",
        "labels": dict(condition.labels),
        "annotations": {
            "summary": one.summary,
            "expr": f"{condition.expression} {condition.comparison} {condition.threshold}",
        },
        "startsAt": stamp(wall.moment(one.since)),
        "endsAt": _NEVER,
        "generatorURL": f"{url}/rules",
        "fingerprint": alert.fingerprint_of(condition.labels),
    }


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC."""
    return at.isoformat().replace("+00:00", "Z")
