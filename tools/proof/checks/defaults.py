"""Defaults that a service's own source and schemas name for keys that are not there."""

import ast
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from pydantic import JsonValue, TypeAdapter, ValidationError

_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


def named(source: str, schemas: Iterable[str] = ()) -> Mapping[str, JsonValue]:
    """The default of each key on which the file's reads, ``x.get("key", D)`` or ``x.get("key") or D``, and the schemas agree.

    `D` is a literal, or a name that the file binds once, to a literal.  Text that cannot be parsed names none.
    """
    found: defaultdict[str, list[tuple[JsonValue, ...]]] = defaultdict(list)
    for key, default in (*_read(source), *(item for schema in schemas for item in _declared(schema))):
        found[key].append(default)
    agreed = {key: values[0] for key, values in found.items() if all(repr(one) == repr(values[0]) for one in values)}
    return {key: value[0] for key, value in agreed.items() if value}


def _read(source: str) -> Iterator[tuple[str, tuple[JsonValue, ...]]]:
    try:
        module = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return
    constants = _constants(module)
    for key, default in _reads(module):
        yield key, _value(constants.get(default.id) if isinstance(default, ast.Name) else default)


def _declared(schema: str) -> Iterator[tuple[str, tuple[JsonValue, ...]]]:
    """Properties of a JSON schema with a default."""
    try:
        stack: list[JsonValue] = [json.loads(schema)]
    except (ValueError, RecursionError):
        return
    while stack:
        match stack.pop():
            case list() as items:
                stack.extend(items)
            case dict() as node:
                stack.extend(node.values())
                properties = node.get("properties")
                for key, item in properties.items() if isinstance(properties, dict) else ():
                    if isinstance(item, dict) and "default" in item:
                        yield key, (item["default"],)
            case _:
                pass


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
