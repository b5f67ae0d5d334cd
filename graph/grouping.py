"""Splits a payload into incidents: firing alerts that are connected by calls belong together."""

from graph import drive
from graph.settings import Settings
from graph.state import Case
from incident.alert import Alert, Payload
from incident.evidence import Missing
from tools.ports import World


def cases(settings: Settings, world: World, payload: Payload) -> tuple[Case, ...]:
    """One case per connected group of firing alerts; its oldest alert gives the incident its identity.

    Raises BadInput when an alert names no known service.
    """
    alerts = sorted(payload.firing(), key=lambda alert: (alert.starts_at, alert.fingerprint))
    known = world.platform.services()
    groups: list[tuple[set[str], list[Alert]]] = []
    for alert in alerts:
        around = _around(world, drive.service_of(alert, settings, known))
        near = [group for group in groups if group[0] & around]
        merged = (set().union(around, *(group[0] for group in near)), [a for group in near for a in group[1]] + [alert])
        groups = [group for group in groups if group not in near] + [merged]
    return tuple(
        drive.opening(settings, world, Payload(alerts=tuple(members), group_labels=payload.group_labels))
        for _, members in groups
    )


def _around(world: World, service: str) -> set[str]:
    neighbours = world.traces.neighbours(service)
    if isinstance(neighbours, Missing):
        return {service}
    return {service, *neighbours.callers, *neighbours.callees, *neighbours.dependents}
