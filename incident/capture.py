"""A request as the recorder wrote it down, with the answers that its downstream calls got.

The recorder keeps keys, types, nulls and lengths; values are type-preserving stand-ins unless the
service allow-lists the field.  Only the shape may reach a prompt, a record or a branch.
"""

from collections.abc import Iterator
from typing import Literal

from pydantic import AwareDatetime, JsonValue

from incident.value import Value


class Call(Value):
    """One outgoing call and the answer it got.  `host` is ``name:port`` as it was dialled."""

    method: str
    host: str
    path: str
    query: str = ""
    status: int | None = None
    """None when the call ended without an answer; then `error` says how."""
    body: JsonValue = None
    error: str | None = None


class LocalRead(Value):
    """A local read or a reading of the clock that went through the recorder's hook, in order."""

    name: str
    value: JsonValue


class Capture(Value):
    """One recorded request."""

    v: Literal[1] = 1
    at: AwareDatetime
    service: str
    version: str
    route: str
    """Method and path template, for example ``POST /orders/{id}``."""
    trace_id: str
    outcome: Literal["failed", "ok"]
    status: int
    exception: str | None = None
    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = {}
    body: JsonValue = None
    calls: tuple[Call, ...] = ()
    reads: tuple[LocalRead, ...] = ()
    response: JsonValue = None
    truncated: bool = False
    """True when something was cut at the size cap; then it is no reproduction."""


def shape(value: JsonValue, prefix: str = "") -> tuple[str, ...]:
    """The sorted ``path:type`` strings of a JSON value; list items share the path ``[]``.

    >>> shape({"a": None, "b": [1, 2]}, "body")
    ('body.a:null', 'body.b[]:number', 'body.b:list', 'body:object')
    """
    return tuple(sorted({f"{path}:{_type(item)}" for path, item in nodes(value, prefix)}))


def nodes(value: JsonValue, prefix: str = "body") -> Iterator[tuple[str, JsonValue]]:
    """Every value in a JSON value with its path, containers included; list items share the path ``[]``."""
    # A stack and no recursion: a recorded body may be nested deeper than Python recurses.
    stack: list[tuple[str, JsonValue]] = [(prefix, value)]
    while stack:
        path, item = stack.pop()
        yield path, item
        if isinstance(item, dict):
            stack.extend((f"{path}.{key}", child) for key, child in item.items())
        elif isinstance(item, list):
            stack.extend((f"{path}[]", child) for child in item)


def kind(value: JsonValue) -> str:
    """JSON's own name of a value's type."""
    match value:
        case None:
            return "null"
        # Before numbers: in Python a bool is an int.
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "list"
        case dict():
            return "object"


def _type(value: JsonValue) -> str:
    """The kind, and for text, lists and objects whether it is empty."""
    return f"empty-{kind(value)}" if isinstance(value, str | list | dict) and not value else kind(value)


def traits(capture: Capture) -> tuple[str, ...]:
    """Everything about a capture's shape that may tell it from another on the same route."""
    found = set(shape(capture.body, "body"))
    for call in capture.calls:
        where = f"{call.method} {call.path}"
        found.add(f"call {where}:{call.status if call.status is not None else call.error}")
        found.update(shape(call.body, f"answer {where}"))
    # Values of a query are stand-ins of the recorder, so only names can tell requests apart.
    found.update(f"query.{pair.split('=')[0]}:string" for pair in capture.query.split("&") if pair)
    return tuple(sorted(found))
