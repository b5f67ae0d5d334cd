"""Cases of a payload: firing alerts of services that call each other belong to one incident."""

import hashlib
from datetime import UTC
from typing import NamedTuple

from graph.config.settings import Settings
from graph.state import Case
from incident.alert import Alert, Payload
from incident.errors import BadInput
from incident.evidence import Missing
from incident.value import encode
from tools.ports import World
from tools.secrets import redaction


class Cases(NamedTuple):
    """The incidents of one payload."""

    cases: tuple[Case, ...]
    """Cases, one for each connected group of firing alerts."""
    left_out: tuple[str, ...]
    """Sentences about the alerts that are left out because they name no known service, one each."""


def of(settings: Settings, world: World, payload: Payload) -> Cases:
    """Return the incidents of a payload; the oldest alert of a group gives its incident the identity.

    Raises BadInput when no alert names a known service.
    """
    named, strangers = _sorted_out(settings, world, payload)
    if strangers and not named:
        raise strangers[0]
    groups: list[tuple[set[str], list[Alert]]] = []
    for alert, service in named:
        around = _around(world, service)
        near = [group for group in groups if group[0] & around]
        merged = (set().union(around, *(group[0] for group in near)), [a for group in near for a in group[1]] + [alert])
        groups = [group for group in groups if group not in near] + [merged]
    parts = (Payload(alerts=tuple(members), group_labels=payload.group_labels) for _, members in groups)
    return Cases(tuple(_case(settings, world, part) for part in parts), tuple(map(str, strangers)))


def identity(world: str, alert: Alert) -> str:
    """Return the id of an incident: the same for the same alert in the same world, whatever else its sender wrote."""
    text = encode([world, alert.identity, alert.starts_at.astimezone(UTC).isoformat()])
    return f"inc-{hashlib.sha256(text).hexdigest()[:16]}"


def _case(settings: Settings, world: World, payload: Payload) -> Case:
    """Return the case of a payload's leading alert.  Raises BadInput."""
    alert = payload.firing()[0]
    service = _service_of(alert, settings, world.platform.services())
    name = world.platform.world()
    case = Case(incident=identity(name, alert), world=name, payload=payload, alert=alert, service=service)
    # Secrets in an alert are kept nowhere from here on; the identity was computed from the alert as it came.
    return redaction.redact_value(case)


def _service_of(alert: Alert, settings: Settings, known: tuple[str, ...]) -> str:
    """Return the service that an alert is about.  Raises BadInput when no label names a known one."""
    for label in settings.service_labels:
        value = alert.labels.get(label)
        if value is None:
            continue
        if value not in known:
            raise BadInput(f"labels.{label}", value, f"name one of the services of this world: {', '.join(known)}")
        return value
    wanted = " or ".join(settings.service_labels)
    raise BadInput("labels", sorted(alert.labels), f"add the label {wanted} that names the service")


def _sorted_out(settings: Settings, world: World, payload: Payload) -> tuple[list[tuple[Alert, str]], list[BadInput]]:
    """Return the firing alerts with their services, oldest first, and the errors of the others."""
    alerts = sorted(payload.firing(), key=lambda alert: (alert.starts_at, alert.identity))
    known = world.platform.services()
    named: list[tuple[Alert, str]] = []
    strangers: list[BadInput] = []
    for alert in alerts:
        try:
            named.append((alert, _service_of(alert, settings, known)))
        except BadInput as error:
            strangers.append(error)
    return named, strangers


def _around(world: World, service: str) -> set[str]:
    neighbours = world.traces.neighbours(service)
    if isinstance(neighbours, Missing):
        return {service}
    return {service, *neighbours.callers, *neighbours.callees, *neighbours.dependents}
