"""What a patch may not reach for: processes, the network, files, and the means to hide such a thing."""

import ast

from incident.decision import Constraint
from policies.patch_scope import Function

MODULES: frozenset[str] = frozenset(
    {
        "_io",
        "_posixsubprocess",
        "_pytest",
        "_socket",
        "_thread",
        "aiohttp",
        "asyncio",
        "atexit",
        "bdb",
        "builtins",
        "code",
        "codecs",
        "concurrent",
        "ctypes",
        "doctest",
        "faulthandler",
        "fcntl",
        "ftplib",
        "gc",
        "http",
        "httpx",
        "importlib",
        "inspect",
        "io",
        "marshal",
        "mmap",
        "multiprocessing",
        "os",
        "pathlib",
        "pdb",
        "pickle",
        "pip",
        "pkgutil",
        "platform",
        "pluggy",
        "posix",
        "pty",
        "pytest",
        "requests",
        "runpy",
        "shelve",
        "shutil",
        "signal",
        "smtplib",
        "socket",
        "socketserver",
        "sqlite3",
        "ssl",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "types",
        "unittest",
        "urllib",
        "urllib3",
        "xmlrpc",
    }
)
"""Not even where the file imports them: a guard for a value needs none.  A function that uses one already may go on.

The test runner's own are among them: whoever imports these in a service reaches for its verdict.
"""

PURE: frozenset[str] = frozenset(
    {
        "__future__",
        "base64",
        "binascii",
        "bisect",
        "calendar",
        "cmath",
        "collections",
        "copy",
        "csv",
        "dataclasses",
        "datetime",
        "decimal",
        "difflib",
        "enum",
        "fractions",
        "functools",
        "hashlib",
        "heapq",
        "html",
        "ipaddress",
        "itertools",
        "json",
        "math",
        "numbers",
        "operator",
        "re",
        "statistics",
        "string",
        "textwrap",
        "typing",
        "unicodedata",
        "zoneinfo",
    }
)
"""What a patch may import anew: modules that compute and reach for nothing.  Any other one must be in the file already."""

NAMES: frozenset[str] = frozenset(
    {
        "GeneratorExit",
        "KeyboardInterrupt",
        "SystemExit",
        "__builtins__",
        "__import__",
        "breakpoint",
        "compile",
        "delattr",
        "eval",
        "exec",
        "exit",
        "globals",
        "input",
        "locals",
        "open",
        "quit",
        "setattr",
        "vars",
    }
)


def constraints(old: Function, new: Function, module: ast.Module) -> tuple[Constraint, ...]:
    """Return what the new function must not have gained."""
    known = PURE | (_imports(module) - MODULES)
    imported = sorted(_imports(new) - _imports(old) - known)
    reached = sorted((_uses(new, module) - _uses(old, module)) & MODULES)
    names = sorted((_names(new) - _names(old)) & NAMES)
    dunders = sorted(_dunders(new) - _dunders(old))
    state = sorted((_shared(new) | _touched(new, module)) - (_shared(old) | _touched(old, module)))
    return (
        Constraint(name="no_new_power", held=not imported and not reached, detail=", ".join(imported + reached)),
        Constraint(name="no_dynamic_code", held=not names and not dunders, detail=", ".join(names + dunders)),
        Constraint(name="no_new_global_state", held=not state, detail=", ".join(state)),
    )


def _imports(root: ast.AST) -> frozenset[str]:
    """Roots of what is imported; empty for the service's own package."""
    found: set[str] = set()
    for node in ast.walk(root):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add("" if node.level else (node.module or "").split(".")[0])
    return frozenset(found)


def _uses(function: Function, module: ast.Module) -> frozenset[str]:
    """Modules behind the names that a function uses, as the file imports them."""
    origin: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            origin.update(
                {(alias.asname or alias.name).split(".")[0]: alias.name.split(".")[0] for alias in node.names}
            )
        elif isinstance(node, ast.ImportFrom):
            origin.update({alias.asname or alias.name: (node.module or "").split(".")[0] for alias in node.names})
    through = {
        node.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in origin
    }
    # logging.os is os: a module is reached through another one that imports it.
    return frozenset(origin[name] for name in _names(function) if name in origin) | frozenset(through)


def _names(root: ast.AST) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(root) if isinstance(node, ast.Name))


def _dunders(root: ast.AST) -> frozenset[str]:
    names = {node.attr for node in ast.walk(root) if isinstance(node, ast.Attribute)} | _names(root)
    # An answer with an __eq__ of its own equals whatever a test expects.
    names |= {node.name for node in ast.walk(root) if isinstance(node, Function)}
    words = {node.value for node in ast.walk(root) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return frozenset(name for name in names | words if name.startswith("__") and name.endswith("__"))


def _shared(root: ast.AST) -> frozenset[str]:
    return frozenset(name for node in ast.walk(root) if isinstance(node, ast.Global) for name in node.names)


MUTATING: frozenset[str] = frozenset(
    {
        "append",
        "add",
        "clear",
        "discard",
        "extend",
        "insert",
        "pop",
        "popitem",
        "remove",
        "setdefault",
        "sort",
        "update",
    }
)


def _touched(function: Function, module: ast.Module) -> frozenset[str]:
    """Names of the module, or of what it imports, that the function changes in place."""
    local = {argument.arg for argument in ast.walk(function.args) if isinstance(argument, ast.arg)}
    local |= {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    shared = _top_level(module) - local
    found: set[str] = set()
    for node in ast.walk(function):
        match node:
            case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
                found.add(_root(node))
            case ast.Call(func=ast.Attribute(attr=name, value=value)) if name in MUTATING:
                found.add(_root(value))
            case _:
                pass
    return frozenset(found & shared)


def _top_level(module: ast.Module) -> set[str]:
    found: set[str] = set()
    for statement in module.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            found |= {
                node.id
                for node in ast.walk(statement)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            }
        if isinstance(statement, Function | ast.ClassDef):
            found.add(statement.name)
    return found


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
