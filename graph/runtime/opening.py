"""Splits a payload into incidents: firing alerts that are connected by calls belong together."""

from graph.config.settings import Settings
from graph.runtime import driver
from graph.state import Case
from incident.alert import Alert, Payload
from incident.errors import BadInput
from incident.evidence import Missing
from tools.ports import World


def cases(settings: Settings, world: World, payload: Payload) -> tuple[Case, ...]:
    """One case per connected group of firing alerts; its oldest alert gives the incident its identity.

    An alert that names no known service is left out; raises BadInput when that leaves none.
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
    return tuple(
        driver.opening(settings, world, Payload(alerts=tuple(members), group_labels=payload.group_labels))
        for _, members in groups
    )


def left_out(settings: Settings, world: World, payload: Payload) -> tuple[str, ...]:
    """Why each alert is left out that names no known service, one sentence each."""
    return tuple(str(stranger) for stranger in _sorted_out(settings, world, payload)[1])


def _sorted_out(settings: Settings, world: World, payload: Payload) -> tuple[list[tuple[Alert, str]], list[BadInput]]:
    """The firing alerts with their services, oldest first, and what is wrong with the others."""
    alerts = sorted(payload.firing(), key=lambda alert: (alert.starts_at, alert.identity))
    known = world.platform.services()
    named: list[tuple[Alert, str]] = []
    strangers: list[BadInput] = []
    for alert in alerts:
        try:
            named.append((alert, driver.service_of(alert, settings, known)))
        except BadInput as error:
            strangers.append(error)
    return named, strangers


def _around(world: World, service: str) -> set[str]:
    neighbours = world.traces.neighbours(service)
    if isinstance(neighbours, Missing):
        return {service}
    return {service, *neighbours.callers, *neighbours.callees, *neighbours.dependents}
