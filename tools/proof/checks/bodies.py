"""Values of a JSON body by path; items of a list share the path ``[]``."""

from collections.abc import Callable, Iterator

from pydantic import JsonValue

DEEPEST = 40
"""Depth from which on a body is left as it is."""


def nodes(body: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    """Every value with its path, containers included."""
    stack = [("body", body)]
    while stack:
        path, item = stack.pop()
        yield path, item
        if isinstance(item, dict):
            stack.extend((f"{path}.{key}", child) for key, child in item.items())
        elif isinstance(item, list):
            stack.extend((f"{path}[]", child) for child in item)


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


def kind(value: JsonValue) -> str:
    """JSON's own name of a value's type."""
    match value:
        case None:
            return "null"
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


def same(one: JsonValue, other: JsonValue) -> bool:
    """True for equal values of one kind: in Python a bool is a number."""
    return kind(one) == kind(other) and one == other
