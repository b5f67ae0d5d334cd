"""Compares answers: by shape with what was recorded, by value with what the base answers."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pydantic import JsonValue

from incident import capture


def of(body: JsonValue) -> frozenset[str]:
    """The shape of a body (``path:type``); whether a string, list or object is empty does not matter."""
    return frozenset(item.replace(":empty-", ":") for item in capture.shape(body, "body"))


def strange(body: JsonValue, seen: Iterable[JsonValue], asked: JsonValue = None) -> tuple[str, ...]:
    """Differences between a body's shape and those that were seen; empty when it is one of their kind.

    Every path must have been seen with its type, a null included, and every path that all of them have must be there.
    Items of a list are demanded only of bodies that have items in it.  Keys of a map, which vary among those that were
    seen, are data, and any key may take their place; a value that the request brought (`asked`) may come back as it is.
    """
    never, absent = unlike(body, known(seen), asked)
    return (*(f"{item} was never seen" for item in never), *(f"{path} is missing" for path in absent))


class Known(NamedTuple):
    """Shapes of answers that were seen, taken together once for many comparisons."""

    maps: frozenset[str]
    """Paths of objects whose keys are data."""
    seen: frozenset[str]
    """Every ``path:type`` that one of them has."""
    always: frozenset[str]
    """Paths that all of them have."""

    def beside(self, shape: Iterable[str]) -> "Known":
        """The same with one more shape that was seen."""
        more = frozenset(shape)
        return Known(self.maps, self.seen | more, self.always & _paths(more))


def known(seen: Iterable[JsonValue]) -> Known:
    """Return what these bodies have in common, and what one of them has."""
    others = list(seen)
    maps = _maps(others)
    shapes = [of(_plain(other, maps)) for other in others]
    always = frozenset.intersection(*(_paths(shape) for shape in shapes)) if shapes else frozenset()
    return Known(maps, frozenset[str]().union(*shapes), always)


def unlike(body: JsonValue, known: Known, asked: JsonValue = None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what was never seen in a body (``path:type``), and the paths that it lacks, as `strange` finds them."""
    _, never, absent = _compared(body, known, asked)
    return never, absent


def unlike_elsewhere(body: JsonValue, known: Known, asked: JsonValue = None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what `unlike` does, for a body that another process recorded than those that are known.

    A recorder gives names that its application's code does not say a stand-in, another one in each process, of the same
    length and kinds of characters (`tools/recorder`).  A name that came where such a one went is no difference.
    """
    here, never, absent = _compared(body, known, asked)
    gone = {_kinds_of_characters(item) for item in known.seen - here}
    come = {_kinds_of_characters(path) for path in _paths(here - known.seen)}
    return (
        tuple(item for item in never if _kinds_of_characters(item) not in gone),
        tuple(path for path in absent if _kinds_of_characters(path) not in come),
    )


def _compared(
    body: JsonValue, known: Known, asked: JsonValue
) -> tuple[frozenset[str], tuple[str, ...], tuple[str, ...]]:
    """The body's shape, what of it was never seen, and the paths that it lacks."""
    plain = _plain(body, known.maps)
    here = of(plain)
    never = here - known.seen - _brought(plain, asked)
    paths = _paths(here)
    absent = (path for path in known.always - paths if _demanded(path, paths))
    return here, tuple(sorted(never)), tuple(sorted(absent))


def _kinds_of_characters(path: str) -> str:
    """The path with one letter, one capital and one digit for all; its type stays."""
    names, mark, of_type = path.rpartition(":")
    if not mark:
        names = path
    plain = re.sub(r"[^\W\d_A-Z]", "a", re.sub(r"[A-Z]", "A", re.sub(r"\d", "0", names)))
    return f"{plain}{mark}{of_type if mark else ''}"


def _demanded(path: str, here: frozenset[str]) -> bool:
    """False below a list or a map that has nothing in it here."""
    for mark in ("[]", f".{_ANY}"):
        before, found, _ = path.partition(mark)
        if found and before + found not in here:
            return False
    return True


_ANY = "*"
"""Name of every key of a map."""


def _maps(bodies: list[JsonValue]) -> frozenset[str]:
    """Paths of objects whose keys vary among these bodies while all their values are of one shape."""
    keys: dict[str, list[frozenset[str]]] = {}
    values: dict[str, set[frozenset[str]]] = {}
    for path, item in (found for body in bodies for found in capture.nodes(body)):
        if isinstance(item, dict) and item:
            keys.setdefault(path, []).append(frozenset(item))
            values.setdefault(path, set()).update(of(value) for value in item.values())
    return frozenset(path for path, sets in keys.items() if len(set(sets)) > 1 and len(values[path]) == 1)


def _plain(body: JsonValue, maps: frozenset[str], path: str = "body") -> JsonValue:
    """The body with one name for all keys of a map; values that are alike fall together."""
    if isinstance(body, dict) and path in maps:
        inner = [_plain(item, maps, f"{path}.{_ANY}") for item in body.values()]
        distinct = {of(item): item for item in inner}
        # Values of several shapes are told apart, so that the strange one shows.
        return {_ANY + "'" * number: item for number, item in enumerate(distinct.values())}
    if isinstance(body, dict):
        return {key: _plain(item, maps, f"{path}.{key}") for key, item in body.items()}
    if isinstance(body, list):
        return [_plain(item, maps, f"{path}[]") for item in body]
    return body


def _brought(body: JsonValue, asked: JsonValue) -> frozenset[str]:
    """Shapes of the scalars of an answer that stand in the request under the same key, or as the same text or number."""
    given = set() if asked is None else set(_scalars(asked))
    loose = {(kind, value) for _, kind, value in given if value is not None and kind != "bool"}
    found = set()
    for path, item in _walk(body):
        key = path.rpartition(".")[2].replace("[]", "")
        if (key, type(item).__name__, item) in given or (type(item).__name__, item) in loose:
            found |= {f"{path}:{shape.rpartition(':')[2]}" for shape in of(item)}
    return frozenset(found)


def _scalars(value: JsonValue) -> Iterator[tuple[str, str, JsonValue]]:
    for path, item in _walk(value):
        yield path.rpartition(".")[2].replace("[]", ""), type(item).__name__, item


def _walk(value: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    """Scalars by path; items of a list share the path ``[]``."""
    return ((path, item) for path, item in capture.nodes(value) if not isinstance(item, dict | list))


def constants(bodies: Iterable[JsonValue]) -> dict[str, tuple[JsonValue, int]]:
    """Values at which all bodies that have a path agree, by path, each with the number of those bodies.

    Values are told apart by their JSON type, so that 1 and true are two; nulls are a matter of the shape.
    """
    counts: dict[str, int] = {}
    values: dict[str, set[tuple[bool, JsonValue]]] = {}
    for body in bodies:
        here: dict[str, set[tuple[bool, JsonValue]]] = {}
        for path, item in _walk(body):
            if item is not None:
                here.setdefault(path, set()).add(_told_apart(item))
        for path, found in here.items():
            counts[path] = counts.get(path, 0) + 1
            values.setdefault(path, set()).update(found)
    return {path: (next(iter(found))[1], counts[path]) for path, found in values.items() if len(found) == 1}


def moved(body: JsonValue, constants: Mapping[str, tuple[JsonValue, int]], asked: JsonValue = None) -> frozenset[str]:
    """Return the paths at which a body has another value than all the bodies that `constants` come from.

    A value that the request brought (`asked`) may come back as it is.
    """
    brought = _paths(_brought(body, asked))
    return frozenset(
        path
        for path, item in _walk(body)
        if item is not None
        and path in constants
        and path not in brought
        and _told_apart(item) != _told_apart(constants[path][0])
    )


def _told_apart(item: JsonValue) -> tuple[bool, JsonValue]:
    """A scalar that compares as JSON does: true is no 1."""
    return isinstance(item, bool), item


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
