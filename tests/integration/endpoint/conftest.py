"""Starts providers, and stops them by their process."""

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

Provide = Callable[..., str]

_names = itertools.count()


@contextmanager
def provider() -> Iterator[Provide]:
    """A provider in a process of its own: from moves to an address that plays them."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.endpoint.provider"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    port = process.stdout.readline().strip()
    try:
        yield lambda *moves: f"http://127.0.0.1:{port}/{next(_names)}/{','.join(moves)}/v1"
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def provide() -> Iterator[Provide]:
    """A provider that all tests share."""
    with provider() as made:
        yield made


@pytest.fixture
def mortal() -> Iterator[Provide]:
    """A provider of one test alone, which may kill it."""
    with provider() as made:
        yield made
