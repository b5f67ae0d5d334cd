"""Which functions of the service's other modules only compute: a patch may call those that its file imports.

Their source says so, by the rules that a patch is held against.
"""

import ast
from collections.abc import Callable, Iterator

from policies.patch import powers
from policies.patch import text as patch_text

Read = Callable[[str], str | None]
"""The text of a file of the repository, None where there is none."""


def computing(read: Read, path: str, text: str) -> tuple[str, ...]:
    """Functions that only compute, of the own modules that a file imports, as the import writes them (``shop.units.grams``)."""
    tree = patch_text.parse(text)
    found: set[str] = set()
    for node in ast.walk(tree) if tree else ():
        for module, said, only in _imported(node):
            for file in _files(path, module):
                names = powers.computing(read(file) or "", file)
                found |= {f"{said}.{name}" for name in names if only in ("", name)}
    return tuple(sorted(found))


def _imported(node: ast.AST) -> Iterator[tuple[str, str, str]]:
    """Modules that an import may mean, how it writes them, and the one function that it takes, where it is one."""
    if isinstance(node, ast.Import):
        yield from ((alias.name, alias.name, "") for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = "." * node.level + (node.module or "")
        for alias in node.names:
            yield base, base, alias.name
            yield f"{base}.{alias.name}" if node.module else f"{base}{alias.name}", f"{base}.{alias.name}", ""


def _files(path: str, module: str) -> Iterator[str]:
    """Where a module of the service would lie, seen from one of its files."""
    folders = path.split("/")[:-1]
    name = module.lstrip(".")
    level = len(module) - len(name)
    if level:
        bases = [folders[: len(folders) - level + 1]]
    else:
        bases = [folders[:at] for at, folder in enumerate(folders) if folder == name.partition(".")[0]]
    for base in bases:
        stem = "/".join((*base, *name.split("."))).strip("/")
        yield from (f"{stem}.py", f"{stem}/__init__.py")
