"""Whether each remedy fits a case, and what it would do; `policies.remedy.ranking` chooses among them."""

from typing import Literal, assert_never

from incident import setting
from incident.diagnosis import (
    CodeCause,
    ConfigCause,
    DependencyCause,
    DeployCause,
    Hypothesis,
    ResourceCause,
    UnknownCause,
)
from incident.evidence import Change, Dossier, Signals
from incident.remedy import Remedy, RemedyKind, Restart, RevertConfig, RollBack, Scale
from incident.value import Value
from incident.workload import Workload
from policies import limits
from policies.diagnosis import changes


class Case(Value):
    """What every remedy is held against."""

    hypothesis: Hypothesis
    dossier: Dossier
    workload: Workload
    previous_good: tuple[str, str] | None
    earlier: Signals | None = None
    running: Signals | None = None
    reproduction: bool
    limits: limits.Remedies


class Fit(Value):
    """Whether a remedy fits, why, and the remedy; None for a patch, which has yet to be written, and for what changes nothing."""

    why: str = ""
    why_not: str = ""
    """Empty when it fits."""
    remedy: Remedy | None = None


PROS: dict[RemedyKind, tuple[str, ...]] = {
    "patch": ("mends the cause", "keeps everything else that the version brought"),
    "roll_back": ("goes back to what served well", "seconds, not minutes", "no new code"),
    "revert_config": ("exactly undoes one recorded change", "no new code"),
    "restart": ("quick", "changes neither code nor configuration"),
    "scale": ("quick", "changes neither code nor configuration"),
    "wait": ("changes nothing",),
    "ask_human": ("changes nothing", "a person knows more"),
}
CONS: dict[RemedyKind, tuple[str, ...]] = {
    "patch": ("new code under pressure", "slowest: must be written, proved and tried on a canary"),
    "roll_back": ("loses what the version brought", "the bug stays in the main branch"),
    "revert_config": ("whoever changed it had a reason",),
    "restart": ("the cause stays", "requests in flight may fail"),
    "scale": ("the cause stays", "costs more"),
    "wait": ("the cause stays", "users go on failing"),
    "ask_human": ("slow: somebody must wake up",),
}


def consider(kind: RemedyKind, case: Case) -> Fit:
    """Hold one remedy against the case."""
    match kind:
        case "patch":
            return _patch(case)
        case "roll_back":
            return _roll_back(case)
        case "revert_config":
            return _revert_config(case)
        case "restart" | "scale":
            return _resource(kind, case)
        case "wait":
            # With an alert that fires and a cause that is believed, waiting only prolongs it.
            return Fit(why_not="the cause does not go away by itself")
        case "ask_human":
            return Fit(why=_question(case))
        case _:
            assert_never(kind)


def _patch(case: Case) -> Fit:
    cause = case.hypothesis.cause
    if not isinstance(cause, CodeCause):
        return Fit(why_not=f"the cause is not in the code but: {cause.kind}")
    # Without the failing request nothing could show that the patch mends it.
    if not case.reproduction:
        return Fit(why_not="no recorded request reproduces the failure, so a patch could not be proved")
    return Fit(why=f"the defect is in {cause.path}:{cause.function} and a recorded request reproduces it")


def _roll_back(case: Case) -> Fit:
    cause = case.hypothesis.cause
    if not isinstance(cause, DeployCause | CodeCause):
        return Fit(why_not=f"no version is to blame; the cause is: {cause.kind}")
    serving = case.workload.serving
    deploys = changes.fresh(case.dossier, case.workload.service, "deploy", case.limits)
    deploy = next((item for item in reversed(deploys) if serving and item.version == serving.name), None)
    if serving is None or deploy is None:
        return Fit(why_not="no fresh deploy precedes the onset: there is nothing to go back to")
    if isinstance(cause, DeployCause) and cause.version != deploy.version:
        return Fit(why_not=f"{cause.version} is blamed, but {deploy.version} runs")
    innocent = changes.innocent(case.dossier, deploy, case.limits)
    if innocent:
        return Fit(why_not=f"the deploy of {deploy.version} is innocent: {innocent}")
    return _to_previous(case, deploy, serving.name)


def _to_previous(case: Case, deploy: Change, serving: str) -> Fit:
    if case.previous_good is None:
        return Fit(why_not="no earlier version is known to have served well")
    version, commit = case.previous_good
    if version == serving:
        return Fit(why_not=f"{version} is what runs now")
    if changes.failed_before(case.dossier, case.workload.service, version):
        return Fit(why_not=f"{version} failed as well when it served")
    alike = _alike(case)
    if alike:
        return Fit(why_not=alike)
    seconds = (case.dossier.onset - deploy.at).total_seconds()
    return Fit(
        why=f"{deploy.version} was deployed {seconds:.0f} s before the onset and {version} served well",
        remedy=RollBack(service=case.workload.service, from_version=serving, to_version=version, to_commit=commit),
    )


def _alike(case: Case) -> str:
    """Why going back would change nothing: the version that runs is no worse.  Empty when it is, or nobody knows."""
    if case.earlier is None or case.running is None or changes.worse(case.earlier, case.running):
        return ""
    return f"it is no worse than the version before: {changes.told(case.running)}, {changes.told(case.earlier)}"


def _revert_config(case: Case) -> Fit:
    cause = case.hypothesis.cause
    if not isinstance(cause, ConfigCause):
        return Fit(why_not=f"no configuration change is to blame; the cause is: {cause.kind}")
    found = changes.fresh(case.dossier, case.workload.service, "config", case.limits)
    change = next((item for item in reversed(found) if (item.key, item.new) == (cause.key, cause.new)), None)
    if change is None:
        return Fit(why_not=f"no recorded change of {cause.key} precedes the onset")
    serving = case.workload.serving
    version = next((v for v in case.workload.versions if v.name == change.version), None) or serving
    # Only the exact inverse of what is there now is an undo; anything else would be a guess.
    if version is None or version.config.get(cause.key) != change.new:
        return Fit(why_not=f"{cause.key} is no longer what the change set it to")
    if change.old is None:
        return Fit(why_not=f"{cause.key} was not set before, so the change has no exact inverse")
    if setting.MARK in (change.new, change.old):
        return Fit(why_not=f"the values of {cause.key} are not known here, so nobody can tell that it is the same one")
    return Fit(
        why=f"{cause.key} was changed shortly before the onset, and the change can be undone exactly",
        remedy=RevertConfig(
            service=case.workload.service,
            version=(serving or version).name,
            key=cause.key,
            now=change.new,
            back_to=change.old,
        ),
    )


def _resource(kind: Literal["restart", "scale"], case: Case) -> Fit:
    cause = case.hypothesis.cause
    if not isinstance(cause, ResourceCause):
        return Fit(why_not="no resource is short: it would only hide the cause for a while")
    serving = case.workload.serving
    if serving is None:
        return Fit(why_not="nothing serves")
    # A fresh process gives memory and connections back; more processes give more processor.
    helps = {"restart": ("memory", "connections"), "scale": ("cpu",)}[kind]
    if cause.resource not in helps:
        return Fit(why_not=f"it does not give back {cause.resource}")
    service = case.workload.service
    remedy = Restart(service=service, version=serving.name) if kind == "restart" else Scale(service=service, replicas=2)
    return Fit(why=f"{cause.resource} is short", remedy=remedy)


def _question(case: Case) -> str:
    cause = case.hypothesis.cause
    service = case.hypothesis.service
    match cause:
        case UnknownCause(reason=reason):
            return f"What is wrong with {service}? We do not know: {reason}"
        case DependencyCause(host=host):
            return f"{service} fails because {host} fails, which is not ours to mend. Who owns {host}?"
        case CodeCause(path=path, function=function):
            return f"{service} fails in {path}:{function}, and no remedy of ours fits. What should be done?"
        case DeployCause(version=version):
            why = _alike(case) or "there is no version to go back to"
            return f"{version} of {service} is blamed, and {why}. What should be done?"
        case ConfigCause(key=key):
            return f"{service} fails since {key} was changed, which cannot be undone exactly. What should it be?"
        case ResourceCause(resource=resource):
            return f"{service} is short of {resource}, and no remedy of ours is left. What should be done?"
        case _:
            assert_never(cause)
