"""Unit tests open no socket: the interpreter itself refuses, through an audit hook."""

import gc
import sys
from collections.abc import Iterator

import pytest

from tests.unit import recorded

_in_unit_test = False


class SocketOpened(AssertionError):
    """A unit test reached for the network."""


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    # Local sockets (asyncio's own wake-up pair) have a path or nothing as their address.
    if _in_unit_test and event in ("socket.connect", "socket.bind") and isinstance(arguments[1], tuple):
        raise SocketOpened(f"{event} {arguments[1]!r} in a unit test")


sys.addaudithook(_refuse)


def pytest_collection_finish() -> None:
    """Leave what was imported and collected out of every later collection of garbage: all of it stays to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_sockets() -> Iterator[None]:
    """Refuse network addresses while a unit test runs."""
    global _in_unit_test  # noqa: PLW0603 (an audit hook cannot be taken back, so it asks a flag)
    _in_unit_test = True
    yield
    _in_unit_test = False


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> recorded.Told:
    """Three whole incidents, each run once for all tests that look at their records."""
    return recorded.told(tmp_path_factory.mktemp("recorded"))
