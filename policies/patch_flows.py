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
    for place in patch_scopes.places(function):
        for name, value in _given(place.node):
            found[name] = (*found.get(name, ()), place.at(value))
    return found


def _given(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from (pair for target in targets for pair in _targets(target, value))
        case ast.AnnAssign() | ast.AugAssign() | ast.NamedExpr() if node.value is not None:
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
