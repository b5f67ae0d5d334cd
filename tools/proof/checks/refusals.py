"""Refusals as right answers: requests that a service may answer with 4xx, and exceptions by which it says so."""

import ast
from collections import Counter
from collections.abc import Callable, Iterator

from incident.capture import Capture
from incident.remedy import Patch

Read = Callable[[str], str | None]
"""The text of a file of the tree by its path; None when there is none."""


def recorded(route: str, healthy: tuple[Capture, ...]) -> tuple[Capture, ...]:
    """Requests of a route that were refused (4xx) on purpose: nothing failed while they were answered."""
    return tuple(item for item in healthy if item.route == route and item.outcome == "ok" and 400 <= item.status < 500)


def raised(patch: Patch, read: Read) -> tuple[frozenset[str], frozenset[str]]:
    """Exception classes that a patch newly raises: the service's own, and all others.

    Own are those that the changed file raised before, or a file of the tree that it imports.
    """
    edit = next((item for item in patch.edits if item.path == patch.path), None)
    if edit is None or edit.before is None:
        return frozenset(), frozenset()
    before, after = _parsed(edit.before), _parsed(edit.after)
    if before is None or after is None:
        return frozenset(), frozenset()
    new = frozenset((Counter(_names(after)) - Counter(_names(before))).keys())
    imported = (tree for path in _imports(before) if (text := read(path)) and (tree := _parsed(text)))
    known = frozenset(name for tree in (before, *imported) for name in _names(tree))
    return new & known, new - known


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _names(tree: ast.AST) -> Iterator[str]:
    """Classes that are raised, by their last name; a bare ``raise`` raises what was caught."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Raise) or node.exc is None:
            continue
        what = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        match what:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield name
            case _:
                yield "?"


def _imports(tree: ast.Module) -> Iterator[str]:
    """Paths of the files that a module imports by an absolute name, as far as the names tell."""
    for node in ast.walk(tree):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [item.name for item in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules = [node.module, *(f"{node.module}.{item.name}" for item in node.names)]
        for module in modules:
            path = module.replace(".", "/")
            yield f"{path}.py"
            yield f"{path}/__init__.py"
