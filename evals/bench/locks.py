"""Cost of a lock beside the locks that people use, on one Redis server in one run.

The floor is the least that a lock with an owner can do: SET NX PX, and a script that deletes what is ours.
Peers are redis-py's Lock and python-redis-lock.  Contenders take turns within each round, in an order that
is drawn, so that whatever else the machine does meets all of them.
"""

import multiprocessing
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import redis
import redis_lock  # type: ignore[import-untyped]
from redis.lock import Lock

from evals.bench import reporting
from evals.bench.redis_server import server
from evals.bench.reporting import Target
from tools import ports
from tools.clock import SystemClock
from tools.locks import redis_locks, sqlite_locks

LEASE = 10.0
SERVICES = tuple(f"service-{number}" for number in range(8))
IN_A_ROW = 5
"""Turns of one contender in its slot of a round."""
CONTENDERS = 4
QUEUES = 5
"""Number of times that the contenders queue up anew.

The median queue counts: one hiccup of the machine is one of its 99th percentiles.
"""
HOLD = 0.002
"""Seconds for which a contended lock is held."""
ELSEWHERE = (CONTENDERS - 1) * HOLD
"""Mean seconds that a contender spends elsewhere after its turn, so that a lock is wanted just as often as it can be given.

With none, whoever gives an unfair lock back takes it again before anybody else looks: few of its turns wait at all, and
it is their number that decides whether the 99th percentile sees those few."""

_DELETE_OWN = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end"

Turn = Callable[[], object]
Take = Callable[[], Turn]
"""Takes a lock, and returns what gives it back."""
Contender = Callable[[str, int], Take]
"""Connects a process, by the server's address and its own number."""
Samples = Mapping[str, list[float]]


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    arguments = reporting.parser("locks", __doc__ or "").parse_args(argv)
    rounds, turns = (200, 15) if arguments.quick else (3000, 160)
    rng = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as running:
        settle(running.url)
        alone = timed(alone_turns(running.url, Path(folder)), rounds, rng)
        eight = timed(eight_turns(running.url), rounds // 2, rng)
        queues = {name: [contended(make, running.url, turns) for _ in range(QUEUES)] for name, make in WAITING.items()}
    typical_queue = {name: sorted(found, key=worst)[len(found) // 2] for name, found in queues.items()}
    show("acquire and release, nobody else there (ms)", alone)
    show("eight services at once (ms)", eight)
    show(f"wait among {CONTENDERS} processes that hold for {HOLD * 1000:.0f} ms each (ms)", typical_queue)
    typical = {name: statistics.median(samples) for name, samples in {**alone, **eight}.items()}
    targets = [
        Target(
            name="acquire+release over the floor, medians",
            measured=typical["ours"] / typical["floor: SET NX + Lua"],
            bound=1.2,
        ),
        Target(
            name="eight redis-py locks over eight services at once, medians",
            measured=typical["eight redis-py locks"] / typical["ours, one claim"],
            bound=8.0,
            at_most=False,
        ),
        Target(
            name="contended wait over redis-py's default, p99",
            measured=worst(typical_queue["ours"]) / worst(typical_queue["redis-py Lock"]),
            bound=1 / 20,
        ),
    ]
    figures: Any = {
        part: {
            name: {"p50_ms": statistics.median(found) * 1e3, "p99_ms": worst(found) * 1e3} for name, found in of.items()
        }
        for part, of in (("alone", alone), ("eight", eight), ("contended", typical_queue))
    }
    return reporting.conclude(targets, figures, file=arguments.json, seed=arguments.seed, quick=arguments.quick)


def opened(url: str) -> redis_locks.RedisLocks:
    """Our store."""
    return redis_locks.open(url, SystemClock(), longest=LEASE)


def settle(url: str) -> None:
    """Wait out the grace of a new store, which nobody has used before: seconds, once."""
    locks = redis_locks.open(url, SystemClock(), longest=0.5)
    locks.release(granted(locks.acquire("first", exclusive=("x",), shared=(), seconds=0.5, wait=10.0)))
    locks.close()


def granted(answer: ports.Lease | ports.Busy) -> ports.Lease:
    """The lease; a bench whose claims fail measures nothing."""
    if isinstance(answer, ports.Busy):
        raise TimeoutError(f"held by {answer.holders}")
    return answer


def timed(turns: Mapping[str, Turn], rounds: int, rng: random.Random) -> Samples:
    """Seconds of each contender's turns, in rounds of a drawn order; the first turn of each slot does not count.

    It would be charged with filling the caches again after the contender before.
    """
    found: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(rounds // IN_A_ROW):
        for name in rng.sample(sorted(turns), len(turns)):
            turns[name]()
            for _ in range(IN_A_ROW):
                started = time.perf_counter()
                turns[name]()
                found[name].append(time.perf_counter() - started)
    return found


def claim_turn(locks: ports.Locks, services: tuple[str, ...]) -> Turn:
    """Claim and give back, all at once."""
    return lambda: locks.release(
        granted(locks.acquire("bench", exclusive=services, shared=(), seconds=LEASE, wait=1.0))
    )


def alone_turns(url: str, folder: Path) -> dict[str, Turn]:
    """One lock, taken and given back."""
    client = redis.Redis.from_url(url)
    digest = str(client.script_load(_DELETE_OWN))

    def floor() -> None:
        token = secrets.token_hex(8)
        if not client.set("floor", token, nx=True, px=int(LEASE * 1000)):
            raise TimeoutError("the floor is taken")
        client.evalsha(digest, 1, "floor", token)

    def redis_py() -> None:
        lock = client.lock("redis-py", timeout=LEASE)
        lock.acquire()
        lock.release()

    def python_redis_lock() -> None:
        lock = redis_lock.Lock(client, "python-redis-lock", expire=int(LEASE))
        lock.acquire()
        lock.release()

    return {
        "floor: SET NX + Lua": floor,
        "ours": claim_turn(opened(url), ("one",)),
        "ours, on SQLite": claim_turn(sqlite_locks.open(folder / "locks.db", SystemClock()), ("one",)),
        "redis-py Lock": redis_py,
        "python-redis-lock": python_redis_lock,
    }


def eight_turns(url: str) -> dict[str, Turn]:
    """Eight services that one plan needs."""
    client = redis.Redis.from_url(url)

    def eight() -> None:
        locks = [client.lock(f"redis-py-{name}", timeout=LEASE) for name in SERVICES]
        for lock in locks:
            lock.acquire()
        for lock in reversed(locks):
            lock.release()

    return {"ours, one claim": claim_turn(opened(url), SERVICES), "eight redis-py locks": eight}


def contended(make: Contender, url: str, turns: int) -> list[float]:
    """Seconds that each acquire took, in several connected processes that want the same again and again."""
    fork = multiprocessing.get_context("fork")
    start, pairs = fork.Barrier(CONTENDERS), [fork.Pipe(duplex=False) for _ in range(CONTENDERS)]

    def run(number: int) -> None:
        found: list[float] = []
        take, rng = make(url, number), random.Random(number)
        start.wait()
        for _ in range(turns):
            started = time.perf_counter()
            give_back = take()
            found.append(time.perf_counter() - started)
            time.sleep(HOLD)
            give_back()
            time.sleep(rng.uniform(0.0, 2 * ELSEWHERE))
        pairs[number][1].send(found)

    workers = [fork.Process(target=run, args=(number,), daemon=True) for number in range(CONTENDERS)]
    for worker in workers:
        worker.start()
    waits = [wait for reader, _ in pairs for wait in reader.recv()]
    for worker in workers:
        worker.join()
    return waits


def our_claims(url: str, number: int) -> Take:
    """Our claims under contention."""
    locks = opened(url)
    locks.check()

    def take() -> Turn:
        answer = locks.acquire(f"w{number}", exclusive=("busy",), shared=(), seconds=LEASE, wait=120.0)
        return lambda: locks.release(granted(answer))

    return take


def _takes(url: str, make: Callable[["redis.Redis"], Any]) -> Take:
    client = redis.Redis.from_url(url)
    client.ping()

    def take() -> Turn:
        lock = make(client)
        lock.acquire()
        return lock.release  # type: ignore[no-any-return]

    return take


def redis_py_locks(url: str, _: int) -> Take:
    """redis-py's Lock as it comes: it looks every 0.1 s."""
    return _takes(url, lambda client: Lock(client, "busy-py", timeout=LEASE))


def python_redis_locks(url: str, _: int) -> Take:
    """python-redis-lock wakes its waiters, too."""
    return _takes(url, lambda client: redis_lock.Lock(client, "busy-prl", expire=int(LEASE)))


WAITING: Mapping[str, Contender] = {
    "ours": our_claims,
    "redis-py Lock": redis_py_locks,
    "python-redis-lock": python_redis_locks,
}


def worst(samples: Sequence[float]) -> float:
    """The 99th percentile."""
    return statistics.quantiles(samples, n=100)[98]


def show(title: str, of: Samples) -> None:
    """One table."""
    rows = [
        (name, f"{statistics.median(found) * 1e3:.3f}", f"{worst(found) * 1e3:.3f}", str(len(found)))
        for name, found in of.items()
    ]
    reporting.table(title, ("", "p50", "p99", "samples"), rows)


if __name__ == "__main__":
    sys.exit(main())
