"""Versions that served before the base: those that the platform recorded, and no others."""

from datetime import UTC, datetime, timedelta

from graph.evidence import remedy_proofs
from incident.evidence import Change, Dossier, Evidence, Origin

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def dossier(*changes: Change) -> Dossier:
    found = (
        Evidence(id=f"E{number}", source="platform", origin=Origin.PLATFORM, fact=change)
        for number, change in enumerate(changes, start=1)
    )
    return Dossier(service="orders", onset=NOW, evidence=tuple(found))


def deploy(minutes: int, previous: str | None, service: str = "orders") -> Change:
    at = NOW - timedelta(minutes=minutes)
    return Change(service=service, at=at, what="deploy", version="v9", previous="v8", previous_commit=previous)


def test_the_latest_two_are_asked_and_never_the_base_or_one_without_a_commit() -> None:
    seen = dossier(deploy(30, "c1"), deploy(20, "c2"), deploy(10, "c3"), deploy(5, "base"), deploy(1, None))
    assert remedy_proofs.earlier(seen, "orders", "base") == ("c3", "c2")


def test_other_services_and_other_changes_tell_nothing() -> None:
    setting = Change(service="orders", at=NOW, what="config", key="a", old="1", new="2")
    assert remedy_proofs.earlier(dossier(deploy(5, "c1", service="stock"), setting), "orders", "base") == ()
