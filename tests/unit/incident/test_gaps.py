"""The service's source is told from everything else that a repository may be asked for."""

from datetime import UTC, datetime

from incident.evidence import Dossier, Gap
from incident.gaps import REPOSITORY, unread, why_unread


def dossier(*gaps: Gap) -> Dossier:
    return Dossier(service="orders", onset=datetime(2026, 1, 1, tzinfo=UTC), evidence=(), gaps=gaps)


def test_only_the_gap_of_the_services_own_source_says_that_it_was_not_read() -> None:
    brought = Gap(source=REPOSITORY, sought="commits that orders v2 brought", reason="nobody knows them")
    other = unread("billing", "it is elsewhere")
    assert why_unread(dossier()) == ""
    assert why_unread(dossier(brought, other)) == ""
    assert why_unread(dossier(brought, other, unread("orders", "no such service"))) == "no such service"
