"""Proof of remedies other than a patch: their target was good, and the way back is exact."""

from datetime import datetime

from graph.context import Context
from graph.evidence import counts, workspace
from graph.evidence.answers import patiently
from graph.reports.vocabulary import sentence
from incident.evidence import Change, Dossier, Missing, Signals
from incident.proof import Check, Proof
from incident.remedy import Remedy, Restart, RevertConfig, RollBack
from incident.workload import Routed, Version
from policies.diagnosis import changes

HEALTHY_REQUESTS = 200
"""Requests that the target of a rollback must have served before it counts as known to be good."""

EARLIER = 2
"""Versions from before that are asked how they answer the failing request, the latest."""

WATCHED = 3.0
"""Seconds for which a version that is to be restarted is watched."""

HEALTHY_ERRORS = 0.02
"""Share of errors above which the target of a rollback was not good."""


def prove(context: Context, remedy: Remedy, dossier: Dossier, base: str) -> Proof:
    """Check a remedy against what the platform, the repository and the metrics recorded."""
    checks: tuple[Check, ...]
    if isinstance(remedy, RollBack):
        checks = (*_served(context, remedy, dossier), _recorded(remedy, dossier), _fits(context, remedy))
    elif isinstance(remedy, RevertConfig):
        checks = (_exact_inverse(remedy, dossier),)
    elif isinstance(remedy, Restart):
        same = Check(name="reversible", outcome="passed", detail="the same commit and configuration start again")
        checks = (same, _interrupts_nobody(context, remedy))
    else:
        checks = ()
    return Proof(remedy_digest=remedy.digest(), base=base, checks=checks)


def _served(context: Context, remedy: RollBack, dossier: Dossier) -> tuple[Check, Check]:
    """Return the checks that the target served well, and better than the running version."""
    # Going back to a version that is no better mends nothing.
    earlier, running = compared(context, remedy.service, (remedy.from_version, remedy.to_version), dossier)
    return _well(remedy, earlier), _better(earlier, running)


def _well(remedy: RollBack, earlier: Signals | Missing) -> Check:
    name = "target served well"
    if isinstance(earlier, Missing):
        return Check(name=name, outcome="unknown", detail=earlier.reason)
    detail = f"{remedy.to_version} answered {earlier.requests} requests with {earlier.errors} errors"
    if earlier.requests < HEALTHY_REQUESTS:
        return Check(name=name, outcome="unknown", detail=f"{detail}; {HEALTHY_REQUESTS} are needed")
    return Check(name=name, outcome="passed" if earlier.error_rate <= HEALTHY_ERRORS else "failed", detail=detail)


def _better(earlier: Signals | Missing, running: Signals | Missing) -> Check:
    name = "target served better"
    if isinstance(earlier, Missing) or isinstance(running, Missing):
        why = next(one.reason for one in (earlier, running) if isinstance(one, Missing))
        return Check(name=name, outcome="unknown", detail=why)
    detail = f"{sentence(changes.told(running))}, {sentence(changes.told(earlier))}"
    if not earlier.requests or not running.requests:
        return Check(name=name, outcome="unknown", detail=detail)
    return Check(name=name, outcome="passed" if changes.worse(earlier, running) else "failed", detail=detail)


def compared(
    context: Context, service: str, versions: tuple[str, str], dossier: Dossier
) -> tuple[Signals | Missing, Signals | Missing]:
    """Return the signals of a version before the running one replaced it, and those of the running one since the onset.

    `versions` are the running one and the earlier one.
    """
    running, earlier = versions
    until = _replaced_at(service, versions, dossier)
    if until is None:
        nobody = Missing(reason=f"no recorded deploy replaced {earlier}")
        return nobody, nobody
    metrics, now = context.world.metrics, context.clock.now()
    since = dossier.windows.recent(max(until, dossier.onset), now)
    return (
        counts.signals(metrics, service, until - dossier.windows.served, until, earlier),
        counts.signals(metrics, service, since, now, running)
        if since < now
        else Missing(reason=f"{running} has only just come"),
    )


def _replaced_at(service: str, versions: tuple[str, str], dossier: Dossier) -> datetime | None:
    for change in _changes(service, dossier):
        if change.what == "deploy" and (change.version, change.previous) == versions:
            return change.at
    return None


def _recorded(remedy: RollBack, dossier: Dossier) -> Check:
    recorded = {
        change.previous_commit or ""
        for change in _changes(remedy.service, dossier)
        if change.previous == remedy.to_version
    }
    return Check(
        name="target is the recorded one",
        outcome="passed" if remedy.to_commit in recorded else "failed",
        detail=f"{remedy.to_version} is {remedy.to_commit[:12] or 'of no known commit'}",
    )


def _fits(context: Context, remedy: RollBack) -> Check:
    """Return the check that the files which describe the data are the same at both commits."""
    name = "target fits the data"
    found = workspace.source(context, remedy.service)
    if isinstance(found, Missing):
        # That it served well says nothing of data which the newer version may have changed since.
        why = f"the files that describe the data of {remedy.service} are not known: {found.reason}"
        return Check(name=name, outcome="unknown", detail=why)
    if not remedy.to_commit:
        return Check(name=name, outcome="unknown", detail=f"the commit of {remedy.to_version} is not known")
    repository, schemas = context.world.repository, found.component.schemas

    def texts() -> dict[str, tuple[str, str]]:
        return {
            path: (repository.text(found.commit, path), repository.text(remedy.to_commit, path)) for path in schemas
        }

    try:
        pairs = patiently(context.clock, texts)
    except KeyError as error:
        return Check(name=name, outcome="unknown", detail=f"{error.args[0]} is not at both commits")
    if isinstance(pairs, Missing):
        return Check(name=name, outcome="unknown", detail=pairs.reason)
    changed = [path for path, (now, then) in pairs.items() if now != then]
    if changed:
        return Check(name=name, outcome="unknown", detail=f"changed since: {', '.join(changed)}")
    return Check(name=name, outcome="passed", detail=f"{len(pairs)} schemas are the same")


def earlier(dossier: Dossier, service: str, commit: str) -> tuple[str, ...]:
    """Return the commits of versions that served before this one, as the platform recorded them, the latest first."""
    deploys = [change for change in _changes(service, dossier) if change.what == "deploy"]
    found = (change.previous_commit for change in sorted(deploys, key=lambda change: change.at, reverse=True))
    return tuple(dict.fromkeys(one for one in found if one and one != commit))[:EARLIER]


def _interrupts_nobody(context: Context, remedy: Restart) -> Check:
    """Return the check that the version answers nobody: the platform finds it not ready, and the router sees no answer."""
    name = "interrupts nobody"

    def look() -> tuple[Version | None, Routed | None]:
        platform = context.world.platform
        return platform.read(remedy.service).version(remedy.version), platform.routing(remedy.service).of(
            remedy.version
        )

    first = patiently(context.clock, look)
    context.clock.sleep(WATCHED)
    second = patiently(context.clock, look)
    if isinstance(first, Missing) or isinstance(second, Missing):
        why = next(one.reason for one in (first, second) if isinstance(one, Missing))
        return Check(name=name, outcome="unknown", detail=why)
    (was, before), (now, since) = first, second
    if was is None or now is None or was.ready or now.ready:
        return Check(name=name, outcome="unknown", detail=f"{remedy.version} is ready for requests")
    if before is None or since is None:
        return Check(name=name, outcome="unknown", detail=f"requests to {remedy.version} are not counted")
    answered = (since.requests - since.errors) - (before.requests - before.errors)
    if answered:
        return Check(name=name, outcome="unknown", detail=f"{remedy.version} answered {answered} requests well")
    return Check(name=name, outcome="passed", detail=f"{remedy.version} is not ready, and answered nobody well")


def _exact_inverse(remedy: RevertConfig, dossier: Dossier) -> Check:
    exact = any(
        (change.what, change.key, change.old, change.new) == ("config", remedy.key, remedy.back_to, remedy.now)
        # The onset is an estimate from samples, and may be as late as it is said to be at the latest.
        and change.at <= max(dossier.onset, dossier.latest or dossier.onset) + dossier.windows.slack
        for change in _changes(remedy.service, dossier)
    )
    return Check(
        name="exact inverse of a change before the onset",
        outcome="passed" if exact else "failed",
        detail=f"{remedy.key}: {remedy.now!r} back to {remedy.back_to!r}",
    )


def _changes(service: str, dossier: Dossier) -> list[Change]:
    return [item.fact for item in dossier.evidence if isinstance(item.fact, Change) and item.fact.service == service]
