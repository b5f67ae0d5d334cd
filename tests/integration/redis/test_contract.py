"""Redis keeps the contract of all lock stores: a real server, virtual clocks."""

import itertools
from collections.abc import Iterator

import pytest
import redis

from evals.bench.redis_server import RedisServer
from tests.integration.redis.virtual import LONGEST, Sleep, past
from tests.unit.locks.locks_contract import LocksContract, Machine, claim, granted
from tools import ports
from tools.locks import redis_locks
from tools.scripted.clock import ManualClock

pytestmark = pytest.mark.timeout(60)

_PREFIXES = (f"{{t{number}}}:locks" for number in itertools.count())


class VirtualBell:
    """Waits in virtual time: a little, then a look whether the bell was rung."""

    def __init__(self, clock: ManualClock, client: "redis.Redis") -> None:
        self._clock, self._client = clock, client

    def wait(self, key: str, seconds: float) -> int | None:
        end = self._clock.monotonic() + seconds
        while (said := self._client.lpop(key)) is None and self._clock.monotonic() < end:
            self._clock.sleep(min(0.25, max(0.001, end - self._clock.monotonic())))
        return None if said is None else int(str(said).split()[1])


@pytest.fixture(params=["rung", "deaf"])
def opened(shared_server: RedisServer, request: pytest.FixtureRequest) -> Iterator[Machine]:
    """Waiters hear their bells, or none of them does: then they find out by themselves what they were given."""
    clock, stores, prefix = ManualClock(), [], next(_PREFIXES)
    past(shared_server.url, prefix)
    client = shared_server.client()

    def process() -> ports.Locks:
        stores.append(
            redis_locks.open(
                shared_server.url,
                clock,
                longest=LONGEST,
                bell=lambda _: VirtualBell(clock, client) if request.param == "rung" else Sleep(clock),
                prefix=prefix,
            )
        )
        return stores[-1]

    yield Machine(clock, process)
    for store in stores:
        store.close()
    client.close()


class TestRedisLocks(LocksContract):
    @pytest.fixture
    def machine(self, opened: Machine) -> Machine:
        return opened


def test_a_lease_that_is_longer_than_the_longest_is_a_defect_of_the_caller(opened: Machine) -> None:
    with pytest.raises(ValueError, match="longer than the longest"):
        claim(opened.process(), "a", seconds=LONGEST + 1.0)


def test_each_grant_has_a_name_of_its_own(opened: Machine) -> None:
    locks = opened.process()
    one, two = granted(claim(locks, "a")), granted(claim(locks, "a"))
    assert one.grant != two.grant
    assert not locks.renew(one.model_copy(update={"token": two.token})), "the number alone does not make it ours"
    assert locks.renew(two)
