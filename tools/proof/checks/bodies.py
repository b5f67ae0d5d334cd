"""Changes and compares JSON bodies; paths are those of `incident.capture.nodes`."""

from collections.abc import Callable

from pydantic import JsonValue

from incident import capture

DEEPEST = 40
"""Depth from which on a body is left as it is."""


def mapped(body: JsonValue, change: Callable[[str, JsonValue], JsonValue], path: str = "body") -> JsonValue:
    """The body with every value as `change` gives it, the inner ones first."""
    if path.count(".") + path.count("[]") > DEEPEST:
        return body
    inner: JsonValue = body
    if isinstance(body, dict):
        inner = {key: mapped(item, change, f"{path}.{key}") for key, item in body.items()}
    elif isinstance(body, list):
        inner = [mapped(item, change, f"{path}[]") for item in body]
    return change(path, inner)


def same(one: JsonValue, other: JsonValue) -> bool:
    """True for equal values of one kind: in Python a bool is a number."""
    return capture.kind(one) == capture.kind(other) and one == other
