"""What the dossier's recorded changes say about a service: which of them are fresh, and which are innocent."""

import math
from datetime import timedelta

from incident.decision import Reason, because
from incident.evidence import Change, Dossier, ErrorGroup, Signals
from policies import limits


def fresh(dossier: Dossier, service: str, what: str, bounds: limits.Remedies) -> tuple[Change, ...]:
    """Return the changes of one kind that precede the onset by little, the latest last."""
    earliest = dossier.onset - timedelta(seconds=bounds.fresh_seconds)
    latest = dossier.onset + timedelta(seconds=bounds.onset_slack_seconds)
    facts = (item.fact for item in dossier.of("change"))
    found = [fact for fact in facts if isinstance(fact, Change) and fact.service == service and fact.what == what]
    return tuple(sorted((fact for fact in found if earliest <= fact.at <= latest), key=lambda fact: fact.at))


def innocent(dossier: Dossier, change: Change, bounds: limits.Remedies) -> Reason:
    """Return why a deploy cannot have caused the errors, or nothing."""
    slack = timedelta(seconds=bounds.onset_slack_seconds)
    groups = [
        fact
        for fact in (item.fact for item in dossier.of("error_group"))
        if isinstance(fact, ErrorGroup) and fact.signature.service == change.service
    ]
    leading = max(groups, key=lambda group: (group.count, group.signature.canonical()), default=None)
    if leading is None:
        return Reason()
    if change.version not in leading.versions:
        return because("errors_from_others", versions=leading.versions, version=change.version or "")
    if len(leading.versions) > 1:
        return because("others_raise_it", versions=leading.versions)
    if leading.first < change.at - slack:
        return because("errors_before_it")
    return Reason()


CHANCE = 0.001
"""How likely so many more errors may be by chance, at most, where one version is said to be worse than another."""


def worse(earlier: Signals, running: Signals) -> bool:
    """Whether the running version fails more of its requests than the earlier one did, and that is no chance.

    Fisher's exact test, one-sided: of all errors of both, that many or more fall on the running version's requests.
    """
    if not earlier.requests or not running.requests or running.error_rate <= earlier.error_rate:
        return False
    requests, errors = earlier.requests + running.requests, earlier.errors + running.errors
    most = min(errors, running.requests)
    whole = _log_ways(requests, errors)
    terms = (
        _log_ways(running.requests, count) + _log_ways(earlier.requests, errors - count) - whole
        for count in range(running.errors, most + 1)
        if errors - count <= earlier.requests
    )
    return math.fsum(math.exp(term) for term in terms) <= CHANCE


def _log_ways(total: int, chosen: int) -> float:
    return math.lgamma(total + 1) - math.lgamma(chosen + 1) - math.lgamma(total - chosen + 1)


def told(signals: Signals) -> Reason:
    """What a version did."""
    return because("version_failed", version=signals.version or "", errors=signals.errors, requests=signals.requests)


def failed_before(dossier: Dossier, service: str, version: str) -> bool:
    """Whether a version is known to have failed when it served."""
    facts = (item.fact for item in dossier.of("signals"))
    return any(
        isinstance(fact, Signals)
        and fact.service == service
        and fact.version == version
        and fact.requests > 0
        and fact.error_rate >= 0.05
        for fact in facts
    )
