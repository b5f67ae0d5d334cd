"""Gap of a dossier that others ask for: the service's source, which was not looked at."""

from incident.evidence import Dossier, Gap

REPOSITORY = "repository"
"""Source of that gap."""


def unread(service: str, reason: str) -> Gap:
    """The gap of a service whose source cannot be read."""
    return Gap(source=REPOSITORY, sought=_sought(service), reason=reason)


def why_unread(dossier: Dossier) -> str:
    """Reason that the source of the dossier's service was not looked at; empty when it was."""
    # The repository may be asked for more than the source, such as the commits of a deploy.
    sought = _sought(dossier.service)
    return next((gap.reason for gap in dossier.gaps if (gap.source, gap.sought) == (REPOSITORY, sought)), "")


def _sought(service: str) -> str:
    return f"source of {service}"
