"""Data flow in a function: the expressions that its names are bound to, and those that reach a name through others.

Names are taken together however many scopes bind them: what any of them may hold, all of them may.  Steps tell a
container from its content: after ``rows[key].append(row)`` the row is two steps behind ``rows``.
"""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping

from policies.patch import lists, scopes
from policies.patch.scope import Function
from policies.patch.scopes import Place

Bound = Mapping[str, tuple[Place, ...]]
"""Expressions by name, of which the name holds the value or a part of it, each at its place."""

_FAR = 4
"""Most steps that are counted; anything farther behind a name counts as this far."""

_TAKING = frozenset({"get", "pop", "popitem", "popleft", "setdefault"})
"""Methods that return an element of their object."""


class Put(ast.List):
    """A container whose only element is one step behind it."""


def bound(function: Function) -> Bound:
    """Return the expressions that the names of a function and its scopes are bound to."""
    found: dict[str, tuple[Place, ...]] = {}
    everywhere = list(scopes.places(function))
    for place in everywhere:
        for name, part in _given(place.node):
            found[name] = (*found.get(name, ()), place.at(part))
    for place in everywhere:
        if isinstance(place.node, ast.Lambda | ast.FunctionDef) and place.node is not function:
            names = {name for name, held in found.items() if any(item.node is place.node for item in held)}
            for name, value in _of_inner(place, place.node, names, everywhere):
                found[name] = (*found.get(name, ()), value)
    return found


def held(function: Function, names: Bound, changing: Callable[[Place], bool]) -> Bound:
    """Return the expressions that names are bound to, and those put into them later, under any name.

    `changing` is True for functions that change their first argument.
    """
    found = {name: list(places) for name, places in names.items()}
    for place in scopes.places(function):
        for base, value in (*_put(place.node), *_put_by_function(place, changing)):
            for name, steps in _behind(base, names):
                inner = value
                for _ in range(min(steps + 1, _FAR)):
                    inner = Put(elts=[inner], ctx=ast.Load())
                found[name].append(place.at(inner))
    return {name: tuple(places) for name, places in found.items()}


def _put(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """(Container, value) pairs that a node puts together: by an element, an attribute, or a method that adds."""
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((base, value) for target in targets for base in _parts_of(target))
        case ast.AugAssign(target=target, value=value):
            yield target, value
        case (
            ast.For(target=target, iter=value)
            | ast.AsyncFor(target=target, iter=value)
            | ast.comprehension(target=target, iter=value)
            | ast.withitem(context_expr=value, optional_vars=ast.expr() as target)
        ):
            yield from ((base, value) for base in _parts_of(target))
        case ast.Call(func=ast.Attribute(value=base, attr=attr)) if attr in lists.MUTATING:
            # The first argument of these is a key.
            yield from ((base, value) for value in _arguments(node)[attr in ("pop", "setdefault") :])
        case _:
            pass


def _put_by_function(place: Place, changing: Callable[[Place], bool]) -> Iterator[tuple[ast.expr, ast.expr]]:
    match place.node:
        case ast.Call(func=func, args=[base, *_]) if changing(place.at(func)):
            yield from ((base, value) for value in _arguments(place.node)[1:])
        case _:
            pass


def _parts_of(target: ast.expr) -> Iterator[ast.expr]:
    """Expressions that a target writes into, where it is no name."""
    for inner in ast.walk(target):
        if isinstance(inner, ast.Attribute | ast.Subscript) and isinstance(inner.ctx, ast.Store):
            yield inner.value


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(item.value for item in call.keywords)]


def _behind(base: ast.expr, names: Bound) -> Iterator[tuple[str, int]]:
    """Bound names that an expression is a part of, with its steps behind each."""
    waiting, seen = list(_origin(base, 0)), set[str]()
    while waiting:
        name, steps = waiting.pop(0)
        if name in names and name not in seen:
            seen.add(name)
            yield name, steps
            waiting += [item for place in names[name] for item in _origin(place.node, steps)]
            # a = b = []
            same = {id(place.node) for place in names[name]}
            waiting += [(other, steps) for other, places in names.items() if any(id(at.node) in same for at in places)]


def _origin(node: ast.AST, steps: int) -> Iterator[tuple[str, int]]:
    """Names that an expression begins with, with its steps behind each, at the least."""
    match node:
        case ast.Subscript(value=inner) | ast.Attribute(value=inner):
            yield from _origin(inner, steps + 1)
        case ast.Call(func=ast.Attribute(value=inner, attr=attr)) if attr in _TAKING:
            yield from _origin(inner, steps + 1)
        case ast.Name(id=text):
            yield text, steps
        case _:
            yield from ((part.id, 0) for part in ast.walk(node) if isinstance(part, ast.Name))


def name(text: str, steps: int) -> str:
    """Return the text of a local name and of the steps behind it, for `reached`."""
    return f"name {text} {min(steps, _FAR)}"


def _of_inner(
    place: Place, inner: ast.Lambda | ast.FunctionDef, names: set[str], everywhere: list[Place]
) -> Iterator[tuple[str, Place]]:
    """Bindings of an inner function: arguments hold what any call may bring, and its name what it returns."""
    own = names | ({inner.name} if isinstance(inner, ast.FunctionDef) else set())
    brought = [place.at(part) for part in (*inner.args.defaults, *inner.args.kw_defaults) if part is not None]
    for call in everywhere:
        if isinstance(call.node, ast.Call):
            brought += [call.at(part) for part in _brought(call.node, inner, own)]
    yield from ((name, value) for name in scopes.arguments(inner) for value in brought)
    if isinstance(inner, ast.FunctionDef):
        returned = (node.value for node in ast.walk(inner) if isinstance(node, ast.Return | ast.Yield))
        yield from ((inner.name, place.at(value)) for value in returned if value is not None)


def _brought(call: ast.Call, inner: ast.AST, names: set[str]) -> list[ast.expr]:
    """Arguments that a call may bring to a function; where the function itself is an argument, parts of the others."""
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
            yield from ((name, _part(value)) for inner in patterns for name, _ in scopes.binds(inner))
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


def reached(starts: Iterable[str], names: Bound, direct: Callable[[Place, int], Iterable[str]]) -> frozenset[str]:
    """Return all that `direct` gives for some starting names, and for the expressions that those hold in turn.

    `direct` gives what is so many steps behind an expression: local names as written by `name`, which are followed
    further, and any other text, which is an end.
    """
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        item = waiting.pop()
        if item not in found:
            found.add(item)
            kind, *rest = item.split(" ")
            if kind == "name":
                waiting += [other for place in names.get(rest[0], ()) for other in direct(place, int(rest[1]))]
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
