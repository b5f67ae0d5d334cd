"""Applies one change to the simulated world, as a function from state to state."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import assert_never

from incident import workload
from incident.errors import Conflict, Refused
from incident.evidence import Change
from incident.workload import Effect, Version, Workload, WorkloadChange
from tools.scripted import state as world
from tools.scripted.state import Service, State

Made = tuple[tuple[Version, ...], Change | None]


def apply(
    state: State,
    service: str,
    change: WorkloadChange,
    *,
    revision: str,
    effect: Effect,
    now: datetime,
) -> State:
    """The state after the change.  Raises KeyError, Conflict and Refused, all with nothing changed."""
    before = state.services[service]
    now_at = before.workload.revision
    if now_at != revision:
        raise Conflict(f"{service} is at revision {now_at}, not {revision}")
    versions, record = _made(before, change, now)
    after = before.workload.model_copy(
        update={
            "revision": following(now_at),
            "versions": versions,
            "effect": effect,
        }
    )
    started = {**before.starting, **_started(state, after, change, effect.key, now)}
    kept = before.model_copy(update={"starting": started, "prepared": ()})
    services = {**state.services, service: _with(state, kept, after, record, now)}
    return state.model_copy(update={"services": services})


def prepared(state: State, service: str, change: WorkloadChange) -> State:
    """The state in which the change's new version was made, and the workload not yet written."""
    before = state.services[service]
    if not isinstance(change, workload.Deploy):
        return state
    left = before.model_copy(update={"prepared": (*before.prepared, change.version)})
    return state.model_copy(update={"services": {**state.services, service: left}})


def _started(
    state: State, after: Workload, change: WorkloadChange, effect: str, now: datetime
) -> dict[str, world.Starting]:
    """The new process of a change that starts one, by version."""
    if not isinstance(change, workload.Deploy | workload.Restart | workload.Configure):
        return {}
    version = _known(after, change.version)
    behaviour = world.behaviour(state, version.commit, version.config)
    until = now + timedelta(seconds=behaviour.ready_after) if behaviour.starts else None
    first = isinstance(change, workload.Deploy)
    return {version.name: world.Starting(effect=effect, first=first, until=until)}


def _with(state: State, before: Service, after: Workload, record: Change | None, now: datetime) -> Service:
    gone = {version.name: version for version in before.workload.versions if after.version(version.name) is None}
    added = {version.name: before.added.get(version.name, now) for version in after.versions}
    split = split_of(state, after, now, before.splits[-1].behaviours)
    # Only a change of the traffic begins a new split: every count walks through all of them.
    same = before.splits[-1].model_copy(update={"since": now}) == split
    return before.model_copy(
        update={
            "workload": after,
            "added": added,
            "revisions": {**before.revisions, **gone},
            "starting": {name: one for name, one in before.starting.items() if after.version(name) is not None},
            "splits": before.splits if same else (*before.splits, split),
            "history": before.history if record is None else (*before.history, record),
        }
    )


def following(revision: str) -> str:
    """The revision after this one."""
    return f"r{int(revision.removeprefix('r')) + 1}"


def split_of(
    state: State, after: Workload, now: datetime, before: Mapping[str, world.Behaviour] | None = None
) -> world.Split:
    """The division of requests among the versions of a workload.

    A version whose new process never answers goes on with the one from before.
    """
    told = {version.name: world.behaviour(state, version.commit, version.config) for version in after.versions}
    kept = before or {}
    return world.Split(
        since=now,
        weights={version.name: version.weight for version in after.versions},
        behaviours={name: found if found.starts else kept.get(name, found) for name, found in told.items()},
    )


def _made(service: Service, change: WorkloadChange, now: datetime) -> Made:
    now_is = service.workload
    match change:
        case workload.Deploy():
            return _deploy(service, change, now)
        case workload.SetWeights():
            return _set_weights(service, change, now)
        case workload.Remove():
            return _remove(now_is, change, now)
        case workload.Restart():
            _known(now_is, change.version)
            record = Change(service=now_is.service, at=now, what="restart", version=change.version)
            return _replaced(now_is, change.version, lambda old: old.model_copy(update={"started_at": now})), record
        case workload.Configure():
            return _configure(now_is, change, now)
        case workload.Annotate():
            return now_is.versions, None
        case _:
            assert_never(change)


def _deploy(service: Service, change: workload.Deploy, now: datetime) -> Made:
    now_is = service.workload
    if now_is.version(change.version) is not None:
        raise Refused(f"{change.version} is already there")
    commit, config = _source(service, change)
    new = Version(name=change.version, commit=commit, weight=0, ready=True, config=config, started_at=now)
    serving = now_is.serving
    record = Change(
        service=now_is.service,
        at=now,
        what="deploy",
        version=change.version,
        commit=commit,
        previous=None if serving is None else serving.name,
        previous_commit=None if serving is None else serving.commit,
    )
    return (*now_is.versions, new), record


def _source(service: Service, change: workload.Deploy) -> tuple[str, dict[str, str]]:
    """The commit and the configuration of a new version."""
    config = _known(service.workload, change.config_from).config
    kind = {workload.Commit: "commit", workload.Overlay: "overlay"}.get(type(change.source), "revision")
    if kind not in service.able.sources:
        raise Refused(f"a version of {service.workload.service} cannot be started from a {kind}")
    match change.source:
        case workload.Commit(commit=commit):
            return commit, config
        case workload.Overlay(files=files, commit=commit):
            if not files:
                raise Refused("an overlay without a file changes nothing")
            return commit, config
        case workload.Revision(revision=revision):
            kept = service.workload.version(revision) or service.revisions.get(revision)
            if kept is None:
                raise Refused(f"there is no older revision {revision[:80]!r} of {service.workload.service}")
            return kept.commit, kept.config
        case _:
            assert_never(change.source)


def _set_weights(service: Service, change: workload.SetWeights, now: datetime) -> Made:
    now_is, shares = service.workload, service.able.shares
    # Of two versions one has a settable share, and the other what is left.
    settable = set(range(101)) if shares == "any" else {0, 100, *shares, *(100 - share for share in shares)}
    for name, weight in change.weights.items():
        _known(now_is, name)
        if weight < 0:
            raise Refused(f"{name} cannot get {weight} percent")
        if weight <= 100 and weight not in settable:
            raise Refused(f"{weight} percent cannot be set, only {', '.join(map(str, sorted(settable)))}")
    if sum(change.weights.values()) != 100:
        raise Refused(f"the weights add up to {sum(change.weights.values())}, not 100")
    versions = tuple(
        version.model_copy(update={"weight": change.weights.get(version.name, 0)}) for version in now_is.versions
    )
    record = Change(
        service=now_is.service,
        at=now,
        what="weights",
        version=max(versions, key=lambda version: version.weight).name,
        old=_spell(now_is.versions),
        new=_spell(versions),
    )
    return versions, record


def _remove(now_is: Workload, change: workload.Remove, now: datetime) -> Made:
    gone = _known(now_is, change.version)
    if gone.weight:
        raise Refused(f"{gone.name} still has {gone.weight} percent of the traffic")
    left = tuple(version for version in now_is.versions if version.name != gone.name)
    return left, Change(service=now_is.service, at=now, what="remove", version=gone.name)


def _configure(now_is: Workload, change: workload.Configure, now: datetime) -> Made:
    old = _known(now_is, change.version)
    config = {key: value for key, value in old.config.items() if key != change.key}
    if change.value is not None:
        config[change.key] = change.value
    record = Change(
        service=now_is.service,
        at=now,
        what="config",
        version=change.version,
        key=change.key,
        old=old.config.get(change.key),
        new=change.value,
    )
    update = {"config": config, "started_at": now}
    return _replaced(now_is, change.version, lambda version: version.model_copy(update=update)), record


def _known(now_is: Workload, name: str) -> Version:
    found = now_is.version(name)
    if found is None:
        raise Refused(f"there is no version {name[:80]!r} of {now_is.service}")
    return found


def _replaced(now_is: Workload, name: str, by: Callable[[Version], Version]) -> tuple[Version, ...]:
    return tuple(by(version) if version.name == name else version for version in now_is.versions)


def _spell(versions: tuple[Version, ...]) -> str:
    return ", ".join(f"{version.name}={version.weight}" for version in sorted(versions, key=lambda v: v.name))
