"""One trial of `lock_pauses`: a resource, its workers, and what happens to them."""

import ctypes
import multiprocessing
import os
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

from evals.bench.redis_server import RedisServer, server
from graph.tenure import Tenure
from incident.errors import Fenced, Unavailable
from incident.value import Value
from tools import ports
from tools.clock import SystemClock
from tools.stores import redis_locks, sqlite_locks

STORES = ("sqlite", "redis")
WORKERS = 5
LEASE = 0.3
PAUSE = (0.5, 1.0)
"""Shortest and longest pause in seconds: past the end of the lease, and then some for others to act in."""
ODDS = 0.2
"""Chance that whoever asks the resource is stopped, if nobody is just then."""
WORK = 0.01
"""Seconds between reading and writing."""
LIMIT = 600.0
"""Seconds after which a trial ends with the pauses it has."""

_FORK = multiprocessing.get_context("fork")
_PDEATHSIG = 1  # PR_SET_PDEATHSIG, see prctl(2)


class Course(Value):
    """What happens in one trial."""

    pauses: int
    kills: int
    resets: int


class Outcome(Value):
    """What came of one trial."""

    store: str
    seed: int
    fenced: bool
    acknowledged: int
    refused: int
    """Writes and claims that the resource refused."""
    lost: int
    double: int
    tokens_twice: int
    pauses: int
    kills: int
    resets: int


class Store(Protocol):
    """The lock store as the trial meddles with it."""

    def open(self) -> ports.Locks:
        """Another process's view."""

    def kill(self, number: int) -> None:
        """Kill whoever keeps it, in the middle of its work."""

    def reset(self) -> None:
        """Set its counter back."""


class SqliteStore:
    """A file; who can be killed is a process inside a transaction, after it stopped there for longer than a lease."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "locks.db"

    def open(self) -> ports.Locks:
        """Another connection to the file."""
        return sqlite_locks.open(self._path, SystemClock())

    def kill(self, number: int) -> None:
        """Kill a writer that stopped half way through a transaction."""
        child = _FORK.Process(target=self._hold)
        child.start()
        time.sleep(PAUSE[1] + 0.1 * number)
        child.kill()
        child.join()

    def _hold(self) -> None:
        with sqlite3.connect(self._path, timeout=10.0, isolation_level=None) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM places")
            os.kill(os.getpid(), signal.SIGSTOP)

    def reset(self) -> None:
        """Set the counter to 1."""
        with sqlite3.connect(self._path, timeout=10.0) as connection:
            connection.execute("UPDATE counter SET value = 1")


class RedisStore:
    """A server; every second time it comes back empty."""

    def __init__(self, running: RedisServer) -> None:
        self._running = running

    def open(self) -> ports.Locks:
        """Another client."""
        return redis_locks.open(self._running.url, SystemClock(), longest=LEASE)

    def kill(self, number: int) -> None:
        """Kill the server and start another one, which finds the file of the last one or nothing."""
        self._running.kill()
        time.sleep(0.2)
        self._running.start(empty=number % 2 == 0)

    def reset(self) -> None:
        """Set both copies of the counter to 1."""
        with self._running.client() as client:
            client.hset(redis_locks.PREFIX, mapping={"counter": "1", "high": "1"})


@contextmanager
def _sqlite(folder: Path) -> Iterator[Store]:
    yield SqliteStore(folder)


@contextmanager
def _redis(folder: Path) -> Iterator[Store]:
    with server(folder) as running:
        yield RedisStore(running)


def _opened(store: str, folder: Path) -> AbstractContextManager[Store]:
    folder.mkdir(parents=True, exist_ok=True)
    return {"sqlite": _sqlite, "redis": _redis}[store](folder)


class Resource:
    """The world's side: one value, the token and the grant that claimed it last, and everything that was written."""

    def __init__(self, *, fenced: bool) -> None:
        self._fenced = fenced
        self._gate = threading.Lock()
        self._owner = (0, "")
        self._grants: dict[int, set[str]] = {}
        self.value = 0
        self.written: list[int] = []
        self.refused = 0

    def claim(self, token: int, grant: str) -> bool:
        """Raise the token to a larger one; the same one only for the same grant."""
        with self._gate:
            if self._fenced and token <= self._owner[0] and (token, grant) != self._owner:
                self.refused += 1
                return False
            self._owner = (token, grant)
            self._grants.setdefault(token, set()).add(grant)
            return True

    def read(self) -> int:
        """The value."""
        return self.value

    def write(self, value: int, token: int, grant: str) -> bool:
        """Replace the value, if it is the owner who writes."""
        with self._gate:
            if self._fenced and (token, grant) != self._owner:
                self.refused += 1
                return False
            self.value = value
            self.written.append(value)
            return True

    def twice(self) -> int:
        """Tokens that were accepted from more than one grant."""
        return sum(len(grants) > 1 for grants in self._grants.values())


class Pauser:
    """Stops the holder, one at a time, just before it gets an answer or a little later, and lets it go on."""

    def __init__(self, rng: random.Random, wanted: int) -> None:
        self._rng, self._wanted = rng, wanted
        self._gate = threading.Lock()
        self._busy = False
        self.done = 0

    def perhaps(self, pid: int) -> None:
        """Maybe stop this process now or in a few milliseconds."""
        with self._gate:
            if self._busy or self.done >= self._wanted or self._rng.random() >= ODDS:
                return
            self._busy = True
            later, length = self._rng.choice((0.0, 0.0, self._rng.uniform(0.0, 0.03))), self._rng.uniform(*PAUSE)
        if later:
            threading.Timer(later, self._stop, (pid, length)).start()
        else:
            self._stop(pid, length)

    def _stop(self, pid: int, length: float) -> None:
        os.kill(pid, signal.SIGSTOP)
        threading.Timer(length, self._go_on, (pid,)).start()

    def _go_on(self, pid: int) -> None:
        os.kill(pid, signal.SIGCONT)
        with self._gate:
            self._busy = False
            self.done += 1

    def idle(self) -> bool:
        """Whether nobody is stopped."""
        return not self._busy


def trial(store: str, folder: Path, seed: int, course: Course, *, fenced: bool) -> Outcome:
    """Run one course on one store and count."""
    resource, pauser = Resource(fenced=fenced), Pauser(random.Random(seed), course.pauses)
    over = threading.Event()
    with _opened(store, folder) as kept:
        pairs = [_FORK.Pipe() for _ in range(WORKERS)]
        workers = [
            _FORK.Process(target=_work, args=(kept, number, pair[1], fenced)) for number, pair in enumerate(pairs)
        ]
        for worker, pair in zip(workers, pairs, strict=True):
            worker.start()
            pair[1].close()
        servers = [
            threading.Thread(target=_serve, args=(pair[0], worker.pid, resource, pauser, over))
            for worker, pair in zip(workers, pairs, strict=True)
        ]
        for thread in servers:
            thread.start()
        kills, resets = _happen(kept, pauser, course)
        over.set()
        for thread in servers:
            thread.join()
        for worker in workers:
            worker.join(30)
            worker.kill()
    return Outcome(
        store=store,
        seed=seed,
        fenced=fenced,
        acknowledged=len(resource.written),
        refused=resource.refused,
        lost=len(resource.written) - resource.value,
        double=len(resource.written) - len(set(resource.written)),
        tokens_twice=resource.twice(),
        pauses=pauser.done,
        kills=kills,
        resets=resets,
    )


def _happen(kept: Store, pauser: Pauser, course: Course) -> tuple[int, int]:
    """Let the store suffer between the pauses, evenly spread, until all pauses are over; how often it did."""
    agenda = [((number + 1) * course.pauses // (course.kills + 1), "kill") for number in range(course.kills)]
    agenda += [((2 * number + 1) * course.pauses // (2 * course.resets), "reset") for number in range(course.resets)]
    agenda.sort()
    counts = {"kill": 0, "reset": 0}
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline and (agenda or pauser.done < course.pauses or not pauser.idle()):
        while agenda and agenda[0][0] <= pauser.done:
            _, what = agenda.pop(0)
            kept.kill(counts["kill"]) if what == "kill" else kept.reset()
            counts[what] += 1
        time.sleep(0.02)
    return counts["kill"], counts["reset"]


def _serve(line: "Connection[Any, Any]", pid: int, resource: Resource, pauser: Pauser, over: threading.Event) -> None:
    """Answer one worker until the trial is over; whoever asks holds, or believes to."""
    answers: dict[str, Callable[..., object]] = {
        "claim": resource.claim,
        "read": resource.read,
        "ready": lambda: True,
        "write": resource.write,
    }
    try:
        while True:
            what, *arguments = line.recv()
            answer = answers[what](*arguments)
            if what != "write":
                pauser.perhaps(pid)
            line.send(None if over.is_set() else answer)
    except EOFError:
        return


class _Over(Exception):
    """The trial is over."""


def _work(kept: Store, number: int, line: "Connection[Any, Any]", fenced: bool) -> None:  # noqa: FBT001 (a process's argument)
    """Count up under a claim, again and again."""
    ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGKILL)  # a stopped worker would outlive its starter

    def ask(*words: object) -> Any:
        line.send(words)
        answer = line.recv()
        if answer is None:
            raise _Over
        return answer

    tenure = Tenure(kept.open(), SystemClock())
    while True:
        try:
            lease = tenure.take(f"worker-{number}", ("value",), (), seconds=LEASE, wait=5.0)
            if isinstance(lease, ports.Lease):
                _count_up(tenure, lease, ask, fenced=fenced)
        except (Unavailable, Fenced):
            time.sleep(0.02)
        except _Over:
            return
        finally:
            tenure.release()


def _count_up(tenure: Tenure, lease: ports.Lease, ask: Any, *, fenced: bool) -> None:
    if fenced and not ask("claim", lease.token, lease.grant):
        return
    value = ask("read")
    time.sleep(WORK)
    tenure.check(lease)
    ask("ready")  # between this check and the write nothing but the resource can help
    ask("write", value + 1, lease.token, lease.grant)
