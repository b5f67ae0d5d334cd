"""One trial of `lock_pauses`: a resource, its workers, and what happens to them."""

import ctypes
import multiprocessing
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from evals.bench.pausing_stores import LEASE, Store, opened
from incident.errors import Fenced, Unavailable
from incident.value import Value
from tools import ports
from tools.clock import SystemClock
from tools.lease_keeper import LeaseKeeper

WORKERS = 5
PAUSE = (0.5, 1.0)
"""Shortest and longest pause in seconds: past the end of the lease, and then some for others to act in."""
ODDS = {"claim": 0.1, "read": 0.1, "ready": 0.4}
"""Chance that whoever asks the resource this is stopped, if nobody is just then.

After "ready" comes the write, with the lease checked before it: the one moment that a lease cannot cover.  A pause
that begins earlier is caught by that check, fenced or not, so few of those are needed.
"""
WORK = 0.01
"""Seconds between reading and writing."""
LIMIT = 600.0
"""Seconds after which a trial ends with the pauses it has."""

_FORK = multiprocessing.get_context("fork")
_PDEATHSIG = 1  # PR_SET_PDEATHSIG, see prctl(2)


class Course(Value):
    """Plan of one trial."""

    pauses: int
    kills: int
    resets: int


class Outcome(Value):
    """Outcome of one trial."""

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

    def perhaps(self, pid: int, what: str) -> None:
        """Maybe stop this process before it gets its answer, or a few milliseconds later."""
        with self._gate:
            if self._busy or self.done >= self._wanted or self._rng.random() >= ODDS[what]:
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
        """True when nobody is stopped."""
        return not self._busy


def trial(store: str, folder: Path, seed: int, course: Course, *, fenced: bool) -> Outcome:
    """Run one course on one store and count."""
    resource, pauser = Resource(fenced=fenced), Pauser(random.Random(seed), course.pauses)
    over = threading.Event()
    with opened(store, folder) as kept:
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
            if what in ODDS:
                pauser.perhaps(pid, what)
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

    lease_keeper = LeaseKeeper(kept.open(), SystemClock())
    while True:
        try:
            lease = lease_keeper.take(f"worker-{number}", ("value",), (), seconds=LEASE, wait=5.0)
            if isinstance(lease, ports.Lease):
                _count_up(lease_keeper, lease, ask, fenced=fenced)
        except (Unavailable, Fenced):
            time.sleep(0.02)
        except _Over:
            return
        finally:
            lease_keeper.release()


def _count_up(lease_keeper: LeaseKeeper, lease: ports.Lease, ask: Any, *, fenced: bool) -> None:
    if fenced and not ask("claim", lease.token, lease.grant):
        return
    value = ask("read")
    time.sleep(WORK)
    lease_keeper.check(lease)
    ask("ready")  # between this check and the write nothing but the resource can help
    ask("write", value + 1, lease.token, lease.grant)
