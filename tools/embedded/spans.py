"""Parses one line of a span file into a `Span`."""

from pydantic import JsonValue, ValidationError

from incident.evidence import Span
from tools import text
from tools.embedded import lines
from tools.secrets import redaction

MAX_ATTRIBUTES = 32
"""Attributes of one span that are kept, the first by name."""

_TEXT = ("trace_id", "span_id", "parent_id", "name")
_OLD: dict[str, tuple[str, type]] = {"peer": ("peer.service", str), "status": ("http.response.status_code", int)}
"""Keys of lines without attributes: the name that OpenTelemetry has for them, and their type."""


def read(body: dict[str, JsonValue], file: lines.File) -> Span | None:
    """The line's span; None when it is malformed or names another service or version than its file."""
    if (body.get("service"), body.get("version")) != (file.service, file.version):
        return None
    clean = dict(body) if "attributes" in body else _renamed(body)
    for key in _TEXT:
        value = clean.get(key)
        if isinstance(value, str):
            clean[key] = _clean(value) or None
    clean["attributes"] = _attributes(clean.get("attributes"))
    try:
        return Span.model_validate(clean)
    except ValidationError:
        return None


def _renamed(body: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """A line of a world that writes `error`, `peer` and the HTTP status as keys of their own."""
    rest = {key: value for key, value in body.items() if key not in (*_OLD, "error")}
    if not isinstance(body.get("error"), bool):
        return body
    attributes = {name: body[key] for key, (name, kind) in _OLD.items() if isinstance(body.get(key), kind)}
    return {**rest, "status": "error" if body["error"] else "unset", "attributes": attributes}


def _attributes(said: JsonValue) -> JsonValue:
    if not isinstance(said, dict):
        return said
    known = {_clean(key): _clean(value) for key, value in sorted(said.items())[:MAX_ATTRIBUTES] if _scalar(value)}
    return {key: value for key, value in known.items() if key}


def _scalar(value: JsonValue) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _clean(value: JsonValue) -> str:
    return redaction.redact_text(text.normalise(str(value), 200))
