"""What an agent gets to see of an incident: read-only, and only the suspected service's source."""

from agents.view.incident_view import View
from graph.context import Context
from graph.state import Case
from incident.errors import Refused, SutureError, Unavailable
from incident.evidence import Dossier, Missing
from incident.workload import Version
from tools.ports import Component


def view(context: Context, case: Case, dossier: Dossier) -> View:
    """The bench of the case's service at the commit that serves it now.  Raises Unavailable."""
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
        captures=world.captures,
    )


def component(context: Context, service: str) -> Component:
    """Where the service's source lives.  Raises Refused when the repository does not say."""
    found = context.world.repository.component(service)
    if isinstance(found, Missing):
        raise Refused(f"the source of {service} is not known: {found.reason}")
    return found


def serving(context: Context, service: str) -> Version:
    """The version that gets most of the traffic.  Raises Unavailable when none does."""
    version = context.world.platform.read(service).serving
    if version is None or version.weight == 0:
        raise Unavailable(f"no version of {service} gets traffic")
    return version


def running(context: Context, service: str) -> str:
    """What runs now, in words; says so when that cannot be told."""
    try:
        workload = context.world.platform.read(service)
    except SutureError as error:
        return f"unknown ({error})"
    return ", ".join(
        f"{version.name} ({version.commit[:12]}) {version.weight} %"
        for version in sorted(workload.versions, key=lambda version: -version.weight)
    )
