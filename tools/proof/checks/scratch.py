"""Temporary folders below one scratch folder, swept when their process is gone."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

KEPT = 8
"""Exported trees that stay for the next incident, the newest first."""


@contextmanager
def folder(scratch: Path, kind: str) -> Iterator[Path]:
    """A fresh folder that is gone afterwards, whatever happens."""
    scratch.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f"{kind}-{os.getpid()}-", dir=scratch))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def sweep(scratch: Path) -> None:
    """Remove what killed processes left, and all but the newest exported trees."""
    if not scratch.is_dir():
        return
    for path in scratch.iterdir():
        process = path.name.split("-")[1] if path.name.count("-") >= 2 else ""
        # The number may have become another process's; then the folder waits for a later sweep.
        if process.isdigit() and not Path(f"/proc/{process}").exists():
            shutil.rmtree(path, ignore_errors=True)
    trees = sorted(scratch.glob("tree-*"), key=_age, reverse=True)
    for path in trees[KEPT:]:
        shutil.rmtree(path, ignore_errors=True)


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0  # somebody else swept it
