"""Steps of each remedy: its changes in order, and how each is watched before the next."""

from collections.abc import Mapping
from typing import Literal, assert_never

from incident import rollout
from incident.remedy import AskHuman, Patch, Remedy, Restart, RevertConfig, RollBack, Scale, Wait
from incident.value import Value
from incident.workload import (
    Before,
    Commit,
    Configure,
    Deploy,
    Overlay,
    Revision,
    SetWeights,
    SourceKind,
    Workload,
    WorkloadChange,
)
from incident.workload import Restart as RestartVersion


class Step(Value):
    """One change, and what follows it: the next step, the canary's judgement, or verification."""

    name: str
    change: WorkloadChange
    then: Literal["next", "observe", "verify"]


def version_of(remedy: Remedy, stable: str, incident: str, taken_back: int) -> str:
    """Return the name of the version that the remedy adds or goes back to; empty when it does neither.

    `taken_back` counts the incident's changes before it: what is known of an earlier patch is not said of this one.
    """
    match remedy:
        case Patch():
            # A version of ours that is patched again takes the first one's place, or its name would grow each time.
            again = f"-{taken_back + 1}" if taken_back else ""
            return f"{stable.split('-suture-', maxsplit=1)[0]}-suture-{incident[-6:]}{again}"
        case RollBack():
            return remedy.to_version
        case RevertConfig() | Restart() | Scale() | Wait() | AskHuman():
            return ""
    assert_never(remedy)


def before(remedy: Remedy, workload: Workload, added: str) -> Before:
    """Return the state to go back to, which is recorded at the resource with the first step."""
    config: dict[str, dict[str, str | None]] = {}
    if isinstance(remedy, RevertConfig):
        config = {remedy.version: {remedy.key: remedy.now}}
    return Before(
        weights={version.name: version.weight for version in workload.versions},
        config=config,
        canary="" if workload.version(added) else added,
    )


class Way(Value):
    """Way from the stable version to the one that the remedy adds, as the plan has it."""

    stable: str
    added: str
    commit: str
    """Commit of the added version."""
    stages: tuple[int, ...] = rollout.STAGES
    source: SourceKind = "commit"


def steps(remedy: Remedy, way: Way) -> tuple[Step, ...]:
    """Return all steps of a remedy, computed from the plan alone so that a resumed run computes the same."""
    match remedy:
        case Patch():
            return (
                _deploy(way, {edit.path: edit.after for edit in remedy.edits if edit.path == remedy.path}),
                *(
                    Step(
                        name=f"canary-{share}",
                        change=SetWeights(weights={way.added: share, way.stable: 100 - share}),
                        then="observe",
                    )
                    for share in way.stages
                ),
            )
        case RollBack():
            shift = SetWeights(weights={way.added: 100, way.stable: 0})
            return (_deploy(way, {}), Step(name="shift", change=shift, then="verify"))
        case RevertConfig():
            change = Configure(version=remedy.version, key=remedy.key, value=remedy.back_to)
            return (Step(name="configure", change=change, then="verify"),)
        case Restart():
            return (Step(name="restart", change=RestartVersion(version=remedy.version), then="verify"),)
        case Scale() | Wait() | AskHuman():
            return ()
    assert_never(remedy)


def _deploy(way: Way, texts: Mapping[str, str]) -> Step:
    return Step(
        name="deploy",
        change=Deploy(version=way.added, source=_source(way, texts), config_from=way.stable),
        then="next",
    )


def _source(way: Way, texts: Mapping[str, str]) -> Commit | Overlay | Revision:
    match way.source:
        case "commit":
            return Commit(commit=way.commit)
        case "overlay":
            return Overlay(files=dict(texts), commit=way.commit)
        case "revision":
            return Revision(revision=way.added)
    assert_never(way.source)
