"""Recorded changes of a service: fresh ones, and versions that are worse than others."""

import math
from datetime import timedelta

from incident.decision import Reason, because
from incident.evidence import Change, Dossier, Signals
from policies import limits


def fresh(dossier: Dossier, service: str, what: str, bounds: limits.Remedies) -> tuple[Change, ...]:
    """Return the changes of one kind from shortly before the onset, the latest last."""
    earliest = dossier.onset - timedelta(seconds=bounds.fresh_seconds)
    latest = max(dossier.onset, dossier.latest or dossier.onset) + timedelta(seconds=bounds.onset_slack_seconds)
    facts = (item.fact for item in dossier.of("change"))
    found = [fact for fact in facts if isinstance(fact, Change) and fact.service == service and fact.what == what]
    return tuple(sorted((fact for fact in found if earliest <= fact.at <= latest), key=lambda fact: fact.at))


CHANCE = 0.001
"""Largest probability that so many more errors came by chance, where one version is said to be worse than another."""


def worse(earlier: Signals, running: Signals) -> bool:
    """True when the running version fails more of its requests than the earlier one did, beyond chance.

    Fisher's exact test, one-sided: of all errors of both, that many or more fall on the running version's requests.
    """
    if not earlier.requests or not running.requests or running.error_rate <= earlier.error_rate:
        return False
    requests, errors = earlier.requests + running.requests, earlier.errors + running.errors
    most = min(errors, running.requests)
    # Logarithms, because the numbers of ways overflow a float at some thousand requests.
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
    """Reason that tells the errors and requests of a version."""
    return because("version_failed", version=signals.version or "", errors=signals.errors, requests=signals.requests)


def failed_before(dossier: Dossier, service: str, version: str) -> bool:
    """True when a version is known to have failed when it served."""
    facts = (item.fact for item in dossier.of("signals"))
    return any(
        isinstance(fact, Signals)
        and fact.service == service
        and fact.version == version
        and fact.requests > 0
        and fact.error_rate >= 0.05
        for fact in facts
    )
