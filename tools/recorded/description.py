"""``recording.toml``: what the exports of a recording do not say of themselves."""

import tomllib
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import AwareDatetime, Field, ValidationError

from incident.series import SeriesKind
from incident.value import Value
from tools.recorded.files import Files, first

NAME = "recording.toml"

_TRIES = 100
"""Keys that are refused one by one before the whole file is."""


class Services(Value):
    """Names of services in telemetry."""

    labels: tuple[str, ...] = ("service.name", "service_name", "service", "job", "app", "app.kubernetes.io/name")
    versions: tuple[str, ...] = ("service.version", "service_version", "version", "app.kubernetes.io/version")
    only: tuple[str, ...] = ()
    names: dict[str, str] = {}


class Golden(Value):
    """Series that are the golden ones, as ``NAME`` or ``NAME{label="value"}``; empty: the usual names are looked for."""

    requests: str = ""
    errors: str = ""
    latency: str = ""
    error_ratio: str = ""
    p50_ms: str = ""
    p99_ms: str = ""
    memory_bytes: str = ""
    cpu_seconds: str = ""


class Rule(Value):
    """A rule, or what the rule file does not say of one."""

    alert: str
    service: str = ""
    value: str = ""
    expression: str = ""
    comparison: Literal[">", ">=", "<", "<=", ""] = ""
    threshold: float | None = None
    window_seconds: float | None = None
    for_seconds: float | None = None
    labels: dict[str, str] = {}


class Fields(Value):
    """Names of the fields of a log line that is plain JSON; empty: the usual names are looked for."""

    time: str = ""
    service: str = ""
    version: str = ""
    level: str = ""
    message: str = ""
    trace_id: str = ""
    stack: str = ""
    exception: str = ""


class Ran(Value):
    """A version that ran."""

    service: str
    name: str
    commit: str = ""
    weight: int = Field(default=100, ge=0, le=100)
    ready: bool = True
    started_at: AwareDatetime | None = None
    config: dict[str, str] = {}


class Description(Value):
    """Everything that the file says; an empty one where there is none."""

    as_of: AwareDatetime | None = None
    step_seconds: float | None = Field(default=None, gt=0)
    services: Services = Services()
    series: Golden = Golden()
    kinds: dict[str, SeriesKind] = {}
    files: dict[str, dict[str, str]] = {}
    rules: tuple[Rule, ...] = ()
    logs: Fields = Fields()
    versions: tuple[Ran, ...] = ()


def load(files: Files) -> Description:
    """Read the file; what cannot be used of it gets a sentence each, and the rest is used."""
    whole = files.content(NAME) if files.has(NAME) else None
    if whole is None:
        return Description()
    try:
        given: Any = _zoned(tomllib.loads(whole))
    except (ValueError, RecursionError) as error:
        files.troubles.say(NAME, f"it is no TOML: {error}")
        return Description()
    for _ in range(_TRIES):
        try:
            return Description.model_validate(given)
        except ValidationError as error:
            files.troubles.say(NAME, first(error))
            _drop(given, error.errors()[0]["loc"])
    return Description()


def _zoned(value: Any) -> Any:
    """The value with every time in it in UTC where it has no zone."""
    match value:
        case datetime() if value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        case dict():
            return {key: _zoned(item) for key, item in value.items()}
        case list():
            return [_zoned(item) for item in value]
    return value


def _drop(given: dict[str, Any], place: tuple[int | str, ...]) -> None:
    """Take out the part of a document that was refused: of a list the whole entry, and a missing key with its table."""
    holder: Any = given
    key: Any = place[0]
    for number, step in enumerate(place[:-1]):
        inner = holder[step]
        following = place[number + 1]
        if not isinstance(inner, dict) or following not in inner:
            key = following if isinstance(inner, list) else step
            holder = inner if isinstance(inner, list) else holder
            break
        holder, key = inner, following
    del holder[key]
