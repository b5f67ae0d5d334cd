"""Findings of an incident in words: the leading hypothesis, or what was looked at where there is none.  Pure."""

from collections.abc import Iterator
from typing import assert_never

from graph.reports import journal_reader as journal
from graph.reports import searched
from graph.reports.recorded_changes import changed, changes, listed, moment
from graph.reports.vocabulary import sentence
from incident import gaps
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
from incident.ending import Outcome
from incident.evidence import Change, Dossier, ErrorGroup, FailingTrace, Gap, Signals, Traits
from incident.record import Acted, Diagnosed, Gathered, Intended, Proposed, Record
from incident.remedy import Patch, Restart, RevertConfig, RollBack
from incident.unplaced import UnplacedErrors
from policies.diagnosis import support

NAMED = 3
"""Most hypotheses of one fate that an ending tells; the report tells all."""


def leading(records: tuple[Record, ...]) -> Hypothesis | None:
    """Return the leading hypothesis, where one names a cause."""
    found = searched.leading(records)
    return found[0] if found else None


def cause(records: tuple[Record, ...], outcome: Outcome) -> str:
    """Return what the incident says about the cause."""
    if journal.last(records, Gathered) is None:
        return "no evidence was collected, and no cause was looked for"
    diagnoses = [event.diagnosis for _, event in journal.events(records, Diagnosed)]
    if not diagnoses:
        return "no diagnosis was made"
    found = searched.leading(records)
    if found is None:
        count = sum(len(one.hypotheses) for one in diagnoses)
        return f"no cause is established (hypotheses: {count}, rounds of diagnosis: {len(diagnoses)})"
    hypothesis, dossier = found
    head = (
        "the cause, as its fix has shown"
        if shown(records, hypothesis, outcome)
        else "leading hypothesis, not shown to be the cause"
    )
    return f"{head}: {blamed(hypothesis, dossier, changes(records))}"


def struck(records: tuple[Record, ...]) -> Iterator[str]:
    """Yield the causes that were named and do not stand, each with the reason; first those that nothing disproved."""
    rounds, recorded = searched.rounds(records), changes(records)
    strikes = [(one, strike) for one in rounds for strike in one.strikes]
    strikes.sort(key=lambda found: found[1].kind != "untested")
    said = (
        f"struck: {blamed(one.diagnosis.hypotheses[strike.hypothesis], one.dossier, recorded)}, "
        f"because {sentence(strike.why)}"
        for one, strike in strikes
    )
    yield from tuple(dict.fromkeys(said))[:NAMED]


def unchecked(records: tuple[Record, ...]) -> Iterator[str]:
    """Yield the causes that were named in a round that came to no check."""
    said = (
        f"named and not checked: {blamed(hypothesis, one.dossier, changes(records))}"
        for one in searched.rounds(records)
        for hypothesis in one.diagnosis.hypotheses
        if not one.checked and not isinstance(hypothesis.cause, UnknownCause)
    )
    yield from tuple(dict.fromkeys(said))[:NAMED]


def unknown(records: tuple[Record, ...]) -> Iterator[str]:
    """Yield what an agent that does not know the cause of a service said to be missing, in its own words."""
    said = (
        quoted(said_by(one.diagnosis, index), hypothesis.cause.reason)
        for one in searched.rounds(records)
        for index, hypothesis in enumerate(one.diagnosis.hypotheses)
        if isinstance(hypothesis.cause, UnknownCause) and hypothesis.service == one.dossier.service
    )
    yield from dict.fromkeys(said)


def said_by(diagnosis: Diagnosis, index: int) -> str:
    """Return who wrote the words of a hypothesis: a model, the rules, or nobody but code."""
    return "the rules" if index in diagnosis.ruled else diagnosis.model


def quoted(model: str, words: str) -> str:
    """Return the words of an agent or of rules as a quotation; of code where nobody was asked."""
    return f"in the words of {model}: “{words}”" if model else words


def shown(records: tuple[Record, ...], hypothesis: Hypothesis, outcome: Outcome) -> bool:
    """True when a change of just what is blamed healed the service; everything else stays a hypothesis."""
    proposed = journal.last(records, Proposed)
    if outcome is not Outcome.HEALED or proposed is None or not acted(records):
        return False
    match (hypothesis.cause, proposed.remedy):
        case (CodeCause() as code, Patch() as patch):
            return code.path == patch.path and code.function == patch.function.rpartition(".")[2]
        case (DeployCause(version=version), RollBack(from_version=left)):
            return version == left
        case (ConfigCause(key=blamed), RevertConfig(key=reverted)):
            return blamed == reverted
        case (HangCause(version=version), Restart(version=restarted)):
            return version == restarted
        case _:
            return False


def acted(records: tuple[Record, ...]) -> bool:
    """True when a change of a service was made."""
    made = {event.key for _, event in journal.events(records, Acted) if event.result in ("done", "found")}
    return any(event.key in made for _, event in journal.events(records, Intended) if "kind" in event.change)


def blamed(hypothesis: Hypothesis, dossier: Dossier, recorded: tuple[Change, ...] = ()) -> str:
    """Return what a hypothesis blames, in words that assert no more than the evidence shows."""
    found = hypothesis.cause
    own = [change for change in recorded if support.supports(hypothesis, change)]
    match found:
        case CodeCause():
            said = raised(found, hypothesis.service, dossier)
        case DeployCause(version=version, previous=previous):
            said = changed(own[-1]) if own else f"{hypothesis.service} deploy of {version} after {previous}"
        case ConfigCause(key=key, old=old, new=new):
            said = changed(own[-1]) if own else f"{hypothesis.service} setting {key} from {old!r} to {new!r}"
        case DependencyCause(host=host):
            said = f"{host}, which {hypothesis.service} calls"
        case ResourceCause(resource=resource):
            said = f"{resource} of {hypothesis.service}"
        case HangCause(version=version):
            said = f"{version} of {hypothesis.service}, which runs and is not ready"
        case UnknownCause():
            said = f"nothing in particular of {hypothesis.service}"
        case _:
            assert_never(found)
    return said


def raised(found: CodeCause, service: str, dossier: Dossier) -> str:
    """Return the errors of a place: raised there, or passing through it."""
    groups = [item.fact for item in dossier.evidence if isinstance(item.fact, ErrorGroup)]
    total = sum(group.count for group in groups)
    place = f"{found.function} ({found.path}:{found.line}, {service})"
    here = [g for g in groups if (g.signature.path, g.signature.function) == (found.path, found.function)]
    if here:
        names = sorted({group.signature.exception for group in here})
        count = sum(group.count for group in here)
        return f"{listed(names)} raised in {place}, {count} of {total} logged errors"
    through = sum(group.count for group in groups if support.blames(group, found.path, found.function))
    return f"{place}, on the stack of {through} of {total} logged errors"


def looked_at(records: tuple[Record, ...]) -> Iterator[str]:
    """Yield what was looked at of each service, and what could not be had, where no cause is known."""
    dossiers = {event.dossier.service: event.dossier for _, event in journal.events(records, Gathered)}
    for service, dossier in dossiers.items():
        facts = [item.fact for item in dossier.evidence]
        said = [*map(_signals, _windows(dossier))]
        said.append(f"{sum(isinstance(fact, ErrorGroup) for fact in facts)} kinds of logged errors of {service}")
        if apart := sum(isinstance(fact, UnplacedErrors) for fact in facts):
            said.append(f"{apart} kinds of errors without a place in its source")
        said.append(f"{sum(isinstance(fact, FailingTrace) for fact in facts)} traces of failing requests")
        said.append(f"{sum(fact.failing for fact in facts if isinstance(fact, Traits))} recorded failing requests")
        yield f"looked at: {'; '.join(said)}"
    if missing := dict.fromkeys(_gap(gap) for dossier in dossiers.values() for gap in dossier.gaps):
        yield f"not to be had: {'; '.join(missing)}"


def unread(records: tuple[Record, ...]) -> Iterator[str]:
    """Yield the services whose source was not looked at, each with the reason."""
    dossiers = {event.dossier.service: event.dossier for _, event in journal.events(records, Gathered)}
    reasons = {service: gaps.why_unread(dossier) for service, dossier in dossiers.items()}
    yield from (f"the source of {service} was not looked at: {why}" for service, why in reasons.items() if why)


def _windows(dossier: Dossier) -> list[Signals]:
    return [item.fact for item in dossier.evidence if isinstance(item.fact, Signals)]


def _signals(fact: Signals) -> str:
    pace = "" if fact.p50_ms is None else f", p50 {fact.p50_ms:.0f} ms"
    slow = "" if fact.p99_ms is None else f", p99 {fact.p99_ms:.0f} ms"
    return f"{fact.requests} requests of {fact.service} until {moment(fact.end)} ({fact.error_rate:.1%} failed{pace}{slow})"


def _gap(gap: Gap) -> str:
    return f"{gap.sought} ({gap.reason})"


def to_look_at(records: tuple[Record, ...], service: str) -> str:
    """Return what a person should look at first."""
    everything = [change for change in changes(records) if change.what in ("deploy", "config", "flag")]
    hypothesis = leading(records)
    if hypothesis is None:
        return f"look at the newest change: {changed(everything[-1])}" if everything else f"look at {service}"
    own = [change for change in everything if support.supports(hypothesis, change)]
    match hypothesis.cause:
        case CodeCause(path=path, line=line, function=function):
            said = f"read the function {function} in {path}:{line} of {hypothesis.service}"
        case DependencyCause(host=host):
            said = f"ask who runs {host}"
        case ResourceCause(resource=resource):
            said = f"look at the {resource} of {hypothesis.service}"
        case _ if own:
            said = f"look at the change that is blamed: {changed(own[-1])}"
        case _:
            said = f"look at {hypothesis.service}"
    return said
