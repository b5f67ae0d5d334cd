"""A folder for one world."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def root() -> Iterator[Path]:
    """A short path of its own: a Unix socket below it may have at most 107 characters, see unix(7)."""
    folder = Path(tempfile.mkdtemp(prefix="suture-e2e-"))
    yield folder
    shutil.rmtree(folder)
