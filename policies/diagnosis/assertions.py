"""Which hypotheses survive a check of their claims.

A model may cite only what exists and blame only what the evidence shows; a hypothesis stands when
its disproving check ran and did not disprove it.  An honest "I don't know" claims nothing.
"""

from typing import Literal, assert_never

from incident.decision import Allow, Alternative, Constraint, Hold
from incident.diagnosis import (
    CodeCause,
    ConfigCause,
    DependencyCause,
    DeployCause,
    Diagnosis,
    Hypothesis,
    ResourceCause,
    UnknownCause,
)
from incident.evidence import Change, Dossier, ErrorGroup, ErrorLog, FailingTrace, Neighbours, Signals
from incident.proof import Check
from incident.value import Value
from policies.diagnosis import support
from policies.policy import Answer, Policy

NAME = "assertions.check"
VERSION = 1

Choice = Literal["leading", "none"]


class Facts(Value):
    """The diagnosis, what it may cite, and the disproving check of each hypothesis, in order."""

    diagnosis: Diagnosis
    dossier: Dossier
    results: tuple[Check, ...]


class Struck(Value):
    """A hypothesis that does not stand."""

    index: int
    why: str


class Result(Value):
    """The hypotheses by their index, in order."""

    kept: tuple[int, ...]
    struck: tuple[Struck, ...]


def check(facts: Facts) -> Answer[Choice, Result]:
    """Choose `leading` when a hypothesis survives."""
    struck: list[Struck] = []
    kept: list[int] = []
    for index, hypothesis in enumerate(facts.diagnosis.hypotheses):
        result = facts.results[index] if index < len(facts.results) else None
        why = _why_struck(hypothesis, facts.dossier, result)
        if why:
            struck.append(Struck(index=index, why=why))
        else:
            kept.append(index)
    return _decision(facts, tuple(kept), tuple(struck))


def _why_struck(hypothesis: Hypothesis, dossier: Dossier, result: Check | None) -> str:
    if isinstance(hypothesis.cause, UnknownCause):
        return ""
    unknown = sorted(set(hypothesis.evidence) - {item.id for item in dossier.evidence})
    if unknown:
        return f"cites evidence that does not exist: {', '.join(unknown)}"
    if not hypothesis.evidence:
        return "cites no evidence"
    unseen = _unseen(hypothesis, dossier)
    if unseen:
        return unseen
    if result is None or result.outcome == "unknown":
        return f"its disproving check could not run: {result.detail if result else 'it was not run'}"
    return f"disproved by {result.name}: {result.detail}" if result.outcome == "failed" else ""


def _unseen(hypothesis: Hypothesis, dossier: Dossier) -> str:
    """Return what the hypothesis blames without any evidence of it."""
    if hypothesis.service not in _services(dossier):
        return f"no evidence mentions the service {hypothesis.service}"
    seen, what = _seen(hypothesis, dossier)
    return "" if seen else what


def _seen(hypothesis: Hypothesis, dossier: Dossier) -> tuple[bool, str]:
    """Whether what is blamed appears in the evidence, and what to say when it does not."""
    match hypothesis.cause:
        case CodeCause() as cause:
            return _in_a_trace(cause, dossier), f"no stack trace shows {cause.path}:{cause.function}"
        case DeployCause(version=version):
            return _changed(hypothesis, dossier), f"no deploy of {version} is recorded"
        case ConfigCause(key=key):
            return _changed(hypothesis, dossier), f"no such change of {key} is recorded"
        case DependencyCause(host=host):
            return bool(support.supporting(hypothesis, dossier)), f"no evidence shows {host} as a dependency"
        case ResourceCause(resource=resource):
            return bool(support.supporting(hypothesis, dossier)), f"no evidence speaks for {resource}"
        case UnknownCause():
            return True, ""
        case _:
            assert_never(hypothesis.cause)


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
                # Traits, conditions and measurements name no service that the others do not.
                pass
    return frozenset(found)


def _decision(facts: Facts, kept: tuple[int, ...], struck: tuple[Struck, ...]) -> Answer[Choice, Result]:
    total = len(facts.diagnosis.hypotheses)
    reason = f"{len(kept)} of {total} hypotheses stand" if kept else f"none of {total} hypotheses stands"
    why = {item.index: item.why for item in struck}
    return Answer[Choice, Result](
        policy=NAME,
        version=VERSION,
        verdict=Allow(reason=reason) if kept else Hold(reason=reason),
        choice="leading" if kept else "none",
        constraints=tuple(
            Constraint(name=f"hypothesis_{index}", held=index not in why, detail=why.get(index, "stands"))
            for index in range(total)
        ),
        alternatives=tuple(
            Alternative(name=f"hypothesis {index}", pros=(hypothesis.explanation[:200],), why_not=why[index])
            for index, hypothesis in enumerate(facts.diagnosis.hypotheses)
            if index in why
        ),
        reasoning="; ".join(f"{item.index}: {item.why}" for item in struck) or reason,
        result=Result(kept=kept, struck=struck),
    )


POLICY = Policy(NAME, VERSION, Facts, Result, check)
