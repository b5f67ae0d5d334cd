"""Made-up values: expressions that no input reaches, in whatever form.

A made-up answer can be a literal, an f-string, arithmetic on constants, a call of a lambda, or a local name for one of
these.  None of them depends on the input, and that is how they are found.
"""

import ast
from collections.abc import Iterator

from policies.patch.scope import Function

_BUILTIN: frozenset[str] = frozenset(
    {
        *("abs", "all", "any", "bool", "bytes", "chr", "complex", "dict", "divmod", "enumerate", "filter", "float"),
        *("format", "frozenset", "hash", "int", "iter", "len", "list", "map", "max", "min", "next", "object", "ord"),
        *("pow", "range", "repr", "reversed", "round", "set", "slice", "sorted", "str", "sum", "tuple", "type", "zip"),
    }
)
"""Names of the language that bring no data of their own."""


def from_nowhere(value: ast.expr, function: Function) -> bool:
    """True when an expression consists of constants alone, including local names that are bound to such at any distance."""
    given = {argument.arg for argument in ast.walk(function.args) if isinstance(argument, ast.arg)}
    bound: dict[str, list[ast.expr]] = {}
    for name, item in bindings(function):
        bound.setdefault(name, []).append(item)
    waiting, seen = [value], set[str]()
    while waiting:
        part = waiting.pop()
        free = _free(part)
        if isinstance(part, ast.Name) and not free:
            return False
        if any(name in given or name not in bound for name in free):
            return False
        waiting += [item for name in free - seen for item in bound[name]]
        seen |= free
    return True


def _free(value: ast.expr) -> set[str]:
    """Names that an expression reads, without its own bindings and those of the language."""
    inner = {argument.arg for node in ast.walk(value) if isinstance(node, ast.arguments) for argument in node.args}
    inner |= {node.id for node in ast.walk(value) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    names = {node.id for node in ast.walk(value) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return names - inner - _BUILTIN


def bindings(function: Function) -> Iterator[tuple[str, ast.expr]]:
    """Local names with the expressions that they are bound to; for a loop, with the sequence that it goes over."""
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=targets, value=value):
                yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                yield name, value
            case ast.For(target=target, iter=source) | ast.comprehension(target=target, iter=source):
                yield from ((item.id, source) for item in ast.walk(target) if isinstance(item, ast.Name))
            case ast.withitem(context_expr=source, optional_vars=ast.expr() as target):
                yield from ((item.id, source) for item in ast.walk(target) if isinstance(item, ast.Name))
            case _:
                pass


def assigned(function: Function) -> Iterator[ast.expr]:
    """Values that are bound to a local name by an assignment."""
    for node in ast.walk(function):
        match node:
            case ast.Assign(value=value) | ast.NamedExpr(value=value) | ast.AnnAssign(value=ast.expr() as value):
                yield value
            case _:
                pass
