"""The environment of a service, carried over into the sandbox, where its checkout is ``/tree``."""

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

WORK = "/tree"

_OURS = frozenset({"PATH", "HOME", "TMPDIR", "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONINSPECT"})


def paths(environment: Mapping[str, str], tree: Path, mounts: Sequence[str]) -> tuple[str, ...]:
    """The service's import path with the checkout it runs from replaced by ``/tree``.

    An entry outside the mounts lies in that checkout: the longest end of it that is a folder of the tree is kept.
    """
    entries = filter(None, environment.get("PYTHONPATH", "").split(":"))
    found = (entry if _mounted(entry, mounts) else _inside(entry, tree) for entry in entries)
    return tuple(dict.fromkeys((WORK, *found)))


def variables(environment: Mapping[str, str], mounts: Sequence[str]) -> dict[str, str]:
    """The service's variables.  Paths of the host, which are not there, become paths in the sandbox's ``/tmp``."""
    kept = {name: _local(value, mounts) for name, value in environment.items() if name not in _OURS}
    return {**kept, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}


def _local(value: str, mounts: Sequence[str]) -> str:
    if not value.startswith("/") or _mounted(value, mounts) or len(PurePosixPath(value).parts) < 2:
        return value
    return f"/tmp/{PurePosixPath(value).name}"  # noqa: S108 (the sandbox's own)


def _inside(entry: str, tree: Path) -> str:
    parts = PurePosixPath(entry).parts[1:]
    for start in range(len(parts)):
        end = PurePosixPath(*parts[start:])
        if (tree / end).is_dir():
            return f"{WORK}/{end}"
    return WORK


def _mounted(path: str, mounts: Sequence[str]) -> bool:
    return any(PurePosixPath(path).is_relative_to(mount) for mount in mounts)
