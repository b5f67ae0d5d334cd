"""Made-up values: expressions that no input reaches, in whatever form; and those that a file falls back on already.

A made-up answer can be a literal, an f-string, arithmetic on constants, a call of a lambda, or a local name for one of
these.  None of them depends on the input, and that is how they are found.
"""

import ast
from collections.abc import Iterator

from incident import docstrings
from policies.patch import text
from policies.patch.scope import Function

_BUILTIN: frozenset[str] = frozenset(
    {
        *("abs", "all", "any", "bool", "bytes", "chr", "complex", "dict", "divmod", "enumerate", "filter", "float"),
        *("format", "frozenset", "hash", "int", "iter", "len", "list", "map", "max", "min", "next", "object", "ord"),
        *("pow", "range", "repr", "reversed", "round", "set", "slice", "sorted", "str", "sum", "tuple", "type", "zip"),
    }
)
"""Names of the language that bring no data of their own."""

WRAPPERS: frozenset[str] = frozenset(
    {"dict", "list", "set", "tuple", "str", "int", "float", "bool", "bytes", "Decimal", "Fraction", "frozenset"}
)
"""Callables whose result says no more than their arguments."""


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
        # Names may be bound to each other in a circle.
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


def literal(value: ast.expr) -> bool:
    """True when an expression consists of constants alone."""
    match value:
        case ast.Constant():
            return True
        case ast.UnaryOp(operand=operand):
            return literal(operand)
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            return all(literal(part) for part in parts)
        case ast.Dict(keys=keys, values=values):
            return all(part is not None and literal(part) for part in (*keys, *values))
        case ast.Call(func=func, args=parts, keywords=named):
            # Decimal("0"), JSONResponse({}), dict(): a made-up value in a wrapping.
            wraps = text.last_name(func) in WRAPPERS or text.last_name(func).endswith("Response")
            return wraps and all(literal(part) for part in (*parts, *(item.value for item in named)))
        case _:
            return False


def constants(module: ast.Module) -> frozenset[str]:
    """Values bound to a name at the module's or a class's top level, without the trivial ones."""
    # A 0 or an empty text somewhere in the file says nothing about the right default here.
    bodies = [module.body, *(node.body for node in module.body if isinstance(node, ast.ClassDef))]
    values = (
        statement.value
        for body in bodies
        for statement in body
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None
    )
    return frozenset(ast.dump(value) for value in values if not _trivial(value))


def documented(function: Function) -> frozenset[str]:
    """Values that the function's own docstring gives for a case."""
    return frozenset(ast.dump(value) for value in docstrings.cases(ast.get_docstring(function) or ""))


def _trivial(value: ast.expr) -> bool:
    match value:
        case ast.Constant(value=constant):
            return constant in (None, 0, 1, "", True, False)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return not parts
        case ast.Dict(keys=keys):
            return not keys
        case _:
            return False


def defaults(module: ast.Module) -> frozenset[str]:
    """Return the values that the file falls back on: constants, defaults of `get` and arguments, `or`, both ways of `if`."""
    found = {ast.dump(value) for value in fallbacks(module)}
    return frozenset(found | constants(module))


def fallbacks(root: ast.AST) -> Iterator[ast.expr]:
    """Expressions in the place of a default."""
    for node in ast.walk(root):
        match node:
            case ast.Call(func=ast.Attribute(attr="get" | "pop" | "setdefault"), args=[_, default]):
                yield default
            case ast.Call(func=ast.Name(id="getattr" | "next"), args=[*_, default]) if len(node.args) > 1:
                yield default
            case ast.BoolOp(op=ast.Or(), values=values):
                yield from values[1:]
            case ast.IfExp(body=body, orelse=other):
                yield from (body, other)
            case ast.Subscript(value=ast.Tuple(elts=parts) | ast.List(elts=parts)):
                yield from parts
            case ast.Subscript(value=ast.Dict(values=parts)):
                yield from parts
            case ast.arguments(defaults=plain, kw_defaults=named):
                yield from plain
                yield from (default for default in named if default is not None)
            case _:
                pass
