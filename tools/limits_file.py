"""Reads a file of limits (TOML) as plain data; the limits themselves check what it means."""

import json
import math
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path

from pydantic import JsonValue, TypeAdapter

from incident.errors import BadInput

FIELD = "SUTURE_LIMITS"
MAX_BYTES = 256 * 1024

_TABLE: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


def read(path: Path) -> dict[str, JsonValue]:
    """The file as JSON data, times as ISO 8601 text.  Raises BadInput."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInput(FIELD, str(path), f"name a TOML file that can be read ({error.strerror})") from error
    if len(content) > MAX_BYTES:
        raise BadInput(FIELD, str(path), f"name a file of at most {MAX_BYTES} bytes")
    try:
        parsed = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput(FIELD, str(path), f"correct its TOML: {error}") from error
    _finite(parsed, "")
    return _TABLE.validate_python(json.loads(json.dumps(parsed, default=_text)))


def _text(value: object) -> str:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    raise TypeError(f"TOML holds no {type(value).__name__}")


def _finite(value: object, place: str) -> None:
    """Raise BadInput for NaN and infinity: JSON knows neither, and no limit may be either."""
    if isinstance(value, float) and not math.isfinite(value):
        raise BadInput(f"{place.strip('.')} ({FIELD})", value, "use a finite number")
    items: Mapping[object, object] = (
        value if isinstance(value, dict) else dict(enumerate(value)) if isinstance(value, list) else {}
    )
    for key, item in items.items():
        _finite(item, f"{place}.{key}")
