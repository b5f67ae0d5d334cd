"""Several items together."""

from datetime import datetime
from typing import Any

from services.feeds import items


def distinct(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items without repeats, the first of each kept."""
    seen = set()
    kept = []
    for item in found:
        if items.key(item) not in seen:
            seen.add(items.key(item))
            kept.append(item)
    return kept


def newest(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items, the newest first."""
    return sorted(found, key=items.published, reverse=True)


def by_rank(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items by rank, the lowest first; those without a rank come last."""
    return sorted(found, key=lambda item: (item.get("rank") is None, item.get("rank") or 0))


def since(found: list[dict[str, Any]], start: str) -> list[dict[str, Any]]:
    """The items published at a time (ISO, UTC without a zone) or later."""
    first = items.published({"published": start})
    return [item for item in found if items.published(item) >= first]


def mean_views(found: list[dict[str, Any]]) -> int:
    """Views of an item on average, rounded down; UNKNOWN_VIEWS for no items."""
    if not found:
        return items.UNKNOWN_VIEWS
    return sum(items.views(item) for item in found) // len(found)


def header(found: list[dict[str, Any]], latest: datetime | None) -> str:
    """The first line of a digest: how many items, and the day of the latest one when there is one."""
    if latest is None:
        return f"{len(found)} items"
    return f"{len(found)} items until {latest.date().isoformat()}"
