"""Surroundings of a function: constants, tables, defaults used elsewhere, schemas."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

FALLBACK_WORDS = frozenset(
    [
        "default",
        "standard",
        "fallback",
        "base",
        "basic",
        "none",
        "unknown",
        "guest",
        "regular",
        "normal",
        "empty",
        "anonymous",
        "missing",
        "no",
        "initial",
        "other",
        "general",
    ]
)
"""Words by which constants and table keys are known as what stands for a missing value."""


def words(name: str) -> frozenset[str]:
    """The lower-case words of a snake_case, camelCase or UPPER_CASE name, plurals cut."""
    parts = re.findall(r"[A-Z]+(?=[A-Z][a-z]|\b|_|\d)|[A-Z]?[a-z]+|\d+", name)
    return frozenset(part.lower().rstrip("s") or part.lower() for part in parts)


@dataclass(frozen=True)
class Constant:
    """A module-level constant; `value` is None for an imported one."""

    name: str
    value: ast.expr | None

    @property
    def is_fallback(self) -> bool:
        """True when its name says that it stands for something missing."""
        return bool(words(self.name) & FALLBACK_WORDS)

    @property
    def kind(self) -> str:
        """Kind of its value: text, number, mapping, sequence, or unknown."""
        return kind(self.value)

    @property
    def literal(self) -> object:
        """Its value when that is a literal, else None."""
        return literal(self.value)


def kind(node: ast.expr | None) -> str:  # noqa: PLR0911 (one case a form)
    """Kind of an expression's value as far as its form tells."""
    match node:
        case ast.Constant(value=str()):
            return "text"
        # Before numbers: in Python a bool is an int.
        case ast.Constant(value=bool()):
            return "flag"
        case ast.Constant(value=int() | float()) | ast.UnaryOp(operand=ast.Constant()):
            return "number"
        case ast.Call(func=ast.Name(id="Decimal" | "int" | "float" | "Fraction")):
            return "number"
        case ast.Dict() | ast.DictComp():
            return "mapping"
        case ast.List() | ast.Tuple() | ast.Set() | ast.Call(func=ast.Name(id="frozenset" | "tuple")):
            return "sequence"
        case _:
            return "unknown"


def literal(node: ast.expr | None) -> object:
    """A literal's value, or None."""
    if node is None:
        return None
    try:
        value: object = ast.literal_eval(node)
    except (ValueError, SyntaxError, TypeError):
        return None
    return value


def written(value: object) -> str:
    """A literal as most code writes it: texts in double quotes."""
    plain = isinstance(value, str) and value.isprintable() and not set(value) & {'"', "\\"}
    return f'"{value}"' if plain else repr(value)


@lru_cache(maxsize=16)
def parsed(text: str) -> ast.Module:
    """The file's tree, to be read only; an empty one when it does not parse."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module(body=[], type_ignores=[])


def constants(module: str) -> tuple[Constant, ...]:
    """Upper-case names at module level, imported ones too, in order."""
    return tuple(_constants(parsed(module)))


def _constants(tree: ast.Module) -> Iterator[Constant]:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name.isupper():
                yield Constant(name, value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if name.isupper():
                yield Constant(name, value)
            case ast.ImportFrom(names=names):
                yield from (
                    Constant(item.asname or item.name, None) for item in names if (item.asname or item.name).isupper()
                )
            case _:
                pass


def tables(module: str) -> dict[str, ast.Dict]:
    """Module-level dictionaries written out as literals, by name."""
    found: dict[str, ast.Dict] = {}
    for node in parsed(module).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict() as value):
                found[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Dict() as value):
                found[name] = value
            case _:
                pass
    return found


def table_keys(table: ast.Dict) -> tuple[object, ...]:
    """Literal keys of a table."""
    return tuple(literal(key) for key in table.keys if key is not None and literal(key) is not None)


def sibling_defaults(module: str, key: str) -> tuple[str, ...]:
    """Defaults with which the file reads this key elsewhere: ``.get("key", D)`` or ``.get("key") or D``."""
    found: list[str] = []
    for node in ast.walk(parsed(module)):
        match node:
            case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=value), default]) if value == key:
                found.append(ast.unparse(default))
            case ast.BoolOp(op=ast.Or(), values=[first, default]) if _reads(first, key):
                found.append(ast.unparse(default))
            case _:
                pass
    # None as a default is what fails, not what mends it.
    return tuple(dict.fromkeys(item for item in found if item != "None"))


def _reads(node: ast.expr, key: str) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=value)]):
            return bool(value == key)
        case ast.Subscript(slice=ast.Constant(value=value)):
            return bool(value == key)
        case _:
            return False


@dataclass(frozen=True)
class Field:
    """A property of a schema."""

    name: str
    default: str | None
    """Its default as Python source; None when it has none."""
    description: str
    values: tuple[str, ...]
    """The texts that it may be, when they are enumerated."""


def schema_fields(schemas: tuple[str, ...]) -> tuple[Field, ...]:
    """All properties of all schemas; a file that is no JSON has none."""
    found: list[Field] = []
    for text in schemas:
        try:
            stack: list[Any] = [json.loads(text)]
        except (ValueError, RecursionError):
            continue
        while stack:
            node = stack.pop()
            if isinstance(node, list):
                stack.extend(node)
            elif isinstance(node, dict):
                stack.extend(node.values())
                found.extend(_fields(node.get("properties")))
    return tuple(found)


def _fields(properties: object) -> Iterator[Field]:
    if not isinstance(properties, dict):
        return
    for name, item in properties.items():
        if isinstance(item, dict):
            default = item.get("default")
            plain = isinstance(default, str | int | float | bool) or default in ([], {})
            shown = written(default) if plain else None
            values = tuple(value for value in item.get("enum", ()) if isinstance(value, str))
            yield Field(str(name), shown, str(item.get("description", "")), values)


def module_keys(module: str) -> tuple[str, ...]:
    """Text keys that the file's code reads or writes."""
    found: list[str] = []
    for node in ast.walk(parsed(module)):
        match node:
            case ast.Subscript(slice=ast.Constant(value=str() as value)):
                found.append(value)
            case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str() as value), *_]):
                found.append(value)
            case ast.Dict(keys=keys):
                found += [key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
            case _:
                pass
    return tuple(dict.fromkeys(found))
