"""``REDIS_URL`` chooses the store of claims; without it they are kept in a file."""

from pathlib import Path

import pytest

from evals.bench.redis_server import RedisServer, free_port
from graph.config import settings
from graph.setup import stores
from incident.errors import BadInput, Unavailable
from tools.locks.redis_locks import RedisLocks
from tools.locks.sqlite_locks import SqliteLocks

pytestmark = pytest.mark.timeout(60)


def locks(tmp_path: Path, url: str) -> RedisLocks | SqliteLocks:
    chosen = settings.load({"SUTURE_HOME": str(tmp_path / "home"), **({"REDIS_URL": url} if url else {})})
    found = stores.connect(chosen).locks
    assert isinstance(found, RedisLocks | SqliteLocks)
    return found


def test_a_redis_url_chooses_redis_and_it_says_so(tmp_path: Path, shared_server: RedisServer) -> None:
    found = locks(tmp_path, shared_server.url)
    assert isinstance(found, RedisLocks)
    assert found.check().startswith("Redis ")
    assert shared_server.url.removesuffix("/0") in found.check()
    found.close()


def test_without_one_claims_are_kept_in_a_file_and_it_says_so(tmp_path: Path) -> None:
    found = locks(tmp_path, "")
    assert isinstance(found, SqliteLocks)
    assert found.check() == "SQLite, locks.db, for the workers of this machine"
    found.close()


def test_a_server_that_is_not_there_is_unavailable_when_it_is_asked_and_not_before(tmp_path: Path) -> None:
    found = locks(tmp_path, f"redis://:hunter2@127.0.0.1:{free_port()}/0")
    with pytest.raises(Unavailable, match=r"Redis at redis://127\.0\.0\.1") as told:
        found.check()
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize(
    "url",
    ["http://:hunter2@127.0.0.1:6379", "redis://:hunter2@127.0.0.1:port/0", "redis://:hunter2@127.0.0.1:1/0?db=x"],
)
def test_an_address_that_makes_no_sense_is_refused_without_showing_its_password(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadInput) as told:
        locks(tmp_path, url)
    assert told.value.field == "REDIS_URL"
    assert "hunter2" not in str(told.value)
