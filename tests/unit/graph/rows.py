"""Rows of the index of incidents, as tests need them."""

from typing import Any

from tools import ports
from tools.scripted.clock import ManualClock

AT = ManualClock().now()


def row(**changed: Any) -> ports.Row:
    plain = ports.Row(
        id="inc-1",
        world="w",
        fingerprint="f",
        starts_at=AT,
        service="orders",
        status="open",
        holder="1:1",
        opened_at=AT,
        changed_at=AT,
    )
    return plain.model_copy(update=changed)
