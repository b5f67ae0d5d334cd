"""Disproving checks of a hypothesis, run by code over the dossier.

The outcome is `failed` when the hypothesis is disproved, `passed` when the check could have
disproved it and did not, `unknown` when the facts for it are not there.
"""

from collections.abc import Iterable
from typing import assert_never

from incident.decision import Reason, because
from incident.diagnosis import CodeCause, ConfigCause, DependencyCause, DeployCause, Disproof, HangCause, Hypothesis
from incident.evidence import Change, Dossier, ErrorGroup, FailingTrace, Signals, Unready
from incident.proof import Check
from policies.diagnosis import charges, support
from policies.diagnosis.charges import SICK_RATE

MOST = 0.5
"""Share of the errors that a blamed place must raise; with less it does not explain the incident."""


class Checked(Check):
    """A disproving check with the code of its answer, and the ids of the evidence that it looked at."""

    why: Reason = Reason()
    evidence: tuple[str, ...] = ()


def run(hypothesis: Hypothesis, dossier: Dossier) -> Checked:
    """Run the hypothesis' own disproving check."""
    match hypothesis.disproof:
        case Disproof.ERRORS_ELSEWHERE:
            stands, why, found = _errors_elsewhere(hypothesis, dossier)
        case Disproof.ERRORS_BEFORE_CHANGE:
            stands, why, found = _errors_before_change(hypothesis, dossier)
        case Disproof.OTHER_VERSION_TOO:
            stands, why, found = _other_version_too(hypothesis, dossier)
        case Disproof.DEPENDENCY_HEALTHY:
            stands, why, found = _dependency_healthy(hypothesis, dossier)
        case Disproof.ANSWERS_SOMEBODY:
            stands, why, found = _answers_somebody(hypothesis, dossier)
        case Disproof.NONE:
            stands, why, found = None, because("nothing_would_disprove"), ()
        case _:
            assert_never(hypothesis.disproof)
    outcome = "unknown" if stands is None else ("passed" if stands else "failed")
    return Checked.model_validate(
        {"name": hypothesis.disproof.value, "outcome": outcome, "detail": why.code, "why": why, "evidence": found}
    )


Answer = tuple[bool | None, Reason, tuple[str, ...]]
"""(True when the hypothesis stands, or None when unknown; the reason; ids of the evidence that was looked at)."""


def _groups(dossier: Dossier, service: str) -> dict[str, ErrorGroup]:
    facts = ((item.id, item.fact) for item in dossier.of("error_group"))
    return {name: fact for name, fact in facts if isinstance(fact, ErrorGroup) and fact.signature.service == service}


def _errors_elsewhere(hypothesis: Hypothesis, dossier: Dossier) -> Answer:
    cause = hypothesis.cause
    if not isinstance(cause, CodeCause):
        return None, because("no_place_blamed"), ()
    groups = _groups(dossier, hypothesis.service)
    total = sum(group.count for group in groups.values())
    if total == 0:
        return None, because("no_error_known", service=hypothesis.service), ()
    here = sum(group.count for group in groups.values() if support.blames(group, cause.path, cause.function))
    why = because("errors_go_through", here=here, total=total, path=cause.path, function=cause.function)
    return here >= MOST * total, why, tuple(groups)


def _change(hypothesis: Hypothesis, dossier: Dossier) -> Change | None:
    """Blamed change; the latest one when it was made several times, and None when it is not recorded."""
    cause = hypothesis.cause
    found: Change | None = None
    for item in dossier.of("change"):
        fact = item.fact
        if isinstance(fact, Change) and support.supports(hypothesis, fact):
            found = fact if found is None or fact.at > found.at else found
    return found if isinstance(cause, DeployCause | ConfigCause) else None


def _errors_before_change(hypothesis: Hypothesis, dossier: Dossier) -> Answer:
    change = _change(hypothesis, dossier)
    if change is None:
        return None, because("blamed_change_not_recorded"), ()
    charge = charges.weigh(dossier, change)
    stands = {"blamed": True, "suspected": None, "innocent": False, "unknown": None}[charge.verdict]
    return stands, charge.why, charge.evidence


def _other_version_too(hypothesis: Hypothesis, dossier: Dossier) -> Answer:
    cause = hypothesis.cause
    if not isinstance(cause, DeployCause):
        return None, because("no_good_version_named"), ()
    measured = _signals(dossier, hypothesis.service)
    served = {name: fact for name, fact in measured.items() if fact.version == cause.previous and fact.requests}
    groups = {
        name: fact for name, fact in _groups(dossier, hypothesis.service).items() if cause.version in fact.versions
    }
    if any(cause.previous in group.versions for group in groups.values()):
        return False, because("others_raise_it", versions=(cause.previous,)), tuple(groups)
    # A version that failed is no better; one that served well says nothing of traffic that it never got.
    worst = max((fact.error_rate for fact in served.values()), default=0.0)
    if worst >= SICK_RATE:
        return False, because("failed_share", who=cause.previous, rate=worst), tuple(served)
    # Whether the same traffic was well on it is asked as of any change.
    stands, why, found = _errors_before_change(hypothesis, dossier)
    if why.code in COARSE and served:
        return True, because("failed_share", who=cause.previous, rate=worst), tuple(served)
    return stands, why, found


COARSE = frozenset({"errors_after_it", "no_error_known", "blamed_change_not_recorded"})
"""Answers that compare no traffic; what the other version served says more."""


def _signals(dossier: Dossier, service: str) -> dict[str, Signals]:
    facts = ((item.id, item.fact) for item in dossier.of("signals"))
    return {name: fact for name, fact in facts if isinstance(fact, Signals) and fact.service == service}


def _dependency_healthy(hypothesis: Hypothesis, dossier: Dossier) -> Answer:
    cause = hypothesis.cause
    if not isinstance(cause, DependencyCause):
        return None, because("no_dependency_blamed"), ()
    measured = {name: fact for name, fact in _signals(dossier, cause.host).items() if fact.requests}
    if measured:
        worst = max(fact.error_rate for fact in measured.values())
        return worst >= SICK_RATE, because("failed_share", who=cause.host, rate=worst), tuple(measured)
    traces = {item.id: item.fact for item in dossier.of("failing_trace") if isinstance(item.fact, FailingTrace)}
    if not traces:
        return None, because("nothing_known_of", host=cause.host), ()
    ending = _ending_at(cause.host, traces.values())
    why = because("traces_end_at", count=ending, total=len(traces), host=cause.host)
    return ending >= MOST * len(traces), why, tuple(traces)


def _answers_somebody(hypothesis: Hypothesis, dossier: Dossier) -> Answer:
    cause = hypothesis.cause
    if not isinstance(cause, HangCause):
        return None, because("no_hang_blamed"), ()
    unready = {item.id: item.fact for item in dossier.of("unready") if isinstance(item.fact, Unready)}
    own = [fact for fact in unready.values() if (fact.service, fact.version) == (hypothesis.service, cause.version)]
    if not own:
        return None, because("hang_not_seen", version=cause.version), ()
    since = {name: fact for name, fact in _signals(dossier, hypothesis.service).items() if fact.end > dossier.onset}
    well = sum(fact.requests - fact.errors for fact in since.values())
    if well:
        return False, because("answered_well", service=hypothesis.service, requests=well), (*unready, *since)
    # Several have something in common that none of them can mend.
    if len({fact.service for fact in unready.values()}) > 1:
        return None, because("several_unready", count=len(unready)), tuple(unready)
    # What never got ready after a start, or was changed and then stopped, does not hang.
    changed = [
        item.id
        for item in dossier.of("change")
        if isinstance(item.fact, Change)
        and item.fact.service == hypothesis.service
        and item.fact.at >= dossier.onset - dossier.windows.before
    ]
    if changed or own[0].started_at >= dossier.onset - dossier.windows.slack:
        return None, because("started_lately", version=cause.version), (*unready, *changed)
    return True, because("answers_nobody", version=cause.version), tuple(unready)


def _ending_at(host: str, traces: Iterable[FailingTrace]) -> int:
    return sum(trace.deepest == host for trace in traces)
