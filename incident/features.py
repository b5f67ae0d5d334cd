"""Features of a recorded request that may set it apart from others of its route.  Pure.

Beside the shape that :func:`incident.capture.traits` tells, these look at what values are like: few-valued ones as
they are, numbers by sign and by power of ten, texts by class of length and by form.  Each is a text
``where|kind|value``.  A value that the recorder replaced by a stand-in keeps its type, form and length, so it tells
what can be told of it.
"""

import math
import re
from collections.abc import Iterator

from pydantic import JsonValue

from incident import capture
from incident.capture import Capture

MAX_VALUE = 32
"""Characters up to which a text is a value of its own; longer ones are told by length and form only."""

ANSWER = "answer"
"""First word of a feature of what a callee answered with success: ``answer GET /orders/{} body.total|type|null``."""

REFUSED, FAILED = 400, 500
"""Least statuses of calls that were refused, and of those that failed."""

MAX_NODES = 400
"""Values of one body that are looked at; a recorded body may hold thousands."""

FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("date", re.compile(r"\d{4}-\d\d-\d\d")),
    ("instant", re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?")),
    ("uuid", re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")),
    ("digits", re.compile(r"[+-]?\d+")),
    ("decimal", re.compile(r"[+-]?\d+[.,]\d+")),
    ("word", re.compile(r"[^\W\d_]+")),
    ("name", re.compile(r"[\w.-]+")),
)
"""Forms of a text that are told apart, the first that the whole text has."""

_PART = re.compile(r"(?=[^/]*\d)[^/]{1,64}|[0-9a-fA-F-]{16,64}")
"""A part of a path that is an id: it has a digit, or is long and hexadecimal."""


def of(request: Capture) -> tuple[str, ...]:
    """The features of a request, sorted: of its body, its query, the calls that did not fail and their answers."""
    found = set(_of_json("body", request.body))
    found.update(f"query.{pair.split('=')[0]}|key|" for pair in request.query.split("&") if pair)
    for call in request.calls:
        # What a failed call answered tells of the failure, and nothing of the kind of request.
        if call.status is not None and call.status < FAILED:
            where = f"{call.method} {templated(call.path)}"
            found.add(f"call {where}|status|{call.status}")
            found.update(_of_json(f"{ANSWER} {where} body", call.body) if call.status < REFUSED else ())
    return tuple(sorted(found))


def templated(path: str) -> str:
    """A path with every part that is an id replaced.

    >>> templated("/orders/1729/lines/7f3a2c9e-1b2c-4d5e-8f90-a1b2c3d4e5f6")
    '/orders/{}/lines/{}'
    """
    return "/".join("{}" if _PART.fullmatch(part) else part for part in path.split("/"))


def _of_json(prefix: str, value: JsonValue) -> Iterator[str]:
    for count, (path, item) in enumerate(capture.nodes(value, prefix)):
        if count >= MAX_NODES:
            return
        yield f"{path}|type|{capture.kind(item)}"
        yield from _of_value(path, item)


def _of_value(path: str, item: JsonValue) -> Iterator[str]:
    match item:
        case None:
            return
        case bool():
            yield f"{path}|value|{str(item).lower()}"
        case int() | float():
            yield f"{path}|sign|{_sign(item)}"
            yield f"{path}|size|{_size(item)}"
            yield f"{path}|value|{item:g}"
        case str():
            yield f"{path}|length|{_length(len(item))}"
            yield f"{path}|form|{_form(item)}"
            if 0 < len(item) <= MAX_VALUE:
                yield f"{path}|value|{item}"
        case list() | dict():
            yield f"{path}|length|{_length(len(item))}"


def _sign(value: float) -> str:
    return "zero" if value == 0 else "negative" if value < 0 else "positive"


def _size(value: float) -> str:
    """Power of ten of a number, and whether it is whole: ``e2`` for 100 to 999."""
    if value == 0 or not math.isfinite(value):
        return "e0"
    whole = "" if float(value).is_integer() else " with a fraction"
    return f"e{math.floor(math.log10(abs(value)))}{whole}"


def _length(count: int) -> str:
    """Class of a length: 0, 1, and powers of two."""
    return str(count) if count < 2 else f"{2 ** (count.bit_length() - 1)}+"


def _form(value: str) -> str:
    if not value:
        return "empty"
    if not value.isascii():
        return "beyond ASCII"
    return next((name for name, pattern in FORMS if pattern.fullmatch(value)), "text")
