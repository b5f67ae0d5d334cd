"""Small recordings, written file by file."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tools import recorded

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def nanos(seconds: float) -> str:
    """Nanoseconds of a time so many seconds after noon, as OTLP JSON writes them."""
    return str(int((NOON.timestamp() + seconds) * 1000) * 1_000_000)


def at(seconds: float) -> datetime:
    return NOON + seconds * SECOND


def attributes(given: Mapping[str, str]) -> list[Any]:
    return [{"key": key, "value": {"stringValue": value}} for key, value in given.items()]


def otlp(kind: str, items: str, *held: Mapping[str, Any], service: str = "orders", version: str = "v1") -> str:
    """One line of OTLP JSON: kind ``Spans``, ``Logs`` or ``Metrics``."""
    resource = {"attributes": attributes({"service.name": service, "service.version": version})}
    return json.dumps({f"resource{kind}": [{"resource": resource, f"scope{kind}": [{items: list(held)}]}]}) + "\n"


def written(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def world(folder: Path, files: Mapping[str, str], as_of: datetime | None = None) -> recorded.RecordedWorld:
    """The world that these files make."""
    return recorded.connect(recorded.address(written(folder, files), as_of))


def said(world: recorded.RecordedWorld) -> list[str]:
    """The sentences about what could not be read."""
    return [f"{gap.sought}: {gap.reason}" for gap in world.gaps()]
