"""Scopes of the language: the binding that a name means at its place in a function, without running anything.

A name that is bound in a comprehension is the module's again outside of it, and a local name is local from the first
line of its function on.  Confusing the two would take a module for a value.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from policies.patch.scope import Function

Position = Literal["value", "call", "raise", "class", "base"]
"""Purpose of an expression: its value, to be called, to be called and raised, as a class, or for an attribute."""

Inner = Function | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

Scope = Mapping[str, frozenset[str]]
"""Names that one scope binds; for those that an import binds, with the imported paths (``os.path``)."""


@dataclass(frozen=True)
class Place:
    """A node of a function, its purpose, and the scopes around it, outermost first."""

    node: ast.AST
    position: Position
    scopes: tuple[Scope, ...]

    def local(self, name: str) -> frozenset[str] | None:
        """Imported paths of a local name; empty for other local names, None for a name that is not local."""
        return next((scope[name] for scope in reversed(self.scopes) if name in scope), None)

    def at(self, node: ast.AST, position: Position = "value") -> "Place":
        """Return the same place in the scopes for another node."""
        return Place(node=node, position=position, scopes=self.scopes)


def places(root: ast.AST) -> Iterator[Place]:
    """Every node at and below a function or a module, at its place; a module's own names are not local."""
    waiting = [Place(node=root, position="value", scopes=())]
    while waiting:
        place = waiting.pop()
        yield place
        waiting += reversed(list(_below(place)))


def _below(place: Place) -> Iterator[Place]:
    match place.node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
            yield from _of_function(place.node, place)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            yield from _of_comprehension(place.node, place)
        case ast.comprehension(target=target, ifs=conditions):
            # Its source stands beside it: the first one is evaluated around the comprehension.
            yield from (place.at(node) for node in (target, *conditions))
        case _:
            yield from (place.at(node, position) for node, position in _parts(place.node, place))


def _parts(node: ast.AST, place: Place) -> Iterator[tuple[ast.AST, Position]]:
    """Children of a node, with the purpose of each."""
    special: dict[int, Position] = {}
    match node:
        case ast.Attribute(value=base):
            special[id(base)] = "base"
        case ast.Call(func=func, args=args):
            special[id(func)] = "raise" if place.position == "raise" else "call"
            if isinstance(func, ast.Name) and func.id in ("isinstance", "issubclass") and len(args) > 1:
                special[id(args[1])] = "class"
        case ast.Raise(exc=ast.expr() as raised):
            special[id(raised)] = "raise" if isinstance(raised, ast.Call) else "class"
        case ast.ExceptHandler(type=ast.expr() as kind) | ast.MatchClass(cls=kind):
            special[id(kind)] = "class"
        case ast.Compare(left=left, comparators=others):
            special = {id(part): "class" for part in (left, *others) if _is_type(part)}
        case ast.Tuple() | ast.BinOp(op=ast.BitOr()) if place.position == "class":
            special = {id(part): "class" for part in ast.iter_child_nodes(node)}
        case _:
            pass
    for child in ast.iter_child_nodes(node):
        yield child, special.get(id(child), "value")


def _is_type(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "type"


def _of_function(node: Inner, place: Place) -> Iterator[Place]:
    inner = Place(node=node, position="value", scopes=(*place.scopes, bound(node)))
    outside = _evaluated_outside(node)
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.arguments):
            # Names of arguments bind; their annotations and defaults are evaluated around the function.
            yield from (place.at(part) for part in ast.iter_child_nodes(child))
        else:
            yield (place if any(child is part for part in outside) else inner).at(child)


def _evaluated_outside(node: Inner) -> list[ast.expr]:
    if isinstance(node, ast.Lambda):
        return []
    return [*node.decorator_list, *([node.returns] if node.returns else [])]


def _of_comprehension(node: Comprehension, place: Place) -> Iterator[Place]:
    names = {name.id: frozenset[str]() for part in node.generators for name in _targets(part.target)}
    inner = Place(node=node, position="value", scopes=(*place.scopes, names))
    for number, part in enumerate(node.generators):
        yield (inner if number else place).at(part.iter)
        yield inner.at(part)
    elements = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
    yield from (inner.at(child) for child in elements)


def _targets(target: ast.expr) -> Iterator[ast.Name]:
    return (node for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))


def bound(scope: Inner | ast.Module) -> Scope:
    """Return the names that a function or a module binds itself: arguments, and the targets of its statements."""
    found = {} if isinstance(scope, ast.Module) else {name: frozenset[str]() for name in arguments(scope)}
    elsewhere: set[str] = set()
    waiting: list[ast.AST] = list(scope.body) if isinstance(scope.body, list) else [scope.body]
    while waiting:
        node = waiting.pop()
        for name, path in binds(node):
            found[name] = found.get(name, frozenset()) | ({path} if path else frozenset())
        if isinstance(node, ast.Global | ast.Nonlocal):
            elsewhere |= set(node.names)
        waiting += _same_scope(node)
    return {name: paths for name, paths in found.items() if name not in elsewhere}


def arguments(scope: Inner) -> tuple[str, ...]:
    """Return the names of a function's arguments."""
    given = scope.args
    listed = (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg)
    return tuple(item.arg for item in listed if item is not None)


def binds(node: ast.AST) -> Iterator[tuple[str, str]]:
    """(Name, imported path or empty) pairs that one node binds in its scope, without the nodes below it."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name, ""
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name, ""
        case ast.Import(names=aliases):
            for alias in aliases:
                top = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (top, top)
        case ast.ImportFrom(names=aliases):
            base = "." * node.level + (node.module or "")
            yield from ((alias.asname or alias.name, f"{base}.{alias.name}") for alias in aliases)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name, ""
        case ast.MatchMapping(rest=str(name)):
            yield name, ""
        case _:
            pass


def _same_scope(node: ast.AST) -> list[ast.AST]:
    """Children that bind in the same scope; of an inner function only those that are evaluated around it."""
    match node:
        case ast.FunctionDef(args=given) | ast.AsyncFunctionDef(args=given):
            return [*_evaluated_outside(node), given]
        case ast.Lambda(args=given):
            return [given]
        case ast.ClassDef():
            return [*node.decorator_list, *node.bases, *node.keywords]
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return list(_assigned_through(node))
        case _:
            return list(ast.iter_child_nodes(node))


def _assigned_through(node: Comprehension) -> Iterator[ast.AST]:
    """Targets of ``:=`` in a comprehension, which bind around it."""
    waiting: list[ast.AST] = list(ast.iter_child_nodes(node))
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.NamedExpr):
            yield part.target
        # A lambda keeps what it assigns.
        waiting += [part.args] if isinstance(part, ast.Lambda) else ast.iter_child_nodes(part)
