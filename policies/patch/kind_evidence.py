"""Evidence of the kinds of expressions: their uses in the old function and its file, and the types at the failing frame."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from policies.patch import lists, uses
from policies.patch.scope import Function
from policies.patch.scopes import Place
from policies.patch.uses import Names


def text(node: ast.AST) -> str:
    """Return an expression as text, for any key and any arguments: ``orders[].lines``; empty without a name."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Await(value=inner):
            return text(inner)
        case ast.Attribute(value=base, attr=attr):
            return f"{told}.{attr}" if (told := text(base)) else ""
        case ast.Subscript(value=base):
            return f"{told}[]" if (told := text(base)) else ""
        case ast.Call(func=func):
            return f"{told}()" if (told := text(func)) else ""
        case _:
            return ""


@dataclass(frozen=True)
class Evidence:
    """Texts of expressions that are known to be objects, or known to be values."""

    objects: frozenset[str]
    values: frozenset[str]
    read: Mapping[str, frozenset[str]]
    """Attributes that are read of each text."""


def of(old: Function, module: ast.Module, known: Names, seen: Mapping[str, str]) -> Evidence:
    """Return the evidence of the old function, the rest of the file and the types at the failing frame."""
    objects, values = _used(old, known)
    elsewhere = _used(module, known)
    shared = {name for name, paths in known.bound.items() if not paths} | {"self", "cls"}
    objects |= {
        item for item in elsewhere[0] if item in known.bound or ("." in item and item.partition(".")[0] in shared)
    }
    values |= {item for item in elsewhere[1] if item in known.bound or item.startswith("self.")}
    plain = {name for name, kind in seen.items() if kind.replace("(", " ").split(" ")[0] in lists.KINDS}
    told = {_of_text(name) for name in plain}
    # What was seen at the failing frame are facts; uses are signs, and give way to them.
    objects = (objects | {_of_text(name) for name in set(seen) - plain}) - told
    return Evidence(
        objects=frozenset(objects - {""}), values=frozenset((values | told) - objects - {""}), read=_read(old)
    )


def _read(old: Function) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for node in ast.walk(old):
        if isinstance(node, ast.Attribute):
            found[text(node.value)] = found.get(text(node.value), frozenset()) | {node.attr}
    return found


def _of_text(name: str) -> str:
    try:
        return text(ast.parse(name, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""


def _used(root: ast.AST, known: Names) -> tuple[set[str], set[str]]:
    objects: set[str] = set()
    values: set[str] = set()
    for node in ast.walk(root):
        objects |= {text(part) for part in _like_objects(node, known)}
        values |= {text(part) for part in _like_values(node, known)}
    for node in ast.walk(root):
        # What gives an object is one itself: client.get(url).status_code, also by way of a local name.
        match node:
            case ast.Call(func=ast.Attribute(value=giver)) if text(node) in objects:
                objects.add(text(giver))
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in objects:
                call = value.value if isinstance(value, ast.Await) else value
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
                    objects.add(text(call.func.value))
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in values:
                values.add(text(value))
            case _:
                pass
    return objects, values


def _like_objects(node: ast.AST, known: Names) -> list[ast.expr]:
    """Expressions that are used as no value of the language is used."""
    match node:
        case ast.Attribute(value=base, attr=attr) if attr not in lists.ATTRIBUTES | known.attributes | _PATTERN:
            return [base]
        case ast.Await(value=ast.Call(func=ast.Attribute(value=base))):
            return [base]
        case ast.withitem(context_expr=base) | ast.AsyncFor(iter=base):
            return [base]
        case _:
            return []


_PATTERN = lists.PATTERNS | {"format"}


def _like_values(node: ast.AST, known: Names) -> list[ast.expr]:  # noqa: PLR0911 (one flat return for each kind of use)
    """Expressions that are used as values of the language are used."""
    match node:
        case ast.Subscript(value=base, ctx=ast.Load()) | ast.For(iter=base) | ast.comprehension(iter=base):
            return [base]
        case ast.Attribute(value=base, attr=attr) if attr in lists.ATTRIBUTES - lists.AMBIGUOUS:
            return [base]
        case ast.Compare(left=left, comparators=others):
            return [part for part in (left, *others) if not isinstance(part, ast.Constant)]
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.FormattedValue(value=base):
            return [base]
        case ast.Call(func=ast.Name(id=name), args=given) if name in lists.VALUES:
            return given
        case ast.Call(func=ast.Attribute(value=base, attr="get"), args=[ast.Constant(value=str(key)), *_]):
            return [base] if key.isidentifier() else []
        case ast.Call(func=func, args=given) if uses.pure(known, Place(node=func, position="call", scopes=())):
            return given
        case _:
            return []
