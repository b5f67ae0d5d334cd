"""One item."""

import base64
from datetime import UTC, datetime
from typing import Any

ANONYMOUS = "anonymous"
"""Stands for an author that an item does not name."""

UNKNOWN_VIEWS = 0
"""For items whose views cannot be read as a number."""

DEFAULT_LANGUAGE = "en"


def key(item: dict[str, Any]) -> str:
    """What tells an item from others: its guid, which is a text or an object with the text in `value`."""
    guid = item["guid"]
    return guid["value"] if isinstance(guid, dict) else guid


def published(item: dict[str, Any]) -> datetime:
    """When an item was published (some partners call it `publishedAt`); a time without a zone is UTC."""
    text = item["publishedAt"] if "publishedAt" in item else item["published"]
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def author(item: dict[str, Any]) -> str:
    """The author's name; ANONYMOUS for an item that names none."""
    found = item.get("author")
    if found is None:
        return ANONYMOUS
    return found.get("name", ANONYMOUS)


def tag_line(item: dict[str, Any]) -> str:
    """The tags with commas between; some partners use numbers as tags."""
    return ", ".join(str(tag) for tag in item.get("tags", []))


def views(item: dict[str, Any]) -> int:
    """How often an item was seen; UNKNOWN_VIEWS when that cannot be read as a number."""
    try:
        return int(item.get("views", UNKNOWN_VIEWS))
    except ValueError:
        return UNKNOWN_VIEWS


def body(item: dict[str, Any]) -> str:
    """The text of an item, decoded when it came in base64."""
    text = item.get("text", "")
    if item.get("encoding") == "base64":
        text = base64.b64decode(text).decode()
    return text.strip() + "\n"
