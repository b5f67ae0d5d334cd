"""View of an incident for an agent: read-only, and with the suspected service's source only."""

from typing import NamedTuple

from agents.view.incident_view import View
from graph.context import Context
from graph.evidence.answers import patiently
from graph.state import Case
from incident import gaps
from incident.errors import Refused, SutureError, Unavailable
from incident.evidence import Dossier, Missing, Neighbours
from incident.remedy import Remedy, RollBack
from incident.workload import Able, Version
from tools.ports import Component


class Source(NamedTuple):
    """Source of a service: its place in the repository, and the commit that serves it."""

    component: Component
    commit: str


def source(context: Context, service: str) -> Source | Missing:
    """Return the source of a service at the commit that serves it now; Missing when it cannot be read there.

    Raises Unavailable when the platform does not answer.
    """
    repository = context.world.repository
    found = patiently(context.clock, lambda: repository.component(service))
    if isinstance(found, Missing):
        return found
    version = context.world.platform.read(service).serving
    if version is None or version.weight == 0:
        return Missing(reason=f"no version of {service} gets traffic")
    commit, folder = version.commit, found.path
    if not commit:
        return Missing(reason="the platform does not say which commit is served")
    # What is served need not come from this repository: then it knows no such commit.
    files = patiently(context.clock, lambda: repository.files(commit, folder))
    if isinstance(files, Missing):
        return files
    return Source(found, commit) if files else Missing(reason=f"{folder} is empty at the commit {commit[:12]}")


def view(context: Context, case: Case, dossier: Dossier) -> View:
    """Return the view of the case's service: with the source at the commit that serves it now, or without any.

    Raises Unavailable, or Refused, when a source that was there as the evidence was collected is gone.
    """
    world = context.world
    # The evidence says whether the source was looked at, and must stay true.
    absent = bool(gaps.why_unread(dossier))
    return View(
        dossier=dossier,
        repository=world.repository,
        commit="" if absent else serving(context, case.service).commit,
        component=None if absent else component(context, case.service),
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


def able(context: Context, service: str, remedy: Remedy | None) -> Able:
    """Return what the platform is able to do: a version whose commit nobody knows comes from what it has kept."""
    found = context.world.platform.able(service)
    if not isinstance(remedy, RollBack) or remedy.to_commit:
        return found
    return found.model_copy(update={"sources": tuple(source for source in found.sources if source != "commit")})
