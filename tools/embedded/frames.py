"""Reads what a service of the embedded world logs of an exception: frames one by one, or the text of the stack.

Text of any language is read by :mod:`tools.frames`; what was logged in parts is made harmless and bounded there as well.
"""

from typing import get_args

from pydantic import JsonValue

from incident.stacks import Relation
from tools.frames import lines, python, reading, trace
from tools.frames.trace import Call, Found, Raised, Trace


def logged(exception: JsonValue) -> Trace | None:
    """The exception of a log line, from an object or from the text of a stack; None where nothing was raised.

    What the object says of class and message wins over the text of its stack.
    """
    if isinstance(exception, str):
        return _read(exception)
    if not isinstance(exception, dict):
        return None
    parts = trace.of(None, Found(0, _raised(exception), _behind(exception.get("chain"))))
    stack = exception.get("stack")
    read = _read(stack) if isinstance(stack, str) else None
    if read is None:
        return parts
    said = {"exception": parts.exception or read.exception, "message": parts.message or read.message}
    return read.model_copy(update=said)


def _read(stack: str) -> Trace | None:
    return next(iter(reading.traces(stack)), None)


def _behind(chain: JsonValue) -> list[tuple[Relation, Raised]]:
    """The exceptions behind one, the nearest first; malformed ones are left out."""
    items = chain[: trace.MAX_BEHIND] if isinstance(chain, list) else []
    return [(_relation(item.get("relation")), _raised(item)) for item in items if isinstance(item, dict)]


def _relation(said: JsonValue) -> Relation:
    return next((one for one in get_args(Relation) if one == said), "context")


def _raised(said: dict[str, JsonValue]) -> Raised:
    """Class, message and calls; malformed calls are left out."""
    stack = said.get("stack")
    items = stack[-trace.MAX_CALLS :] if isinstance(stack, list) else []
    calls = [call for call in map(_call, items) if call is not None]
    return Raised(_text(said, "type"), _text(said, "message"), python.enclosed(calls))


def _call(item: JsonValue) -> Call | None:
    if not isinstance(item, dict) or not isinstance(line := item.get("line"), int):
        return None
    if not isinstance(item.get("file"), str) or not isinstance(item.get("function"), str):
        return None
    return Call(_text(item, "file"), max(line, 0), _text(item, "function"), _text(item, "code"))


def _text(said: dict[str, JsonValue], key: str) -> str:
    value = said.get(key)
    return value[: lines.MAX_LINE] if isinstance(value, str) else ""
