"""View of an incident for an agent: read-only, and with the suspected service's source only."""

from agents.view.incident_view import View
from graph.context import Context
from graph.state import Case
from incident.errors import Refused, SutureError, Unavailable
from incident.evidence import Dossier, Missing, Neighbours
from incident.workload import Version
from tools.ports import Component


def view(context: Context, case: Case, dossier: Dossier) -> View:
    """Return the view of the case's service at the commit that serves it now.  Raises Unavailable."""
    world = context.world
    return View(
        dossier=dossier,
        repository=world.repository,
        commit=serving(context, case.service).commit,
        component=component(context, case.service),
        metrics=world.metrics,
        logs=world.logs,
        traces=world.traces,
        platform=world.platform,
        changes=world.changes,
        surroundings=world.places,
        captures=world.captures,
    )


def component(context: Context, service: str) -> Component:
    """Return the place of the service's source.  Raises Refused when the repository does not know it."""
    found = context.world.repository.component(service)
    if isinstance(found, Missing):
        raise Refused(f"the source of {service} is not known: {found.reason}")
    return found


def around(context: Context, service: str) -> Neighbours | None:
    """Return the neighbours of a service; None when no topology is known."""
    found = context.world.traces.neighbours(service)
    return None if isinstance(found, Missing) else found


def serving(context: Context, service: str) -> Version:
    """Return the version that gets most of the traffic.  Raises Unavailable when none does."""
    version = context.world.platform.read(service).serving
    if version is None or version.weight == 0:
        raise Unavailable(f"no version of {service} gets traffic")
    return version


def running(context: Context, service: str) -> str:
    """Return the running versions in words, or "unknown" with the reason."""
    try:
        workload = context.world.platform.read(service)
    except SutureError as error:
        return f"unknown ({error})"
    return ", ".join(
        f"{version.name} ({version.commit[:12]}) {version.weight} %"
        for version in sorted(workload.versions, key=lambda version: -version.weight)
    )
