"""A real Redis server of this module's own.  Where there is none to be had, the tests fail and say so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.bench.redis_server import NoServer, RedisServer, server


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One server for a module whose tests do not harm it."""
    yield from _started(tmp_path_factory.mktemp("redis"))


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RedisServer]:
    """One server for one test, to be killed."""
    folder = tmp_path / "redis"
    folder.mkdir()
    yield from _started(folder)


def _started(folder: Path) -> Iterator[RedisServer]:
    try:
        with server(folder) as made:
            yield made
    except NoServer as missing:
        pytest.fail(str(missing))
