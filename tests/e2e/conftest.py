"""A folder for one world."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@pytest.fixture
def root() -> Iterator[Path]:
    """A short path of its own: a Unix socket below it may have at most 107 characters, see unix(7)."""
    with _folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def shared_root() -> Iterator[Path]:
    """The same for a whole module."""
    with _folder() as folder:
        yield folder


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="suture-e2e-"))
    folder.chmod(0o755)  # the sandbox's user must find its way through
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
