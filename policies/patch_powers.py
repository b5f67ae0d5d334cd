"""What a patch may not reach for: processes, the network, files, and the means to hide such a thing."""

import ast

from incident.decision import Constraint
from policies.patch_scope import Function

MODULES: frozenset[str] = frozenset(
    {
        "aiohttp",
        "asyncio",
        "builtins",
        "code",
        "codecs",
        "concurrent",
        "ctypes",
        "ftplib",
        "gc",
        "http",
        "httpx",
        "importlib",
        "inspect",
        "io",
        "marshal",
        "multiprocessing",
        "os",
        "pathlib",
        "pickle",
        "pip",
        "pkgutil",
        "platform",
        "pty",
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
        "types",
        "unittest",
        "urllib",
        "urllib3",
        "xmlrpc",
    }
)
"""A guard for a value needs none of them; a function that uses one already may go on."""

NAMES: frozenset[str] = frozenset(
    {
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
    imported = sorted((_imports(new) - _imports(old)) & MODULES)
    reached = sorted((_uses(new, module) - _uses(old, module)) & MODULES)
    names = sorted((_names(new) - _names(old)) & NAMES)
    dunders = sorted(_dunders(new) - _dunders(old))
    state = sorted(_shared(new) - _shared(old))
    return (
        Constraint(name="no_new_power", held=not imported and not reached, detail=", ".join(imported + reached)),
        Constraint(name="no_dynamic_code", held=not names and not dunders, detail=", ".join(names + dunders)),
        Constraint(name="no_new_global_state", held=not state, detail=", ".join(state)),
    )


def _imports(root: ast.AST) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(root):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
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
    return frozenset(origin[name] for name in _names(function) if name in origin)


def _names(root: ast.AST) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(root) if isinstance(node, ast.Name))


def _dunders(root: ast.AST) -> frozenset[str]:
    names = {node.attr for node in ast.walk(root) if isinstance(node, ast.Attribute)} | _names(root)
    words = {node.value for node in ast.walk(root) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return frozenset(name for name in names | words if name.startswith("__") and name.endswith("__"))


def _shared(root: ast.AST) -> frozenset[str]:
    return frozenset(name for node in ast.walk(root) if isinstance(node, ast.Global) for name in node.names)
