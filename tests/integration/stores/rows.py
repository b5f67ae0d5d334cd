"""Rows of the index of incidents, as processes of a test claim them."""

from datetime import UTC, datetime

from tools import ports

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


def row() -> ports.Row:
    return ports.Row(
        id="inc-1",
        world="w",
        fingerprint="f",
        starts_at=AT,
        service="orders",
        status="open",
        opened_at=AT,
        changed_at=AT,
    )
