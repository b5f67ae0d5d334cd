"""Carries a service's environment over into the sandbox: import path, variables and the place of its checkout."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from tools import ports

WORK = "/tree"
"""Place of the tree when nothing tells where the service's checkout lies."""

ADDED = {"PYTHONHASHSEED": "1"}
"""Variables that we add, so that two runs can be compared.

Not 0: with that an interpreter says that hashes are fixed.
"""

_SCRATCH = "/tmp"  # noqa: S108 (the sandbox's own)

_LEFT_OUT = (
    "PYTHONHOME",
    "PYTHONINSPECT",
    "PYTHONPATH",
    "PYTHONSAFEPATH",
    "PYTHONSTARTUP",
    "PYTEST_",
    "COV_",
    "COVERAGE_",
)
"""Beginnings of the names of what would change how we start the interpreter, or what its tests are."""


def shown(runtime: ports.Runtime) -> tuple[str, ...]:
    """Folders of a runtime that have the same paths in the sandbox: its mounts, or an image's import path.

    Of an image, what lies below its root folder is the checkout.
    """
    if runtime.image is None:
        return runtime.mounts
    return tuple(entry for entry in _entries(runtime.environment) if not _in(entry, (runtime.root or WORK,)))


def place(environment: Mapping[str, str], tree: Path, mounts: Sequence[str]) -> str:
    """Path of the service's checkout, as its import path tells, so that its files keep their paths; else ``/tree``."""
    roots = (_split(entry, tree)[0] for entry in _outside(environment, mounts))
    return next((root for root in roots if ports.may_hold_tree(root, mounts)), WORK)


def paths(environment: Mapping[str, str], tree: Path, mounts: Sequence[str]) -> tuple[str, ...]:
    """Import path of the service.  An entry outside the mounts lies in the checkout that it runs from."""
    root, outside = place(environment, tree, mounts), set(_outside(environment, mounts))
    found = (
        str(PurePosixPath(root, _split(entry, tree)[1])) if entry in outside else entry
        for entry in _entries(environment)
    )
    return tuple(dict.fromkeys(found))


def variables(environment: Mapping[str, str], tree: Path, mounts: Sequence[str]) -> dict[str, str]:
    """Variables of the service.  Paths of the host, which are not there, become paths in the sandbox's ``/tmp``."""
    there = (*mounts, place(environment, tree, mounts))
    kept = {name: _local(value, there) for name, value in environment.items() if not name.startswith(_LEFT_OUT)}
    folders = {name: _SCRATCH for name in ("HOME", "TMPDIR") if name == "HOME" or name in environment}
    found = {"LANG": "C.UTF-8", **ADDED, **kept, **folders, "PATH": environment.get("PATH", "/usr/bin:/bin")}
    entries = paths(environment, tree, mounts)
    return {**found, "PYTHONPATH": ":".join(entries)} if entries else found


def _entries(environment: Mapping[str, str]) -> Iterator[str]:
    return filter(None, environment.get("PYTHONPATH", "").split(":"))


def _outside(environment: Mapping[str, str], mounts: Sequence[str]) -> Iterator[str]:
    return (entry for entry in _entries(environment) if not _in(entry, mounts))


def _split(entry: str, tree: Path) -> tuple[str, str]:
    """A path of the checkout as its root and the rest: the longest end that is a folder of the tree."""
    path = PurePosixPath(entry)
    parts = path.parts
    for start in range(int(path.is_absolute()), len(parts)):
        end = PurePosixPath(*parts[start:])
        if ".." not in end.parts and (tree / end).is_dir():
            return str(PurePosixPath(*parts[:start])), str(end)
    return str(PurePosixPath(entry)), ""


def _local(value: str, there: Sequence[str]) -> str:
    if not value.startswith("/") or _in(value, there) or len(PurePosixPath(value).parts) < 2:
        return value
    return f"{_SCRATCH}/{PurePosixPath(value).name}"


def _in(path: str, folders: Sequence[str]) -> bool:
    return any(PurePosixPath(path).is_relative_to(folder) for folder in folders)
