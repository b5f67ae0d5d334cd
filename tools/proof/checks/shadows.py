"""Finds files of a tree that an interpreter would import in place of the modules that run and report its tests."""

import sys
from collections.abc import Iterator
from pathlib import Path

from tools import ports
from tools.proof.checks import surroundings

_RUNNERS = frozenset({"pytest", "_pytest", "pluggy", "iniconfig", "py"})
_CODE = frozenset({".py", ".pyc", ".so"})


def found(tree: Path, runtime: ports.Runtime) -> str:
    """The first file at the top of the import path that has such a name; empty when there is none.

    Where it stands for the standard library's in production, too, the service is run so all the same; but then what its
    tests say is not for us to judge by.
    """
    return next(_shadows(tree, runtime), "")


def _shadows(tree: Path, runtime: ports.Runtime) -> Iterator[str]:
    shown = surroundings.shown(runtime)
    root = surroundings.place(runtime.environment, tree, shown)
    entries = surroundings.paths(runtime.environment, tree, shown)
    inside = [Path(entry).relative_to(root) for entry in entries if Path(entry).is_relative_to(root)]
    for folder in dict.fromkeys((Path(), *inside)):
        for path in sorted((tree / folder).glob("*")):
            if _is_module(path) and path.name.partition(".")[0] in sys.stdlib_module_names | _RUNNERS:
                yield str(path.relative_to(tree))


def _is_module(path: Path) -> bool:
    """True for a module, or for a package: a folder without such a file gives way to the real one.

    A link may lead to either, and is not followed: it may lead out of the tree.
    """
    if path.is_symlink() or path.suffix in _CODE:
        return True
    return path.is_dir() and any(inner.suffix in _CODE for inner in path.glob("__init__.*"))
