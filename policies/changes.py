"""What the dossier's recorded changes say about a service: which of them are fresh, and which are innocent."""

from datetime import timedelta

from incident.evidence import Change, Dossier, ErrorGroup, Signals
from policies import limits


def fresh(dossier: Dossier, service: str, what: str, bounds: limits.Remedies) -> tuple[Change, ...]:
    """Return the changes of one kind that precede the onset by little, the latest last."""
    earliest = dossier.onset - timedelta(seconds=bounds.fresh_seconds)
    latest = dossier.onset + timedelta(seconds=bounds.onset_slack_seconds)
    facts = (item.fact for item in dossier.of("change"))
    found = [fact for fact in facts if isinstance(fact, Change) and fact.service == service and fact.what == what]
    return tuple(sorted((fact for fact in found if earliest <= fact.at <= latest), key=lambda fact: fact.at))


def innocent(dossier: Dossier, change: Change, bounds: limits.Remedies) -> str:
    """Return why a deploy cannot have caused the errors, or an empty string."""
    slack = timedelta(seconds=bounds.onset_slack_seconds)
    groups = [
        fact
        for fact in (item.fact for item in dossier.of("error_group"))
        if isinstance(fact, ErrorGroup) and fact.signature.service == change.service
    ]
    leading = max(groups, key=lambda group: (group.count, group.signature.canonical()), default=None)
    if leading is None:
        return ""
    if change.version not in leading.versions:
        return f"the errors come from {', '.join(leading.versions)}, not from {change.version}"
    if len(leading.versions) > 1:
        return f"other versions raise the same error: {', '.join(leading.versions)}"
    if leading.first < change.at - slack:
        return "the same errors were there before it"
    return ""


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
