"""Disproving checks of a hypothesis, run by code over the dossier.

The outcome is `failed` when the hypothesis is disproved, `passed` when the check could have
disproved it and did not, `unknown` when the facts for it are not there.
"""

from datetime import datetime, timedelta
from typing import assert_never

from incident.diagnosis import CodeCause, ConfigCause, DependencyCause, DeployCause, Disproof, Hypothesis
from incident.evidence import Change, Dossier, ErrorGroup, FailingTrace, Signals
from incident.proof import Check
from policies.diagnosis import support

SLACK = timedelta(seconds=2)
"""Clocks of the platform and of the services may differ by this much."""

MOST = 0.5
"""Share of the errors that a blamed place must raise; with less it does not explain the incident."""

SICK_RATE = 0.05
"""Error rate from which another version or a dependency counts as failing."""

ENOUGH = 100
"""Requests of a healthy window after a change that speak for its innocence; fewer say nothing."""


def run(hypothesis: Hypothesis, dossier: Dossier) -> Check:
    """Run the hypothesis' own disproving check."""
    match hypothesis.disproof:
        case Disproof.ERRORS_ELSEWHERE:
            outcome, detail = _errors_elsewhere(hypothesis, dossier)
        case Disproof.ERRORS_BEFORE_CHANGE:
            outcome, detail = _errors_before_change(hypothesis, dossier)
        case Disproof.OTHER_VERSION_TOO:
            outcome, detail = _other_version_too(hypothesis, dossier)
        case Disproof.DEPENDENCY_HEALTHY:
            outcome, detail = _dependency_healthy(hypothesis, dossier)
        case Disproof.NONE:
            outcome, detail = None, "nothing was named that would disprove it"
        case _:
            assert_never(hypothesis.disproof)
    name = hypothesis.disproof.value
    if outcome is None:
        return Check(name=name, outcome="unknown", detail=detail)
    return Check(name=name, outcome="passed" if outcome else "failed", detail=detail)


Answer = tuple[bool | None, str]
"""(True when the hypothesis stands, or None when unknown; the sentence that says why)."""


def _groups(dossier: Dossier, service: str) -> tuple[ErrorGroup, ...]:
    facts = (item.fact for item in dossier.of("error_group"))
    return tuple(fact for fact in facts if isinstance(fact, ErrorGroup) and fact.signature.service == service)


def _errors_elsewhere(hypothesis: Hypothesis, dossier: Dossier) -> Answer:
    cause = hypothesis.cause
    if not isinstance(cause, CodeCause):
        return None, "only a blamed place can be compared with other places"
    groups = _groups(dossier, hypothesis.service)
    total = sum(group.count for group in groups)
    if total == 0:
        return None, f"no errors of {hypothesis.service} with a stack trace"
    here = sum(group.count for group in groups if support.blames(group, cause.path, cause.function))
    return here >= MOST * total, f"{here} of {total} errors go through {cause.path}:{cause.function}"


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
        return None, "the blamed change is not recorded"
    first = _first_error(hypothesis, dossier)
    if first is None:
        return None, f"no errors of {hypothesis.service} are known"
    seconds = (first - change.at).total_seconds()
    well = _served_well(change, dossier)
    # Whoever can write a log line can blame any recorded change; one that was in effect and did no harm is innocent.
    if well is not None:
        return False, f"{well.requests} requests were answered well after the change, before the first such error"
    return first >= change.at - SLACK, f"the first such error came {seconds:+.1f} s from the change"


def _served_well(change: Change, dossier: Dossier) -> Signals | None:
    """Window between the change and the onset in which the service was well, or None.

    A deploy does nothing before it gets its traffic, so the last shift of weights before the onset counts.
    """
    shifts = (item.fact for item in dossier.of("change"))
    effects = [
        fact.at
        for fact in shifts
        if isinstance(fact, Change)
        and (fact.service, fact.what) == (change.service, "weights")
        and change.what == "deploy"
        and change.at <= fact.at <= dossier.onset + SLACK
    ]
    since = max([change.at, *effects]) + SLACK
    return next(
        (
            fact
            for fact in _signals(dossier, change.service)
            if fact.version is None
            and since <= fact.start
            and fact.end <= dossier.onset
            and fact.requests >= ENOUGH
            and fact.error_rate < SICK_RATE
        ),
        None,
    )


def _first_error(hypothesis: Hypothesis, dossier: Dossier) -> datetime | None:
    """Time of the first error of the most frequent kind, or None."""
    # A service always has a few old errors of other kinds.
    groups = _groups(dossier, hypothesis.service)
    leading = max(groups, key=lambda group: (group.count, group.signature.canonical()), default=None)
    return leading.first if leading else None


def _other_version_too(hypothesis: Hypothesis, dossier: Dossier) -> Answer:
    cause = hypothesis.cause
    if not isinstance(cause, DeployCause):
        return None, "no version was said to be good"
    served = [
        fact for fact in _signals(dossier, hypothesis.service) if fact.version == cause.previous and fact.requests
    ]
    groups = [group for group in _groups(dossier, hypothesis.service) if cause.version in group.versions]
    if any(cause.previous in group.versions for group in groups):
        return False, f"{cause.previous} raises the same error"
    if served:
        worst = max(fact.error_rate for fact in served)
        return worst < SICK_RATE, f"{cause.previous} failed {worst:.1%} of its requests"
    # Nothing was routed to the good version in the window: then the order in time is what can disprove.
    return _errors_before_change(hypothesis, dossier)


def _signals(dossier: Dossier, service: str) -> tuple[Signals, ...]:
    facts = (item.fact for item in dossier.of("signals"))
    return tuple(fact for fact in facts if isinstance(fact, Signals) and fact.service == service)


def _dependency_healthy(hypothesis: Hypothesis, dossier: Dossier) -> Answer:
    cause = hypothesis.cause
    if not isinstance(cause, DependencyCause):
        return None, "no dependency was blamed"
    measured = [fact for fact in _signals(dossier, cause.host) if fact.requests]
    if measured:
        worst = max(fact.error_rate for fact in measured)
        return worst >= SICK_RATE, f"{cause.host} failed {worst:.1%} of its requests"
    traces = [item.fact for item in dossier.of("failing_trace") if isinstance(item.fact, FailingTrace)]
    if not traces:
        return None, f"nothing is known about {cause.host}"
    ending = sum(trace.deepest == cause.host for trace in traces)
    return ending >= MOST * len(traces), f"{ending} of {len(traces)} failing requests end at {cause.host}"
