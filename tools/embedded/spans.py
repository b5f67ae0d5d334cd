"""Parses one line of a span file into a `Span`."""

from pydantic import JsonValue, ValidationError

from incident.evidence import Span
from tools import text
from tools.embedded import lines
from tools.secrets import redaction

_TEXT = ("trace_id", "span_id", "parent_id", "name", "peer")


def read(body: dict[str, JsonValue], file: lines.File) -> Span | None:
    """The line's span; None when it is malformed or names another service or version than its file."""
    if (body.get("service"), body.get("version")) != (file.service, file.version):
        return None
    clean: dict[str, JsonValue] = dict(body)
    for key in _TEXT:
        value = clean.get(key)
        if isinstance(value, str):
            clean[key] = redaction.redact_text(text.normalise(value, 200)) or None
    try:
        return Span.model_validate(clean)
    except ValidationError:
        return None
