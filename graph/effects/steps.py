"""Steps of each remedy: its changes in order, and how each is watched before the next."""

from typing import Literal, assert_never

from incident import rollout
from incident.remedy import AskHuman, Patch, Remedy, Restart, RevertConfig, RollBack, Scale, Wait
from incident.value import Value
from incident.workload import Before, Commit, Configure, Deploy, SetWeights, Workload, WorkloadChange
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


def steps(remedy: Remedy, stable: str, added: str, commit: str) -> tuple[Step, ...]:
    """Return all steps of a remedy, computed from the plan alone so that a resumed run computes the same."""
    match remedy:
        case Patch():
            return (
                Step(
                    name="deploy",
                    change=Deploy(version=added, source=Commit(commit=commit), config_from=stable),
                    then="next",
                ),
                *(
                    Step(
                        name=f"canary-{share}",
                        change=SetWeights(weights={added: share, stable: 100 - share}),
                        then="observe",
                    )
                    for share in rollout.STAGES
                ),
            )
        case RollBack():
            return (
                Step(
                    name="deploy",
                    change=Deploy(version=added, source=Commit(commit=commit), config_from=stable),
                    then="next",
                ),
                Step(name="shift", change=SetWeights(weights={added: 100, stable: 0}), then="verify"),
            )
        case RevertConfig():
            change = Configure(version=remedy.version, key=remedy.key, value=remedy.back_to)
            return (Step(name="configure", change=change, then="verify"),)
        case Restart():
            return (Step(name="restart", change=RestartVersion(version=remedy.version), then="verify"),)
        case Scale() | Wait() | AskHuman():
            return ()
    assert_never(remedy)
