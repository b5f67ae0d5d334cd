"""Requests beside the failing one: what sets it apart from the successes of its route is replaced by values they have.

An empty value, one that nobody knows, the number that a text spells, the default that the source itself names for a key:
what the service answers then tells what it does with values that say nothing, and that is what a mended request is
compared with.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pydantic import JsonValue

from incident import capture
from incident.capture import Capture
from tools.proof.checks import bodies

MOST = 12
"""Neighbours that are asked."""

NOBODYS = "nobodysvalue"
"""A text that no service knows."""


class Neighbour(NamedTuple):
    """A request beside the failing one: at one path there is another value."""

    capture: Capture
    path: str
    was: str
    """The values that were there, as JSON; empty: nothing was."""
    now: JsonValue
    tells: bool
    """False for an empty value: a patch that puts one in the place of what is odd is answered like it by itself.

    In an item of a list only the same value in another kind, or the source's own default, tells: the item may as well
    be left out.
    """

    @property
    def said(self) -> str:
        """The difference in words."""
        return f"{self.path} = {json.dumps(self.now)}"[:120]


def of(
    failing: Capture, healthy: tuple[Capture, ...], defaults: Mapping[str, JsonValue] | None = None
) -> tuple[Neighbour, ...]:
    """At most `MOST` neighbours; none where the shape of the request is one that succeeds elsewhere.

    `defaults` are those that the mended source names for keys that are not there.
    """
    good = [item.body for item in healthy if item.route == failing.route and item.outcome == "ok" and item.status < 400]
    found = (*_of_another_kind(failing, good), *_without(failing, good, defaults or {})) if good else ()
    distinct = {neighbour.capture.canonical(): neighbour for neighbour in found}
    return tuple(distinct.values())[:MOST]


def _of_another_kind(failing: Capture, good: list[JsonValue]) -> Iterator[Neighbour]:
    """Values whose kind no success has at their path."""
    known: defaultdict[str, list[JsonValue]] = defaultdict(list)
    for path, value in (node for body in good for node in capture.nodes(body)):
        known[path].append(value)
    for path, odd in capture.nodes(failing.body):
        seen = known.get(path, [])
        if not seen or capture.kind(odd) in map(capture.kind, seen):
            continue
        # The same value in the kind that is known says more than any that says nothing.
        spelt = tuple(_spelt(odd, seen))
        for now in spelt or (*_empty(seen), *_unknown(seen)):
            body = bodies.mapped(
                failing.body,
                lambda at, value: now if at == path and value == odd else value,  # noqa: B023 (used at once)
            )
            tells = bool(spelt) or _says_nothing(path, now)
            yield Neighbour(failing.model_copy(update={"body": body}), path, json.dumps(odd), now, tells)


def _without(failing: Capture, good: list[JsonValue], defaults: Mapping[str, JsonValue]) -> Iterator[Neighbour]:
    """Keys that every object of the successes has at its path, and one of the failing request's has not."""
    held: dict[str, set[str]] = {}
    values: defaultdict[str, list[JsonValue]] = defaultdict(list)
    for path, item in (node for body in good for node in capture.nodes(body)):
        if isinstance(item, dict):
            held[path] = held[path] & item.keys() if path in held else set(item)
            for key, value in item.items():
                values[f"{path}.{key}"].append(value)
    for path, item in capture.nodes(failing.body):
        if not isinstance(item, dict):
            continue
        for key in sorted(held.get(path, set()) - item.keys()):
            seen = values[f"{path}.{key}"]
            # What the source itself takes in its place says more than any value that says nothing.
            named = key in defaults and capture.kind(defaults[key]) in map(capture.kind, seen)
            for now in (defaults[key],) if named else (None, *_empty(seen), *_unknown(seen)):
                body = bodies.mapped(
                    failing.body,
                    lambda at, value: (
                        {**value, key: now}  # noqa: B023 (used at once)
                        if at == path and isinstance(value, dict) and key not in value  # noqa: B023 (the same)
                        else value
                    ),
                )
                tells = named or _says_nothing(path, now)
                yield Neighbour(failing.model_copy(update={"body": body}), f"{path}.{key}", "", now, tells)


def _spelt(odd: JsonValue, seen: list[JsonValue]) -> Iterator[JsonValue]:
    """The number that a text spells, or the text of a number, where successes have that kind."""
    kinds = set(map(capture.kind, seen))
    if isinstance(odd, str) and "number" in kinds:
        try:
            number = float(odd)
        except ValueError:
            return
        yield int(number) if number.is_integer() else number
    elif isinstance(odd, int | float) and not isinstance(odd, bool) and "string" in kinds:
        yield str(odd)


_EMPTY: dict[str, JsonValue] = {"number": 0, "string": "", "list": [], "object": {}}


def _empty(seen: list[JsonValue]) -> Iterator[JsonValue]:
    """The empty value of each kind that was seen."""
    return (_EMPTY[kind] for kind in sorted(set(map(capture.kind, seen))) if kind in _EMPTY)


def _unknown(seen: list[JsonValue]) -> Iterator[JsonValue]:
    """Values of the kinds that were seen that say nothing: every text is one that nobody knows, every number is zero.

    A yes or no always says something, so what holds one is no such value.
    """
    for kind in ("string", "object"):
        known = next((item for item in seen if capture.kind(item) == kind), None)
        if known is not None and not any(isinstance(inner, bool) for _, inner in capture.nodes(known)):
            yield bodies.mapped(known, _nobodys)


def _says_nothing(path: str, now: JsonValue) -> bool:
    return "[]" not in path and any(inner == NOBODYS for _, inner in capture.nodes(now))


def _nobodys(_: str, value: JsonValue) -> JsonValue:
    match value:
        case str():
            return NOBODYS
        case int() | float():
            return 0
        case _:
            return value
