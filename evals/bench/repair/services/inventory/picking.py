"""Which batches an order is served from."""

from collections import deque
from dataclasses import dataclass
from typing import Any

CUSTOMS_UNION = {"AT", "DE", "FR", "IT", "NL", "PL"}
CUSTOMS_DAYS = 5
ASSEMBLY_DAYS = 2
"""For kits: nobody supplies them, the workshop puts them together."""


@dataclass
class Batch:
    code: str
    expires: str
    quantity: int


@dataclass
class Allocation:
    picks: list[tuple[str, int]]
    backorder: int
    """Pieces that no batch covers."""


def pieces(quantity: Any) -> int:
    """The pieces of a quantity; schema.json says how quantities are written."""
    if isinstance(quantity, dict):
        return quantity["cartons"] * quantity["of"] + quantity.get("loose", 0)
    return int(quantity)


def allocate(wanted: int, batches: list[Batch]) -> Allocation:
    """Serve from the batches that expire first."""
    queue = deque(sorted(batches, key=lambda batch: batch.expires))
    picks = []
    while wanted > 0 and queue:
        batch = queue.popleft()
        part = min(wanted, batch.quantity)
        if part:
            picks.append((batch.code, part))
        wanted -= part
    return Allocation(picks, wanted)


def lead_days(supplier: dict[str, Any] | None) -> int:
    """Days from an order to the shelf."""
    if supplier is None:
        return ASSEMBLY_DAYS
    return supplier["days"] + (0 if supplier["country"] in CUSTOMS_UNION else CUSTOMS_DAYS)
