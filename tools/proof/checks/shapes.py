"""Compares answers: by shape with what was recorded, by value with what the base answers."""

from collections.abc import Iterable

from pydantic import JsonValue

from incident import capture


def of(body: JsonValue) -> frozenset[str]:
    """The shape of a body (``path:type``); whether a string, list or object is empty does not matter."""
    return frozenset(item.replace(":empty-", ":") for item in capture.shape(body, "body"))


def strange(body: JsonValue, seen: Iterable[JsonValue]) -> tuple[str, ...]:
    """Differences between a body's shape and those that were seen; empty when it is one of their kind.

    Every path must have been seen with its type, a null included, and every path that all of them have must be there.
    Items of a list are demanded only of bodies that have items in it.
    """
    shapes = [of(other) for other in seen]
    found = of(body)
    known = frozenset[str]().union(*shapes)
    never = sorted(found - known)
    always = frozenset.intersection(*(_paths(shape) for shape in shapes)) if shapes else frozenset()
    here = _paths(found)
    absent = sorted(path for path in always - here if "[]" not in path or path.partition("[]")[0] + "[]" in here)
    return (*(f"{item} was never seen" for item in never), *(f"{path} is missing" for path in absent))


def _paths(shape: frozenset[str]) -> frozenset[str]:
    return frozenset(item.rpartition(":")[0] for item in shape)


def differing(left: JsonValue, right: JsonValue) -> frozenset[str]:
    """Paths at which two JSON values differ."""
    one, other = _leaves(left), _leaves(right)
    return frozenset(path for path in one.keys() | other.keys() if one.get(path, _NOTHING) != other.get(path, _NOTHING))


_NOTHING = ("nothing",)


def _leaves(value: JsonValue, path: str = "body") -> dict[str, tuple[str, JsonValue] | tuple[str]]:
    """Scalars and empty containers by path, each with its type: JSON's 1, 1.0 and true are three values."""
    if isinstance(value, dict) and value:
        parts = ((f"{path}.{key}", item) for key, item in value.items())
    elif isinstance(value, list) and value:
        parts = ((f"{path}[{index}]", item) for index, item in enumerate(value))
    else:
        return {path: (type(value).__name__, value)}
    found: dict[str, tuple[str, JsonValue] | tuple[str]] = {}
    for name, item in parts:
        found.update(_leaves(item, name))
    return found
