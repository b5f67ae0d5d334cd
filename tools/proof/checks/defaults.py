"""Defaults that a source file's own reads name for keys that are not there."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping

from pydantic import JsonValue, TypeAdapter, ValidationError

_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


def named(source: str) -> Mapping[str, JsonValue]:
    """The default of each key on which all its reads with a default agree: ``x.get("key", D)``, ``x.get("key") or D``.

    `D` is a literal, or a name that the file binds once, to a literal.  Source that is no Python names none.
    """
    try:
        module = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return {}
    constants = _constants(module)
    found: defaultdict[str, list[tuple[JsonValue, ...]]] = defaultdict(list)
    for key, default in _reads(module):
        found[key].append(_value(constants.get(default.id) if isinstance(default, ast.Name) else default))
    agreed = {key: values[0] for key, values in found.items() if all(repr(one) == repr(values[0]) for one in values)}
    return {key: value[0] for key, value in agreed.items() if value}


def _reads(module: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Reads with a default.  The `get` within an ``or`` is none of its own."""
    inner: set[int] = set()
    for node in ast.walk(module):
        match node:
            case ast.BoolOp(op=ast.Or(), values=[ast.Call(func=ast.Attribute(attr="get")) as first, default]):
                if len(first.args) == 1 and isinstance(first.args[0], ast.Constant):
                    inner.add(id(first))
                    yield str(first.args[0].value), default
            case ast.Call(func=ast.Attribute(attr="get" | "pop"), args=[ast.Constant(value=str() as key), default]):
                yield key, default
            case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str() as key)]):
                if id(node) not in inner:
                    yield key, ast.Constant(None)
            case _:
                pass


def _constants(module: ast.Module) -> dict[str, ast.expr | None]:
    """Names that the file's top level binds, and nothing binds again."""
    bound = [node.id for node in ast.walk(module) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)]
    found: dict[str, ast.expr | None] = {}
    for statement in module.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=value)
            ):
                found[name] = value if bound.count(name) == 1 else None
            case _:
                pass
    return found


def _value(node: ast.expr | None) -> tuple[JsonValue, ...]:
    """The value of a literal that JSON can say, alone in a tuple; empty where there is none."""
    try:
        return () if node is None else (_JSON.validate_python(ast.literal_eval(node), strict=True),)
    except (ValueError, ValidationError, TypeError, MemoryError, RecursionError):
        return ()
