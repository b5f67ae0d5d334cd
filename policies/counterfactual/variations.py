"""Kinds of variations: a number, one value for another, and any other edit of the facts."""

import math
from collections.abc import Callable
from typing import Any, TypeVar

from incident.value import Value
from policies.counterfactual.counterfactuals import Variation

F = TypeVar("F", bound=Value)
P = TypeVar("P", bound=Value)


def number(
    name: str,
    path: str,
    least: int,
    most: int,
    *,
    step: float = 1,
    shown: Callable[[float], str] = lambda value: f"{value:g}",
) -> Variation[Any]:
    """Return the variation of a number at a dotted path, along the multiples of `step` from `least` to `most` steps.

    It cannot be turned while the path leads to None.
    """

    def place(facts: Value) -> float | None:
        value = at(facts, path)
        return None if value is None else round(float(str(value)) / step, 6)

    def span(facts: Value) -> tuple[int, int]:
        here = place(facts)
        return (0, 0) if here is None else (min(0, least - math.ceil(here)), max(0, most - math.floor(here)))

    def turn(facts: F, steps: int) -> F:
        here = place(facts)
        if here is None:
            return facts
        grid = (math.floor(here) if steps > 0 else math.ceil(here)) + steps
        return put(facts, path, grid if step == 1 else round(grid * step, 9))

    def said(facts: Value) -> str:
        value = at(facts, path)
        return "unknown" if value is None else shown(float(str(value)))

    return Variation(name=name, range=span, turn=turn, shown=said)


def option(name: str, path: str, value: object, said: str, otherwise: Callable[[Any], str] = str) -> Variation[Any]:
    """Return the variation that puts one value for another; it cannot be turned where the value is there already."""

    def change(facts: Value) -> Value | None:
        return None if not there(facts, path) or at(facts, path) == value else put(facts, path, value)

    def words(facts: Value) -> str:
        found = at(facts, path)
        return said if found == value else otherwise(found)

    return _once(name, change, words)


def edit(name: str, change: Callable[[F], F | None], before: str, after: str) -> Variation[F]:
    """Return the variation that any function makes of the facts; it cannot be turned when `change` gives None."""
    return _once(name, change, lambda facts: before if change(facts) is not None else after)


def changed(facts: F, *, when: object, **values: object) -> F | None:
    """Return the facts with other values, or None when there is nothing to change: for `edit`."""
    return facts.model_copy(update=values) if when else None


def switches(path: str) -> tuple[Variation[Any], ...]:
    """Variations of the kill switch, the abort and the pause of a `Control` at a path, set and not set."""
    return tuple(
        option(name, f"{path}.{field}", value, said, lambda found: "set" if found else "not set")
        for field, name in (("stop_all", "kill switch"), ("aborted", "abort"), ("paused", "pause"))
        for value, said in ((True, "set"), (False, "not set"))
    )


def within(field: str, variation: Variation[Any]) -> Variation[Any]:
    """Return the variation of one part of larger facts."""
    return Variation(
        name=variation.name,
        range=lambda facts: variation.range(getattr(facts, field)),
        turn=lambda facts, steps: put(facts, field, variation.turn(getattr(facts, field), steps)),
        shown=lambda facts: variation.shown(getattr(facts, field)),
    )


def _once(name: str, change: Callable[[Any], Any], shown: Callable[[Any], str]) -> Variation[Any]:
    def turn(facts: Any, _steps: int) -> Any:
        changed = change(facts)
        return facts if changed is None else changed

    return Variation(name=name, range=lambda facts: (0, int(change(facts) is not None)), turn=turn, shown=shown)


def there(facts: Value, path: str) -> bool:
    """True when every value on the way exists."""
    head, _, tail = path.partition(".")
    found = getattr(facts, head, None)
    if not tail:
        return head in type(facts).model_fields
    return isinstance(found, Value) and there(found, tail)


def at(facts: Value, path: str) -> object:
    """Return the value at a dotted path; None where the way ends early."""
    found: object = facts
    for name in path.split("."):
        found = getattr(found, name, None)
    return found


def put(facts: F, path: str, value: object) -> F:
    """Return the facts with another value at a dotted path."""
    head, _, tail = path.partition(".")
    return facts.model_copy(update={head: put(getattr(facts, head), tail, value) if tail else value})
