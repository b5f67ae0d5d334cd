"""Where a patch may reach with the powers that its function has already: to the same places, and no others.

A function that calls the stock service may go on calling it.  Aimed at an address out of the data, or with the
environment in its query, the same call is a way out; nothing of it is a new import.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator

from incident.decision import Constraint
from policies.patch_scope import Function

REACHING: frozenset[str] = frozenset(
    {
        "aiohttp",
        "ftplib",
        "http",
        "httpx",
        "importlib",
        "io",
        "os",
        "pathlib",
        "pickle",
        "requests",
        "shutil",
        "smtplib",
        "socket",
        "sqlite3",
        "subprocess",
        "tempfile",
        "urllib",
        "urllib3",
        "xmlrpc",
    }
)
"""Modules whose calls go somewhere: hosts, files, processes."""

HARMLESS: frozenset[str] = frozenset({"quote", "quote_plus", "unquote", "urlencode", "urljoin", "urlparse", "urlsplit"})
"""Functions of those modules that only work on text."""

_ADDRESS = re.compile(
    r"://|^//\w|\b\d{1,3}(?:\.\d{1,3}){3}\b|\blocalhost\b|^[\w.-]+\.[a-z]{2,}(?::\d+)?(?:/|$)|^[\w.-]+:\d{2,5}$"
    r"|^~?/(?:etc|proc|sys|dev|root|home|var|tmp|usr|opt|run|srv|mnt)\b|^\.\./"
)
"""A URL, a host, an address, or a path into the machine."""


def constraints(old: Function, new: Function, module: ast.Module) -> tuple[Constraint, ...]:
    """Return where the new function must not have gained a way to; `module` is the file before it."""
    places = sorted(_addresses(new) - _addresses(module))
    moved = _moved(old, new, module)
    read = sorted(_environment(new) - _environment(old))
    return (
        Constraint(name="no_new_destination", held=not places and not moved, detail=", ".join((*places, *moved))),
        Constraint(name="no_new_environment", held=not read, detail=", ".join(read)),
    )


def _addresses(root: ast.AST) -> frozenset[str]:
    texts = (node.value for node in ast.walk(root) if isinstance(node, ast.Constant))
    return frozenset(text[:120] for text in texts if isinstance(text, str) and _ADDRESS.search(text))


def _moved(old: Function, new: Function, module: ast.Module) -> tuple[str, ...]:
    """Calls that reach out and are more than before, or begin at another address than before."""
    names = _origins(module)
    before, after = list(_reaching(old, names)), list(_reaching(new, names))
    more = Counter(ast.unparse(call.func) for call in after) - Counter(ast.unparse(call.func) for call in before)
    known = {start for call in before for start in _starts(call, old)}
    moved = [ast.unparse(call)[:120] for call in after if not set(_starts(call, new)) <= known]
    return tuple(dict.fromkeys([*(f"one more {name}()" for name in sorted(more)), *moved]))


def _origins(module: ast.Module) -> dict[str, str]:
    """The top-level module behind each imported name of the file."""
    found: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            found |= {(alias.asname or alias.name).split(".")[0]: alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name: (node.module or "").split(".")[0] for alias in node.names}
    return found


def _reaching(function: Function, names: dict[str, str]) -> Iterator[ast.Call]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and names.get(_root(node.func)) in REACHING and not _reads(node):
            last = node.func.attr if isinstance(node.func, ast.Attribute) else _root(node.func)
            if last not in HARMLESS:
                yield node


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _reads(call: ast.Call) -> bool:
    """Whether a call only reads the environment, which has a rule of its own."""
    text = ast.unparse(call.func)
    return ".environ.get" in text or "getenv" in text or text.startswith("environ.get")


def _starts(call: ast.Call, function: Function) -> Iterator[str]:
    """Where the address of a call begins: its first argument and those that are named for it, followed to their assignment."""
    named = [
        item.value for item in call.keywords if item.arg in ("url", "host", "address", "path", "file", "args", "cmd")
    ]
    for argument in [*call.args[:1], *named]:
        for start in _leftmost(argument, function, 0):
            yield f"{ast.unparse(call.func)}: {start}"


def _leftmost(node: ast.expr, function: Function, depth: int) -> Iterator[str]:
    match node:
        case ast.JoinedStr(values=[first, *_]) | ast.BinOp(left=first) | ast.FormattedValue(value=first):
            yield from _leftmost(first, function, depth)
        case ast.IfExp(body=one, orelse=other):
            yield from _leftmost(one, function, depth)
            yield from _leftmost(other, function, depth)
        case ast.BoolOp(values=values):
            for value in values:
                yield from _leftmost(value, function, depth)
        case ast.Name(id=name) if depth < 4 and (bound := list(_bound(function, name))):
            for value in bound:
                yield from _leftmost(value, function, depth + 1)
        case _:
            yield ast.dump(node)


def _bound(function: Function, name: str) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(
            isinstance(item, ast.Name) and item.id == name for item in node.targets
        ):
            yield node.value
        match node:
            case ast.NamedExpr(target=ast.Name(id=bound), value=value) if bound == name:
                yield value
            case ast.AnnAssign(target=ast.Name(id=bound), value=ast.expr() as value) if bound == name:
                yield value
            case _:
                pass


def _environment(root: ast.AST) -> frozenset[str]:
    """What is read of the environment: single variables by name, or all of it."""
    single: dict[int, str] = {}
    for node in ast.walk(root):
        match node:
            case ast.Subscript(value=ast.Attribute(attr="environ") | ast.Name(id="environ") as whole, slice=key):
                single[id(whole)] = ast.unparse(key)
            case ast.Call(
                func=ast.Attribute(attr="get", value=ast.Attribute(attr="environ") | ast.Name(id="environ") as whole),
                args=[key, *_],
            ):
                single[id(whole)] = ast.unparse(key)
            case ast.Call(func=ast.Attribute(attr="getenv") | ast.Name(id="getenv") as called, args=[key, *_]):
                single[id(called)] = ast.unparse(key)
            case _:
                pass
    everything = {
        "all of it"
        for node in ast.walk(root)
        if (isinstance(node, ast.Attribute) and node.attr == "environ")
        or (isinstance(node, ast.Name) and node.id == "environ")
        if id(node) not in single
    }
    return frozenset(single.values()) | everything
