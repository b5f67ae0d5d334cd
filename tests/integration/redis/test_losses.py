"""A server that forgets, is put back, stops or dies: nobody goes on on an old lease, and no token comes twice.

The server is real; those who wait for it do so in virtual time, but for the one who hears a real bell.
"""

import signal
import threading
from collections.abc import Callable, Iterator

import pytest

from evals.bench.redis_server import RedisServer
from incident.errors import Unavailable
from tests.integration.redis.virtual import Sleep
from tests.unit.locks.locks_contract import granted
from tools import ports
from tools.clock import SystemClock
from tools.locks import redis_link, redis_locks
from tools.scripted.clock import ManualClock

pytestmark = pytest.mark.timeout(60)

LONGEST = 1.5
PAST = "an earlier life of this store"
Open = Callable[[], redis_locks.RedisLocks]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def process(own_server: RedisServer, clock: ManualClock) -> Iterator[Open]:
    """Opens another worker's view of the store, which somebody has used before."""
    stores: list[redis_locks.RedisLocks] = []

    def opened() -> redis_locks.RedisLocks:
        stores.append(redis_locks.open(own_server.url, clock, longest=LONGEST, bell=lambda _: Sleep(clock)))
        return stores[-1]

    first = opened()
    first.release(granted(claim(first, "first", seconds=1.0, wait=10.0)))
    yield opened
    for store in stores:
        store.close()


def claim(
    locks: ports.Locks,
    owner: str,
    exclusive: tuple[str, ...] = ("orders",),
    *,
    seconds: float = 1.0,
    wait: float = 0.0,
) -> ports.Lease | ports.Busy:
    return locks.acquire(owner, exclusive=exclusive, shared=(), seconds=seconds, wait=wait)


def held(locks: ports.Locks, owner: str = "a") -> ports.Lease:
    return granted(claim(locks, owner, seconds=LONGEST, wait=5.0))


def meddle_restart_empty(server: RedisServer, process: Open) -> None:
    server.kill()
    server.start(empty=True)


def meddle_restart(server: RedisServer, process: Open) -> None:
    server.kill()
    server.start()


def meddle_empty(server: RedisServer, process: Open) -> None:
    with server.client() as client:
        client.flushall()


def meddle_counter(server: RedisServer, process: Open) -> None:
    with server.client() as client:
        client.hset(redis_locks.PREFIX, "counter", "7")


def meddle_both_counters(server: RedisServer, process: Open) -> None:
    with server.client() as client:
        client.hset(redis_locks.PREFIX, mapping={"counter": "7", "high": "7"})


def meddle_older_copy(server: RedisServer, process: Open) -> None:
    with server.client() as client:
        older = client.hgetall(redis_locks.PREFIX)
        locks = process()
        locks.release(held(locks, "b"))
        client.delete(redis_locks.PREFIX)
        client.hset(redis_locks.PREFIX, mapping={**older, "counter": "8", "high": "8"})


LOSSES = (
    meddle_restart_empty,
    meddle_restart,
    meddle_empty,
    meddle_counter,
    meddle_both_counters,
    meddle_older_copy,
)


@pytest.mark.parametrize("meddle", LOSSES, ids=lambda meddle: meddle.__name__.removeprefix("meddle_"))
def test_a_store_that_is_not_what_it_was_ends_every_lease_and_grants_none_before_they_have_run_out(
    own_server: RedisServer, process: Open, clock: ManualClock, meddle: Callable[[RedisServer, Open], None]
) -> None:
    holder = process()
    old = granted(claim(holder, "a", ("orders", "a"), seconds=LONGEST, wait=5.0))
    if meddle is meddle_older_copy:
        holder.release(old)
    meddle(own_server, process)
    started = clock.monotonic()
    assert not holder.renew(old), "the holder learns it at its next renewal"
    assert claim(process(), "b", ("billing",)) == ports.Busy(holders=(PAST,), waited=0.0)
    new = held(process(), "c")
    assert clock.monotonic() - started >= LONGEST
    assert new.token > old.token
    holder.release(old)
    assert process().renew(new), "an old lease gives nothing back that is not its own"


def test_control_a_store_that_stays_what_it_was_goes_on_granting(own_server: RedisServer, process: Open) -> None:
    holder = process()
    old = held(holder)
    assert isinstance(claim(process(), "b"), ports.Busy)
    granted(claim(process(), "b", ("billing",)))
    assert holder.renew(old)


def test_a_broken_connection_is_no_loss(own_server: RedisServer, process: Open) -> None:
    holder = process()
    lease = held(holder)
    with own_server.client() as client:
        client.client_kill_filter(_type="normal", skipme=True)
    assert holder.renew(lease)
    holder.release(lease)
    granted(claim(holder, "b"))


def test_a_server_that_lost_its_scripts_is_taught_again(own_server: RedisServer, process: Open) -> None:
    holder = process()
    lease = held(holder)
    with own_server.client() as client:
        client.script_flush()
    assert holder.renew(lease)


@pytest.mark.timeout(30)  # a few times what all five are allowed together: who waits for ever ends here
@pytest.mark.parametrize("fate", ["killed", "stopped"])
def test_a_server_that_does_not_answer_is_unavailable_in_bounded_time(
    own_server: RedisServer, process: Open, fate: str
) -> None:
    holder = process()
    lease = held(holder)
    own_server.kill() if fate == "killed" else own_server.signal(signal.SIGSTOP)
    asks: tuple[Callable[[], object], ...] = (
        lambda: claim(holder, "a"),
        lambda: holder.renew(lease),
        lambda: holder.release(lease),
        lambda: claim(process(), "b", wait=1.0),
        holder.check,
    )
    for ask in asks:
        with pytest.raises(Unavailable, match=r"Redis at redis://127\.0\.0\.1"):
            ask()
    own_server.signal(signal.SIGCONT)


def test_a_server_that_was_stopped_for_less_than_a_lease_is_the_same_store(
    own_server: RedisServer, process: Open
) -> None:
    holder = process()
    lease = held(holder)
    own_server.signal(signal.SIGSTOP)
    with pytest.raises(Unavailable):
        holder.renew(lease)
    own_server.signal(signal.SIGCONT)
    assert holder.renew(lease)


class Heard:
    """The real bell, and what it was asked and said."""

    def __init__(self, link: redis_link.Link) -> None:
        self._link = link
        self.waits = threading.Semaphore(0)
        self.asked: list[float] = []
        self.said: list[int | None] = []

    def wait(self, key: str, seconds: float) -> int | None:
        self.asked.append(seconds)
        self.waits.release()
        self.said.append(self._link.wait(key, seconds))
        return self.said[-1]


def test_a_waiter_is_given_what_it_waits_for_when_it_is_given_back(own_server: RedisServer, process: Open) -> None:
    holder, bells = process(), list[Heard]()

    def bell(link: redis_link.Link) -> Heard:
        bells.append(Heard(link))
        return bells[-1]

    waiter = redis_locks.open(own_server.url, SystemClock(), longest=LONGEST, bell=bell)
    lease = held(holder)
    got: list[ports.Lease | ports.Busy] = []
    thread = threading.Thread(target=lambda: got.append(claim(waiter, "b", seconds=1.0, wait=10.0)))
    thread.start()
    bells[0].waits.acquire()
    holder.release(lease)
    thread.join()
    won = granted(got[0])
    assert bells[0].said[-1] == won.token, "it was told, and did not find out by looking"
    assert all(seconds > 0.2 for seconds in bells[0].asked), "it does not poll"
    assert waiter.renew(won)
    waiter.close()


class Death:
    """A bell at which its waiter dies."""

    def wait(self, key: str, seconds: float) -> None:
        raise KeyboardInterrupt


def test_a_waiter_that_was_killed_holds_up_the_next_for_seconds_and_not_for_its_lease(
    own_server: RedisServer, process: Open, clock: ManualClock
) -> None:
    holder, doomed = (
        redis_locks.open(own_server.url, clock, longest=30.0, bell=bell)
        for bell in (lambda _: Sleep(clock), lambda _: Death())
    )
    lease = granted(claim(holder, "a", seconds=30.0))
    with pytest.raises(KeyboardInterrupt):
        claim(doomed, "b", seconds=30.0, wait=30.0)
    holder.release(lease)
    released = clock.monotonic()
    granted(claim(process(), "c", wait=20.0))
    assert 1.0 < clock.monotonic() - released < 4.0, "it was handed over to the dead, and then taken back"
    holder.close()
    doomed.close()


def test_what_another_server_process_has_given_is_not_heard(own_server: RedisServer) -> None:
    """It could be left in the file of a server that was restarted; what it gave is of an earlier life."""
    link = redis_link.Link(own_server.url, "return 1")
    with own_server.client() as client:
        client.rpush("bell", "0123456789abcdef 7")
        assert link.wait("bell", 0.1) is None
        client.rpush("bell", f"{client.info('server')['run_id']} 8")
        assert link.wait("bell", 0.1) == 8
    assert link.wait("bell", 0.05) is None
    link.close()


def test_nobody_is_given_anything_by_a_store_that_is_not_what_it_was(
    own_server: RedisServer, process: Open, clock: ManualClock
) -> None:
    """Whoever gives back there hands nothing over: numbers could come twice, and older leases may be in force."""
    holder, waiter = process(), process()
    lease = held(holder)

    def meddle() -> None:
        meddle_both_counters(own_server, process)
        holder.release(lease)

    clock.after(0.1, meddle)
    released = clock.monotonic() + 0.1
    assert granted(claim(waiter, "b", seconds=1.0, wait=10.0)).token > lease.token
    assert clock.monotonic() - released >= LONGEST


def test_a_password_is_shown_to_nobody(own_server: RedisServer) -> None:
    wrong = own_server.url.replace("redis://", "redis://:hunter2@")
    locks = redis_locks.open(wrong, SystemClock(), longest=LONGEST)
    with pytest.raises(Unavailable) as told:
        locks.check()
    assert "hunter2" not in str(told.value)
