"""Names and uses of a file before a patch: the origin of each name, and the attributes and calls of each object.

A use has a text as its key, such as ``import json.loads`` or ``local customer.coupon``: the binding that the first
name means at its place, and the chain of attributes as it is written.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from policies.patch import lists, scopes, text
from policies.patch.scope import Function
from policies.patch.scopes import Place, Position, Scope

_ALIKE: Mapping[Position, tuple[Position, ...]] = {
    "value": ("value", "base"),
    "base": ("value", "base"),
    "call": ("call",),
    "raise": ("raise", "class"),
    "class": ("class", "raise", "call", "value"),
}
"""Purposes that allow each purpose; comparing a value with a class calls nothing, so any use of it is enough."""


def chain(node: ast.AST) -> tuple[str, tuple[str, ...]] | None:
    """Return the name and the attributes of ``a.b.c``; None for an expression that does not begin with a name."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    return (node.id, tuple(reversed(attributes))) if isinstance(node, ast.Name) else None


@dataclass(frozen=True)
class Names:
    """Meanings of a file's names when no scope of the patched function binds them."""

    bound: Scope
    functions: Mapping[str, list[Function]]
    """All functions and methods by name."""
    classes: Mapping[str, list[ast.ClassDef]]
    assigned: Mapping[str, list[ast.expr]]
    """Values that are bound to a name at the top level."""
    members: Mapping[str, frozenset[str]]
    """Attributes that each class of the file defines."""
    attributes: frozenset[str]
    """Attributes of all classes of the file."""

    def meaning(self, name: str, place: Place) -> tuple[str, tuple[str, ...]]:
        """Origin of a name (``local``, ``import``, ``file`` or ``language``), and its imported paths."""
        local = place.local(name)
        if local is not None:
            return ("import", tuple(sorted(local))) if local else ("local", ())
        if name in self.bound:
            paths = tuple(sorted(self.bound[name]))
            return ("import", paths) if paths else ("file", ())
        return "language", ()

    def paths(self, place: Place) -> tuple[str, ...]:
        """Imported paths of a name or chain; empty when it does not begin with an imported name."""
        found = chain(place.node)
        paths = self.meaning(found[0], place)[1] if found else ()
        return tuple(".".join((path, *found[1])) for path in paths if found)

    def key(self, place: Place) -> str:
        """Key of a use; the same key means the same binding and the same chain of attributes."""
        found = chain(place.node)
        if found is None:
            return f"expression {text.unparse(place.node)}"
        origin, paths = self.meaning(found[0], place)
        return f"{origin} {'.'.join(('|'.join(paths) or found[0], *found[1]))}"


def names(module: ast.Module, function: Function) -> Names:
    """Return the names of a file, as one of its functions sees them."""
    functions: dict[str, list[Function]] = {}
    classes: dict[str, list[ast.ClassDef]] = {}
    bound = dict(scopes.bound(module))
    for outer in _around(module, function):
        bound |= scopes.bound(outer)
    for node in ast.walk(module):
        if isinstance(node, Function):
            functions.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.ClassDef):
            classes.setdefault(node.name, []).append(node)
    assigned: dict[str, list[ast.expr]] = {}
    for statement in module.body:
        for name, value in _assignments(statement):
            assigned.setdefault(name, []).append(value)
    members = {name: frozenset(one for item in items for one in _defined(item)) for name, items in classes.items()}
    every = frozenset[str]().union(*members.values())
    return Names(bound, functions, classes, assigned, members, every)


def _around(module: ast.Module, function: Function) -> list[Function]:
    """Functions around another one, outermost first."""
    waiting: list[tuple[ast.AST, list[Function]]] = [(module, [])]
    while waiting:
        node, around = waiting.pop()
        if node is function:
            return around
        inner = [*around, node] if isinstance(node, Function) else around
        waiting += [
            (child, inner)
            for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.stmt | ast.match_case | ast.excepthandler)
        ]
    return []


def _assignments(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        yield from ((target.id, statement.value) for target in targets if isinstance(target, ast.Name))


def _defined(kind: ast.ClassDef) -> Iterator[str]:
    """Names that a class gives its objects: methods, fields, and attributes that its methods write to ``self``."""
    for statement in kind.body:
        for node in ast.walk(statement) if isinstance(statement, ast.Assign | ast.AnnAssign) else [statement]:
            yield from (name for name, _ in scopes.binds(node))
        if isinstance(statement, Function) and statement.args.args:
            own = statement.args.args[0].arg
            for node in ast.walk(statement):
                found = chain(node) if isinstance(getattr(node, "ctx", None), ast.Store) else None
                if found and found[0] == own and len(found[1]) == 1:
                    yield found[1][0]


def pure(known: Names, place: Place) -> bool:
    """True when a name or chain is a listed part of modules that only compute, by each of its imports."""
    found = chain(place.node)
    if found is None:
        return False
    origin, paths = known.meaning(found[0], place)
    return origin == "import" and all(_listed((*path.split("."), *found[1])) for path in paths)


def changing(known: Names, place: Place) -> bool:
    """True for a listed function that changes its first argument."""
    return pure(known, place) and any(path.rpartition(".")[2] in lists.CHANGING for path in known.paths(place))


def _listed(path: tuple[str, ...]) -> bool:
    # The longest module first: `collections.abc` has a list of its own.
    for at in range(len(path) - 1, 0, -1):
        listed = lists.MODULES.get(".".join(path[:at]))
        if listed is not None:
            return path[at] in listed and set(path[at + 1 :]) <= lists.ATTRIBUTES - lists.MUTATING
    return False


@dataclass(frozen=True)
class Uses:
    """Names, attributes and calls that a function or a file uses."""

    keys: frozenset[tuple[Position, str]]
    attributes: frozenset[str]
    """Attributes that are read of anything but what is imported."""
    calls: Mapping[str, list[ast.Call]]
    """Calls by the key of what is called."""

    def shows(self, place: Place, known: Names) -> bool:
        """True when the same name is used here for the same purpose."""
        key = known.key(place)
        return any((position, key) in self.keys for position in _ALIKE[place.position])


def uses(found: Iterable[Place], known: Names) -> Uses:
    """Collect the uses at some places."""
    keys: set[tuple[Position, str]] = set()
    attributes: set[str] = set()
    calls: dict[str, list[ast.Call]] = {}
    for place in found:
        node = place.node
        if isinstance(node, ast.Call):
            key = known.key(place.at(node.func))
            calls.setdefault(key, []).append(node)
            keys.add(("call", key))
        if isinstance(node, ast.Name | ast.Attribute):
            keys.add((place.position, known.key(place)))
        if isinstance(node, ast.Attribute) and not known.paths(place):
            attributes.add(node.attr)
    return Uses(keys=frozenset(keys), attributes=frozenset(attributes), calls=calls)


def rebound(old: Function, new: Function) -> frozenset[str]:
    """Return the names that the new function binds in another way than the old one, in any scope, or through such a name."""
    before = {(name, ast.dump(node)) for name, node in bindings(old)}
    after = [(name, ast.dump(node), _mentioned(node)) for name, node in bindings(new)]
    found: set[str] = set()
    more = {name for name, how, _ in after if (name, how) not in before}
    while more - found:
        found |= more
        more = {name for name, _, mentioned in after if mentioned & found}
    return frozenset(found)


def _mentioned(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}


def bindings(function: Function) -> Iterator[tuple[str, ast.AST]]:
    """Names that a function and its inner scopes bind, without its own arguments, each with the code that binds it."""
    for node in ast.walk(function):
        match node:
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.NamedExpr() | ast.Delete() | ast.withitem():
                how: ast.AST = node
            case ast.For() | ast.AsyncFor() | ast.comprehension():
                how = ast.Tuple(elts=[node.target, node.iter], ctx=ast.Load())
            case ast.Lambda() | ast.FunctionDef() | ast.AsyncFunctionDef() if node is not function:
                own = (*scopes.arguments(node), *(name for name, _ in scopes.binds(node)))
                yield from ((name, node) for name in own)
                continue
            case _:
                yield from ((name, node) for name, _ in _bound_alone(node, function))
                continue
        yield from ((name, how) for inner in ast.walk(how) for name, _ in scopes.binds(inner))


def _bound_alone(node: ast.AST, function: Function) -> Iterable[tuple[str, str]]:
    """Names that imports, handlers and patterns bind; other names are bound by the statement around them."""
    return () if isinstance(node, ast.Name) or node is function else scopes.binds(node)
