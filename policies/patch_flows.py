"""Which expressions a function binds to its names, and what reaches a name through others.

Names are taken together however many scopes bind them: what any of them may hold, all of them may.
"""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping

from policies import patch_scopes
from policies.patch_scope import Function
from policies.patch_scopes import Place

Bound = Mapping[str, tuple[Place, ...]]
"""By name: the expressions that it holds or holds a part of, each at its place."""


def bound(function: Function) -> Bound:
    """What the names of a function and its scopes are bound to."""
    found: dict[str, tuple[Place, ...]] = {}
    everywhere = list(patch_scopes.places(function))
    for place in everywhere:
        for name, part in _given(place.node):
            found[name] = (*found.get(name, ()), place.at(part))
    for place in everywhere:
        if isinstance(place.node, ast.Lambda | ast.FunctionDef) and place.node is not function:
            names = {name for name, held in found.items() if any(item.node is place.node for item in held)}
            for name, value in _of_inner(place, place.node, names, everywhere):
                found[name] = (*found.get(name, ()), value)
    return found


def _of_inner(
    place: Place, inner: ast.Lambda | ast.FunctionDef, names: set[str], everywhere: list[Place]
) -> Iterator[tuple[str, Place]]:
    """Of a function inside: its arguments hold what any call brings that names or gets it, and its name what it returns."""
    own = names | ({inner.name} if isinstance(inner, ast.FunctionDef) else set())
    brought = [place.at(part) for part in (*inner.args.defaults, *inner.args.kw_defaults) if part is not None]
    for call in everywhere:
        if isinstance(call.node, ast.Call):
            brought += [call.at(part) for part in _brought(call.node, inner, own)]
    yield from ((name, value) for name in patch_scopes.arguments(inner) for value in brought)
    if isinstance(inner, ast.FunctionDef):
        returned = (node.value for node in ast.walk(inner) if isinstance(node, ast.Return | ast.Yield))
        yield from ((inner.name, place.at(value)) for value in returned if value is not None)


def _brought(call: ast.Call, inner: ast.AST, names: set[str]) -> list[ast.expr]:
    """What a call may bring to a function: its arguments, and where the function is one of those, parts of the others."""
    given = [*call.args, *(item.value for item in call.keywords)]
    others = [part for part in given if part is not inner and not _is_one_of(part, names)]
    if _is_one_of(call.func, names):
        return given
    return [*others, *map(_part, others)] if len(others) < len(given) else []


def _is_one_of(node: ast.expr, names: set[str]) -> bool:
    return isinstance(node, ast.Name) and node.id in names


def _given(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from (pair for target in targets for pair in _targets(target, value))
        case ast.AnnAssign() | ast.NamedExpr() if node.value is not None:
            yield from _targets(node.target, node.value)
        case ast.For(target=target, iter=source) | ast.AsyncFor(target=target, iter=source):
            yield from _targets(target, _part(source))
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            yield from (pair for part in node.generators for pair in _targets(part.target, _part(part.iter)))
        case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
            yield from _targets(target, value)
        case ast.Match(subject=value, cases=cases):
            # What a pattern takes out of a value is the value or a part of it.
            patterns = (inner for case in cases for inner in ast.walk(case.pattern))
            yield from ((name, _part(value)) for inner in patterns for name, _ in patch_scopes.binds(inner))
        case _:
            pass


def _targets(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
        return
    for inner in ast.walk(target):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id, _part(value)


def _part(value: ast.expr) -> ast.expr:
    return ast.Subscript(value=value, slice=ast.Constant(value=0), ctx=ast.Load())


def reached(starts: Iterable[str], names: Bound, direct: Callable[[Place], Iterable[str]]) -> frozenset[str]:
    """Everything that `direct` tells of the names that some expressions begin with, and of whatever those hold in turn.

    `direct` tells a local name as ``name x``; whatever else it tells is an end.
    """
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        item = waiting.pop()
        if item not in found:
            found.add(item)
            kind, _, name = item.partition(" ")
            if kind == "name":
                waiting += [other for place in names.get(name, ()) for other in direct(place)]
    return frozenset(found)


def expressions(node: ast.AST) -> Iterator[ast.expr]:
    """Expressions right below one that its value is made of: of a comprehension its elements and sources."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child
        elif isinstance(child, ast.comprehension):
            yield child.iter
        elif isinstance(child, ast.keyword):
            yield child.value
