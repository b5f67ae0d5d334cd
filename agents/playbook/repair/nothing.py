"""Values that a file's code takes where there is nothing: no item, no entry of a table."""

import ast
from collections.abc import Iterator

from agents.playbook.repair import surroundings


def of_empty(module: str, kind: str) -> str:
    """The constant or literal of a kind that stands, anywhere in the file, for what an empty collection lacks.

    Empty where the file knows none, or several that are not equal: then it does not say which.
    """
    literals = {constant.name: constant.value for constant in surroundings.constants(module)}
    found: dict[str, ast.expr] = {}
    for node in _taken(surroundings.parsed(module)):
        value = literals.get(node.id) if isinstance(node, ast.Name) else node
        if value is not None and surroundings.kind(value) == kind:
            found[ast.unparse(node)] = value
    return next(iter(found)) if len({ast.dump(value) for value in found.values()}) == 1 else ""


def beside(module: str, table: str) -> tuple[str, ...]:
    """Constants that a table lacks, and with which a function compares what it looks up there: they stand for no entry."""
    literals = {constant.name: constant.literal for constant in surroundings.constants(module)}
    known = surroundings.table_keys(surroundings.tables(module).get(table, ast.Dict([], [])))
    found: list[str] = []
    for function in ast.walk(surroundings.parsed(module)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            found += (name for key, name in _compared(function) if key in _looked_up(function, table))
    return tuple(name for name in dict.fromkeys(found) if name in literals and literals[name] not in known)


def _taken(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="min" | "max"), keywords=keywords):
                yield from (keyword.value for keyword in keywords if keyword.arg == "default")
            case ast.Call(func=ast.Name(id="next"), args=[_, default]):
                yield default
            case ast.IfExp():
                if _some(node.test):
                    yield node.orelse
                elif _none(node.test):
                    yield node.body
            case ast.If(body=[ast.Return(value=ast.expr() as value)]) if _none(node.test):
                yield value
            case _:
                pass


def _none(test: ast.expr) -> bool:
    """True for a test that a collection is empty or too short."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _some(operand)
        case ast.Compare(left=left, ops=[ast.Lt() | ast.LtE() | ast.Eq()], comparators=[ast.Constant(value=int())]):
            return _length(left)
        case _:
            return False


def _some(test: ast.expr) -> bool:
    """True for a test that a collection has items, or enough of them."""
    match test:
        case ast.Compare(left=left, ops=[ast.Gt() | ast.GtE() | ast.NotEq()], comparators=[ast.Constant(value=int())]):
            return _length(left)
        case _:
            return isinstance(test, ast.Name) or _length(test)


def _length(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len"


def _compared(function: ast.AST) -> Iterator[tuple[str, str]]:
    """Pairs of names that a function asks to be equal."""
    for node in ast.walk(function):
        match node:
            case ast.Compare(
                left=ast.Name(id=one),
                ops=[ast.Eq() | ast.NotEq() | ast.Is() | ast.IsNot()],
                comparators=[ast.Name(id=other)],
            ):
                yield one, other
            case _:
                pass


def _looked_up(function: ast.AST, table: str) -> frozenset[str]:
    """Names of the variables that a function looks up in a table."""
    found: set[str] = set()
    for node in ast.walk(function):
        match node:
            case ast.Subscript(value=ast.Name(id=base), slice=ast.Name(id=key)) if base == table:
                found.add(key)
            case _:
                pass
    return frozenset(found)
