"""Functions of the service's other modules that only compute: a patch may call those that its file imports.

Their source is judged by the same rules as a patch.
"""

import ast
from collections.abc import Callable, Iterator

from policies.patch import powers
from policies.patch import text as patch_text

Read = Callable[[str], str | None]
"""Returns the text of a file of the repository; None where there is none."""


def computing(read: Read, path: str, text: str) -> tuple[str, ...]:
    """Return functions that only compute, of own modules that a file imports, as it names them (``shop.units.grams``)."""
    tree = patch_text.parse(text)
    found: set[str] = set()
    for node in ast.walk(tree) if tree else ():
        for module, said, only in _imported(node):
            for file in _files(path, module):
                names = powers.computing(read(file) or "", file)
                found |= {f"{said}.{name}" for name in names if only in ("", name)}
    return tuple(sorted(found))


def _imported(node: ast.AST) -> Iterator[tuple[str, str, str]]:
    """(Module, name as written, imported function or empty) for each module that an import may mean."""
    if isinstance(node, ast.Import):
        yield from ((alias.name, alias.name, "") for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        # `from a import b` means a name in `a`, or the module `a.b`: the import does not tell which.
        base = "." * node.level + (node.module or "")
        for alias in node.names:
            yield base, base, alias.name
            yield f"{base}.{alias.name}" if node.module else f"{base}{alias.name}", f"{base}.{alias.name}", ""


def _files(path: str, module: str) -> Iterator[str]:
    """Paths that a module of the service may have, seen from one of its files."""
    folders = path.split("/")[:-1]
    name = module.lstrip(".")
    level = len(module) - len(name)
    if level:
        bases = [folders[: len(folders) - level + 1]]
    else:
        # Which folder is on the import path is not known here, so each one that fits the name is tried.
        bases = [folders[:at] for at, folder in enumerate(folders) if folder == name.partition(".")[0]]
    for base in bases:
        stem = "/".join((*base, *name.split("."))).strip("/")
        yield from (f"{stem}.py", f"{stem}/__init__.py")
