"""Scanner for unfinished incidents, which gives each a process of its own, a few at a time.

Each has a process, because a crash in one must not end the others, and because the claim on an incident belongs
to a process.  When the scanner ends, those processes go on.
"""

import argparse
import json
import subprocess
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime

from graph.config.settings import Settings
from graph.console import cli
from graph.runtime import abandonment, unfinished
from graph.runtime.unfinished import Unfinished
from graph.setup import stores
from incident.ending import EXIT_CODES, Outcome
from incident.errors import SutureError
from incident.value import Value
from tools import program
from tools.ports import HOLD_SECONDS

LONGEST_PAUSE = timedelta(hours=1)
"""Longest pause between two tries of an incident that cannot be resumed just now; the pause doubles up to this."""

POLL = 0.2
"""Seconds between looks at the processes that were started."""


class Resumed(Value):
    """Result of one try.  `unresumed`: its world did not answer, or the process failed; it is still unfinished."""

    incident: str
    service: str
    why: str
    outcome: Outcome | Literal["unresumed"]
    reason: str

    @property
    def exit_code(self) -> int:
        """The exit code, as in `graph.run`; an incident that could not be resumed needs a person."""
        return cli.ESCALATED if self.outcome == "unresumed" else EXIT_CODES[self.outcome]


class Patience(Value):
    """Failures to resume an incident, and the time of the next try."""

    failures: int
    due: AwareDatetime


Start = Callable[[Unfinished], Resumed]


class Scanner:
    """Starts a process for each unfinished incident, at most so many at once.

    `failed` is called for each that could not be resumed, and may end it.
    """

    def __init__(
        self,
        find: Callable[[], tuple[Unfinished, ...]],
        start: Start,
        tell: Callable[[Resumed], None],
        failed: Callable[[Resumed], Resumed],
    ) -> None:
        self._find, self._start, self._tell, self._failed = find, start, tell, failed
        self._running: dict[str, Future[Resumed]] = {}
        self._held_off: dict[str, Patience] = {}

    def look(self, pool: ThreadPoolExecutor, now: datetime) -> None:
        """Start each incident that is unfinished, due, and not being resumed already."""
        for item in self._find():
            known = self._held_off.get(item.row.id)
            if item.row.id in self._running or (known is not None and now < known.due):
                continue
            self._running[item.row.id] = pool.submit(self._start, item)

    def collect(self, now: datetime, every: timedelta) -> list[Resumed]:
        """Return the results that came in, and set the next try of those that failed."""
        done = [name for name, future in self._running.items() if future.done()]
        found = [self._running.pop(name).result() for name in done]
        found = [self._failed(item) if item.outcome == "unresumed" else item for item in found]
        for item in found:
            self._tell(item)
            if item.outcome == "unresumed":
                failures = self._held_off[item.incident].failures + 1 if item.incident in self._held_off else 1
                pause = min(every * 2 ** min(failures, 16), LONGEST_PAUSE)
                self._held_off[item.incident] = Patience(failures=failures, due=now + pause)
            else:
                self._held_off.pop(item.incident, None)
        return found

    @property
    def idle(self) -> bool:
        """True when no started process still runs."""
        return not self._running


def scan(shared: stores.Stores, chosen: Settings, arguments: argparse.Namespace) -> int:
    """Look once, or again and again; return the exit code of the worst ending."""
    found: list[Resumed] = []
    scanner = Scanner(lambda: unfinished.found(shared, chosen), started, _teller(arguments), patient(shared))
    every = timedelta(seconds=arguments.watch or 1.0)
    pool = ThreadPoolExecutor(max_workers=max(1, arguments.jobs), thread_name_prefix="resume")
    looked: datetime | None = None
    try:
        while True:
            now = shared.clock.now()
            if looked is None or (arguments.watch is not None and now - looked >= every):
                looked = now
                scanner.look(pool, now)
            found += scanner.collect(now, every)
            if scanner.idle and arguments.watch is None:
                _elsewhere(shared)
                break
            shared.clock.sleep(POLL)
    except KeyboardInterrupt:
        cli.say("no longer looking; incidents that were taken up again go on, or are taken back if you asked them to")
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return _concluded(arguments, found)


def started(item: Unfinished) -> Resumed:
    """Resume one incident in a process of its own, and return its result."""
    command = program.line("graph.resume", item.row.id, "--json")
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)  # noqa: S603 (our own interpreter and module)
    return heard(item, ran.returncode, ran.stdout, ran.stderr)


def heard(item: Unfinished, code: int, out: str, err: str) -> Resumed:
    """Return the result in a process's output; any output without an ending leaves the incident unfinished."""
    known = {"incident": item.row.id, "service": item.row.service, "why": item.why}
    try:
        said = json.loads(out)
        return Resumed.model_validate({**known, "outcome": said["outcome"], "reason": said["reason"]})
    except (ValueError, KeyError, TypeError):
        words = [line.removeprefix("suture: ") for line in err.strip().splitlines()]
        words = [line for line in words if line != cli.HINT]
        reason = words[-1] if words else f"its process ended with {code} and said nothing"
        return Resumed.model_validate({**known, "outcome": "unresumed", "reason": reason[:500]})


def _teller(arguments: argparse.Namespace) -> Callable[[Resumed], None]:
    def tell(item: Resumed) -> None:
        if not arguments.json:
            cli.write(f"{item.incident} ({item.service}; {item.why}): {item.outcome}: {item.reason}")
        elif arguments.watch is not None:
            cli.emit(item.model_dump(mode="json"))

    return tell


def patient(shared: stores.Stores) -> Callable[[Resumed], Resumed]:
    """Return the function that counts failed tries, and ends an incident after too many."""

    def failed(item: Resumed) -> Resumed:
        row = shared.incidents.find(item.incident)
        try:
            ending = None if row is None else abandonment.failed(shared, row, item.reason)
        except SutureError as error:
            cli.say(f"{item.incident}: that it could not be resumed could not be recorded ({error})")
            return item
        if ending is None:
            return item
        return item.model_copy(update={"outcome": ending.outcome, "reason": ending.reason})

    return failed


def _concluded(arguments: argparse.Namespace, found: list[Resumed]) -> int:
    worst = max((item.exit_code for item in found), default=0)
    if arguments.json and arguments.watch is None:
        cli.emit({"exit_code": worst, "incidents": [item.model_dump(mode="json") for item in found]})
    elif not found and not arguments.json:
        cli.write("nothing is unfinished")
    return worst


def _elsewhere(shared: stores.Stores) -> None:
    """Print the incidents that are left alone, because a holder, here or on another machine, may work on them."""
    for row in shared.incidents.rows():
        if row.status != "closed" and row.holder and shared.incidents.alive(row):
            lease = (
                "" if shared.sees(row.holder) else f"; without a sign of life for {HOLD_SECONDS:.0f} s it has lost it"
            )
            cli.say(f"{row.id} is left alone: {shared.told(row.holder)} works on it{lease}")
