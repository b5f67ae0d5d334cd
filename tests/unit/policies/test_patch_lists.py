"""The lists of what a patch may use say what the library itself says."""

import importlib
import inspect

from policies.patch import lists

CALLED = frozenset({"function", "func", "key", "memo", "mycmp", "predicate", "quote_via", "repl"})
"""Names of arguments that a function calls, or of which it calls methods."""


def _positions(module: str, name: str) -> list[int]:
    try:
        given = inspect.signature(getattr(importlib.import_module(module), name)).parameters.values()
    except (ValueError, TypeError, AttributeError):
        return []  # of the library's C code some have none, and some are of a newer Python
    return [
        place
        for place, one in enumerate(given)
        if one.name in CALLED and one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
    ]


def test_every_argument_that_is_called_is_known_by_its_place() -> None:
    found = {
        name: places[0]
        for module, names in lists.MODULES.items()
        for name in names
        if (places := _positions(module, name))
    }
    assert {"nlargest", "urlencode", "deepcopy"} <= found.keys()
    assert {name: lists.CALLING.get(name) for name in found} == found


def test_what_changes_its_argument_is_no_listed_method_of_a_class() -> None:
    assert not lists.MUTATING & {name for names in lists.MODULES.values() for name in names}
    assert {*lists.MODULES["heapq"], *lists.MODULES["bisect"]} >= lists.CHANGING
