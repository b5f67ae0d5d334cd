"""Fit of each kind of remedy to a case; `policies.remedy.ranking` chooses among them."""

from typing import Literal, assert_never

from incident import setting
from incident.decision import Reason, because
from incident.diagnosis import (
    CodeCause,
    ConfigCause,
    DependencyCause,
    DeployCause,
    HangCause,
    Hypothesis,
    ResourceCause,
    UnknownCause,
)
from incident.evidence import Change, Dossier, Signals
from incident.remedy import Remedy, RemedyKind, Restart, RevertConfig, RollBack, Scale
from incident.value import Value
from incident.workload import Workload
from policies import limits
from policies.diagnosis import changes, charges


class Case(Value):
    """Facts that every remedy is checked against."""

    hypothesis: Hypothesis
    dossier: Dossier
    workload: Workload
    previous_good: tuple[str, str] | None
    earlier: Signals | None = None
    running: Signals | None = None
    reproduction: bool
    unreproduced: str = ""
    unsets: bool = False
    limits: limits.Remedies


class Fit(Value):
    """Fit of one kind of remedy to the case, with its reasons."""

    why: Reason = Reason()
    why_not: Reason = Reason()
    """Empty when it fits."""
    remedy: Remedy | None = None
    """None for a patch, which has yet to be written, and for a kind that changes nothing."""


PROS: dict[RemedyKind, tuple[Reason, ...]] = {
    "patch": (because("mends_the_cause"), because("keeps_the_rest")),
    "roll_back": (because("served_well"), because("seconds"), because("no_new_code")),
    "revert_config": (because("exact_inverse"), because("no_new_code")),
    "restart": (because("quick"), because("changes_no_code")),
    "scale": (because("quick"), because("changes_no_code")),
    "wait": (because("changes_nothing"),),
    "ask_human": (because("changes_nothing"), because("knows_more")),
}
CONS: dict[RemedyKind, tuple[Reason, ...]] = {
    "patch": (because("new_code"), because("slowest")),
    "roll_back": (because("loses_the_version"), because("bug_stays_in_main")),
    "revert_config": (because("had_a_reason"),),
    "restart": (because("cause_stays"), because("requests_may_fail")),
    "scale": (because("cause_stays"), because("costs_more")),
    "wait": (because("cause_stays"), because("users_fail")),
    "ask_human": (because("slow"),),
}


def consider(kind: RemedyKind, case: Case) -> Fit:
    """Check one kind of remedy against the case."""
    match kind:
        case "patch":
            fit = _patch(case)
        case "roll_back":
            fit = _roll_back(case)
        case "revert_config":
            fit = _revert_config(case)
        case "restart":
            fit = _restart(case)
        case "scale":
            fit = _resource(kind, case)
        case "wait":
            # With an alert that fires and a cause that is believed, waiting only prolongs it.
            fit = Fit(why_not=because("does_not_go_away"))
        case "ask_human":
            fit = Fit(why=_question(case))
        case _:
            assert_never(kind)
    return fit


def _patch(case: Case) -> Fit:
    cause = case.hypothesis.cause
    if not isinstance(cause, CodeCause):
        return Fit(why_not=because("not_in_the_code", cause=cause.kind))
    # Without the failing request nothing could show that the patch mends it.
    if not case.reproduction and case.unreproduced:
        return Fit(why_not=because("not_reproduced_because", why=case.unreproduced))
    if not case.reproduction:
        return Fit(why_not=because("not_reproduced"))
    return Fit(why=because("defect_reproduced", path=cause.path, function=cause.function))


def _roll_back(case: Case) -> Fit:
    cause = case.hypothesis.cause
    if not isinstance(cause, DeployCause | CodeCause):
        return Fit(why_not=because("no_version_to_blame", cause=cause.kind))
    serving = case.workload.serving
    deploys = changes.fresh(case.dossier, case.workload.service, "deploy", case.limits)
    deploy = next((item for item in reversed(deploys) if serving and item.version == serving.name), None)
    if serving is None or deploy is None:
        return Fit(why_not=_none_recorded(case))
    if isinstance(cause, DeployCause) and cause.version != deploy.version:
        return Fit(why_not=because("another_version_runs", blamed=cause.version, running=deploy.version or ""))
    charge = charges.weigh(case.dossier, deploy)
    if charge.verdict == "innocent":
        return Fit(why_not=because("deploy_innocent", version=deploy.version or "", why=charge.why))
    if charge.verdict == "suspected":
        return Fit(why_not=because("deploy_only_suspected", version=deploy.version or "", why=charge.why))
    return _to_previous(case, deploy, serving.name)


def _none_recorded(case: Case) -> Reason:
    """Reason that no deploy is blamed: none is recorded, or nobody could be asked for one."""
    own = [item for item in case.dossier.searches if item.service == case.workload.service]
    failed = next((item.failure for item in own if item.failure), "")
    return because("deploys_not_known", why=failed) if failed else because("no_fresh_deploy")


def _to_previous(case: Case, deploy: Change, serving: str) -> Fit:
    if case.previous_good is None:
        return Fit(why_not=because("no_earlier_version"))
    version, commit = case.previous_good
    if version == serving:
        return Fit(why_not=because("runs_now", version=version))
    if changes.failed_before(case.dossier, case.workload.service, version):
        return Fit(why_not=because("failed_as_well", version=version))
    alike = _alike(case)
    if alike:
        return Fit(why_not=alike)
    seconds = (case.dossier.onset - deploy.at).total_seconds()
    return Fit(
        why=because("deployed_before_onset", version=deploy.version or "", seconds=seconds, earlier=version),
        remedy=RollBack(service=case.workload.service, from_version=serving, to_version=version, to_commit=commit),
    )


def _alike(case: Case) -> Reason:
    """Reason that going back would change nothing, as the running version is no worse; empty when it is, or unknown."""
    if case.earlier is None or case.running is None or changes.worse(case.earlier, case.running):
        return Reason()
    return because("no_worse", running=changes.told(case.running), earlier=changes.told(case.earlier))


def _revert_config(case: Case) -> Fit:
    cause = case.hypothesis.cause
    if not isinstance(cause, ConfigCause):
        return Fit(why_not=because("no_change_to_blame", cause=cause.kind))
    found = changes.fresh(case.dossier, case.workload.service, "config", case.limits)
    # A cause spells an unset value as an empty text.
    change = next((item for item in reversed(found) if (item.key, item.new or "") == (cause.key, cause.new)), None)
    if change is None:
        return Fit(why_not=because("change_not_recorded", setting=cause.key))
    serving = case.workload.serving
    version = next((v for v in case.workload.versions if v.name == change.version), None) or serving
    # Only the exact inverse of what is there now is an undo; anything else would be a guess.
    if version is None or version.config.get(cause.key) != change.new:
        return Fit(why_not=because("changed_since", setting=cause.key))
    if change.old is None and not case.unsets:
        return Fit(why_not=because("not_set_before", setting=cause.key))
    # A masked value is not the value: writing it back would set the mask.
    if setting.MARK in (change.new, change.old):
        return Fit(why_not=because("values_not_known", setting=cause.key))
    return Fit(
        why=because("undone_exactly", setting=cause.key),
        remedy=RevertConfig(
            service=case.workload.service,
            version=(serving or version).name,
            key=cause.key,
            now=change.new,
            back_to=change.old,
        ),
    )


def _restart(case: Case) -> Fit:
    cause = case.hypothesis.cause
    if not isinstance(cause, HangCause):
        return _resource("restart", case)
    return Fit(
        why=because("gets_going_again", version=cause.version),
        remedy=Restart(service=case.workload.service, version=cause.version),
    )


def _resource(kind: Literal["restart", "scale"], case: Case) -> Fit:
    cause = case.hypothesis.cause
    if not isinstance(cause, ResourceCause):
        return Fit(why_not=because("no_resource_short"))
    serving = case.workload.serving
    if serving is None:
        return Fit(why_not=because("nothing_serves"))
    # A fresh process gives memory and connections back; more processes give more processor.
    helps = {"restart": ("memory", "connections"), "scale": ("cpu",)}[kind]
    if cause.resource not in helps:
        return Fit(why_not=because("gives_nothing_back", resource=cause.resource))
    service = case.workload.service
    remedy = Restart(service=service, version=serving.name) if kind == "restart" else Scale(service=service, replicas=2)
    return Fit(why=because("resource_short", resource=cause.resource), remedy=remedy)


def _question(case: Case) -> Reason:
    cause = case.hypothesis.cause
    service = case.hypothesis.service
    match cause:
        case UnknownCause(reason=reason):
            asked = because("ask_what_is_wrong", service=service, why=reason)
        case DependencyCause(host=host):
            asked = because("ask_who_owns", service=service, host=host)
        case CodeCause(path=path, function=function):
            asked = because("ask_about_code", service=service, path=path, function=function)
        case DeployCause(version=version):
            why = _alike(case) or because("no_version_to_go_back_to")
            asked = because("ask_about_version", version=version, service=service, why=why)
        case ConfigCause(key=key):
            asked = because("ask_about_setting", service=service, setting=key)
        case ResourceCause(resource=resource):
            asked = because("ask_about_resource", service=service, resource=resource)
        case HangCause(version=version):
            asked = because("ask_about_hang", service=service, version=version)
        case _:
            assert_never(cause)
    return asked
