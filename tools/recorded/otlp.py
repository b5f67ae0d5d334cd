"""JSON mapping of OTLP (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding), as far as it is read here.

Keys are lowerCamelCase, ids hexadecimal, 64-bit numbers texts or numbers, enumerations numbers or their names.
"""

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pydantic import JsonValue

Object = Mapping[str, JsonValue]

RESOURCES = ("resourceSpans", "resourceLogs", "resourceMetrics")


class Scoped(NamedTuple):
    """One span, log record or metric with the attributes of its resource."""

    resource: dict[str, str]
    body: Object


def is_request(body: Object) -> bool:
    """True for an object that holds telemetry in OTLP's form."""
    return any(key in body for key in RESOURCES)


def items(body: Object, resources: str, scopes: str, inner: str) -> Iterator[Scoped]:
    """The spans, records or metrics of a request, such as ``resourceSpans``, ``scopeSpans``, ``spans``."""
    for one in objects(body.get(resources)):
        held = one.get("resource")
        resource = attributes(held.get("attributes")) if isinstance(held, dict) else {}
        for scope in objects(one.get(scopes)):
            for item in objects(scope.get(inner)):
                yield Scoped(resource, item)


def objects(value: JsonValue) -> Iterator[dict[str, JsonValue]]:
    """The objects in a list; nothing for anything else."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def attributes(value: JsonValue) -> dict[str, str]:
    """A list of attributes as texts; those without a plain value are left out."""
    found = {}
    for item in objects(value):
        key, text = item.get("key"), any_value(item.get("value"))
        if isinstance(key, str) and text is not None:
            found[key] = text
    return found


def any_value(value: JsonValue) -> str | None:
    """An attribute's or a body's value as text; lists are joined by commas.  None for anything else."""
    if not isinstance(value, dict):
        return None
    for kind in ("stringValue", "intValue", "doubleValue", "boolValue"):
        held = value.get(kind)
        if isinstance(held, bool):
            return "true" if held else "false"
        if isinstance(held, str | int | float):
            return str(held)
    inner = value.get("arrayValue")
    if isinstance(inner, dict):
        return ",".join(text for one in objects(inner.get("values")) if (text := any_value(one)) is not None)
    return None


def number(value: JsonValue) -> float | None:
    """A finite number, also one that is written as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def text(body: Object, key: str) -> str:
    """A text of an object; empty when it has none."""
    found = body.get(key)
    return found if isinstance(found, str) else ""


def choice(value: JsonValue, names: tuple[str, ...], prefix: str) -> str:
    """The name of an enumeration's value, given as its number or as ``PREFIX_NAME``; the first one for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names):
        return names[value]
    short = value.removeprefix(prefix).lower() if isinstance(value, str) else ""
    return short if short in names else names[0]
