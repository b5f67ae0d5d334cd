"""Check of a model's hypotheses against the evidence.

A model may cite only what exists and blame only what the evidence shows; a hypothesis stands when
its disproving check ran and did not disprove it.  An honest "I don't know" asserts nothing, and stands.
"""

from typing import Literal, assert_never

from incident.decision import Allow, Alternative, Constraint, Hold, Reason, because
from incident.diagnosis import (
    CodeCause,
    ConfigCause,
    DependencyCause,
    DeployCause,
    Diagnosis,
    HangCause,
    Hypothesis,
    ResourceCause,
    UnknownCause,
)
from incident.evidence import Change, Dossier, ErrorGroup, ErrorLog, FailingTrace, Neighbours, Signals
from incident.value import Value
from policies.diagnosis import support
from policies.diagnosis.disproof import Checked
from policies.policy import Judgement, Policy

NAME = "assertions.check"
VERSION = 3

Choice = Literal["leading", "none"]


class Facts(Value):
    """The diagnosis, the evidence that it may cite, and the disproving check of each hypothesis, in order."""

    diagnosis: Diagnosis
    dossier: Dossier
    results: tuple[Checked, ...]


class Struck(Value):
    """A hypothesis that does not stand, with the evidence that speaks against it."""

    index: int
    why: Reason
    kind: Literal["unsupported", "disproved", "untested"] = "disproved"
    """`untested`: nothing that is known could have disproved it; it may be named, and not acted upon."""
    evidence: tuple[str, ...] = ()


class Result(Value):
    """The hypotheses by their index, in order."""

    kept: tuple[int, ...]
    struck: tuple[Struck, ...]


def check(facts: Facts) -> Judgement[Choice, Result]:
    """Choose `leading` when a hypothesis survives."""
    struck: list[Struck] = []
    kept: list[int] = []
    for index, hypothesis in enumerate(facts.diagnosis.hypotheses):
        result = facts.results[index] if index < len(facts.results) else None
        found = _struck(index, hypothesis, facts.dossier, result)
        if found is None:
            kept.append(index)
        else:
            struck.append(found)
    return _decision(facts, tuple(kept), tuple(struck))


def _struck(index: int, hypothesis: Hypothesis, dossier: Dossier, result: Checked | None) -> Struck | None:
    """Return the strike of a hypothesis that does not stand; None for one that does."""
    if isinstance(hypothesis.cause, UnknownCause):
        return None
    unsupported = _unsupported(hypothesis, dossier)
    if unsupported:
        return Struck(index=index, kind="unsupported", why=unsupported)
    if result is None or result.outcome == "unknown":
        said = (result.why or result.detail) if result else ""
        found = result.evidence if result else ()
        return Struck(index=index, kind="untested", why=because("not_checked", detail=said), evidence=found)
    if result.outcome == "failed":
        why = because("disproved_by", check=result.name, detail=result.why or result.detail)
        return Struck(index=index, kind="disproved", why=why, evidence=result.evidence)
    return None


def _unsupported(hypothesis: Hypothesis, dossier: Dossier) -> Reason:
    unknown = sorted(set(hypothesis.evidence) - {item.id for item in dossier.evidence})
    if unknown:
        return because("cites_nothing_known", evidence=tuple(unknown))
    return _unseen(hypothesis, dossier) if hypothesis.evidence else because("cites_nothing")


def _unseen(hypothesis: Hypothesis, dossier: Dossier) -> Reason:
    """Reason that names what the hypothesis blames without any evidence of it; empty when there is some."""
    if hypothesis.service not in _services(dossier):
        return because("service_not_seen", service=hypothesis.service)
    seen, what = _seen(hypothesis, dossier)
    return Reason() if seen else what


def _seen(hypothesis: Hypothesis, dossier: Dossier) -> tuple[bool, Reason]:
    """(True when what is blamed appears in the evidence, the reason to give when it does not)."""
    match hypothesis.cause:
        case CodeCause() as cause:
            found = _in_a_trace(cause, dossier), because("place_not_seen", path=cause.path, function=cause.function)
        case DeployCause(version=version):
            found = _changed(hypothesis, dossier), because("deploy_not_seen", version=version)
        case ConfigCause(key=key):
            found = _changed(hypothesis, dossier), because("setting_not_seen", setting=key)
        case DependencyCause(host=host):
            found = bool(support.supporting(hypothesis, dossier)), because("dependency_not_seen", host=host)
        case ResourceCause(resource=resource):
            found = bool(support.supporting(hypothesis, dossier)), because("resource_not_seen", resource=resource)
        case HangCause(version=version):
            seen = any(support.supports(hypothesis, item.fact) for item in dossier.of("unready"))
            found = seen, because("hang_not_seen", version=version)
        case UnknownCause():
            found = True, Reason()
        case _:
            assert_never(hypothesis.cause)
    return found


def _in_a_trace(cause: CodeCause, dossier: Dossier) -> bool:
    return any(
        support.blames(item.fact, cause.path, cause.function)
        for item in dossier.evidence
        if isinstance(item.fact, ErrorGroup | ErrorLog)
    )


def _changed(hypothesis: Hypothesis, dossier: Dossier) -> bool:
    return any(
        isinstance(item.fact, Change) and support.supports(hypothesis, item.fact) for item in dossier.of("change")
    )


def _services(dossier: Dossier) -> frozenset[str]:
    found = {dossier.service}
    for item in dossier.evidence:
        match item.fact:
            case Signals() | ErrorLog() | Change():
                found.add(item.fact.service)
            case ErrorGroup():
                found.add(item.fact.signature.service)
            case FailingTrace():
                found.update(item.fact.path)
            case Neighbours():
                found.update((item.fact.service, *item.fact.callers, *item.fact.callees))
            case _:
                # Traits, exposures, conditions and measurements name no service that the others do not.
                pass
    return frozenset(found)


def _decision(facts: Facts, kept: tuple[int, ...], struck: tuple[Struck, ...]) -> Judgement[Choice, Result]:
    total = len(facts.diagnosis.hypotheses)
    reason = because("some_stand", kept=len(kept), total=total) if kept else because("none_stands", total=total)
    why = {item.index: item.why for item in struck}
    return Judgement[Choice, Result](
        policy=NAME,
        version=VERSION,
        verdict=Allow(reason=reason) if kept else Hold(reason=reason),
        choice="leading" if kept else "none",
        constraints=tuple(
            Constraint(name=f"hypothesis_{index}", held=index not in why, detail=why.get(index, because("stands")))
            for index in range(total)
        ),
        alternatives=tuple(
            Alternative(name=f"hypothesis {index}", pros=(hypothesis.explanation[:200],), why_not=why[index])
            for index, hypothesis in enumerate(facts.diagnosis.hypotheses)
            if index in why
        ),
        result=Result(kept=kept, struck=struck),
    )


POLICY = Policy(NAME, VERSION, Facts, Result, check)
