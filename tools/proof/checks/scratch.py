"""Temporary folders below one scratch folder, swept when their process is gone."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

KEPT = 8
"""Exported trees that stay for the next incident, the newest first."""

_TREES = "tree-"
"""Prefix of an exported tree, which belongs to no process."""


@contextmanager
def folder(scratch: Path, kind: str) -> Iterator[Path]:
    """A fresh folder that is gone afterwards, whatever happens."""
    scratch.mkdir(parents=True, exist_ok=True)
    made, held = _held(scratch, kind)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        os.close(held)


def _held(scratch: Path, kind: str) -> tuple[Path, int]:
    """Return a new folder, and the descriptor with its lock; a lock ends with its process in every PID namespace."""
    while True:
        made = Path(tempfile.mkdtemp(prefix=f"{kind}-", dir=scratch))
        # A sweeper may find it between the two calls, and then it is gone, or will be.
        with contextlib.suppress(FileNotFoundError):
            held = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if made.stat().st_ino == os.fstat(held).st_ino:
                    return made, held
            except BlockingIOError:
                pass
            except BaseException:
                os.close(held)
                raise
            os.close(held)


def sweep(scratch: Path) -> None:
    """Remove what killed processes left, and all but the newest exported trees."""
    if not scratch.is_dir():
        return
    for path in scratch.iterdir():
        if not path.name.startswith(_TREES):
            _remove_unheld(path)
    trees = sorted(scratch.glob(f"{_TREES}*"), key=_age, reverse=True)
    for path in trees[KEPT:]:
        shutil.rmtree(path, ignore_errors=True)


def _remove_unheld(path: Path) -> None:
    """Remove a folder that no process holds; one that cannot be locked here stays."""
    with contextlib.suppress(OSError):
        found = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(found)


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0  # somebody else swept it
