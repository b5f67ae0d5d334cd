"""State that all adapters of one simulated world share: its values, its clock, and its planned failures."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Literal, NoReturn

from pydantic import AwareDatetime

from incident.errors import Conflict, Unavailable, Unsure
from incident.value import Value
from incident.workload import Effect, WorkloadChange
from tools import ports
from tools.scripted import change as changing
from tools.scripted.state import Service, State

Part = Literal["platform", "metrics", "logs", "traces", "captures"]

Mishap = Literal["refused", "lost_request", "lost_answer", "outrun", "crash_before", "crash_between", "crash_after"]
"""Fate of one change.

It never arrives and the caller knows; it never arrives; it happens and its answer is lost; somebody else changes the
resource first; the caller's process ends before it happened, between making what is new and the one write, or after.
"""


class Outage(Value):
    """A stretch of time in which a part does not answer."""

    part: Part
    start: AwareDatetime
    end: AwareDatetime


class Crashed(BaseException):
    """The process would have ended here.  No `except Exception` catches it, as none catches SIGKILL."""


class Trouble(Value):
    """Planned failures: outages of parts, and mishaps of changes."""

    changes: dict[int, Mishap] = {}
    """By the how-manyth change that is asked for, from 1."""
    outages: tuple[Outage, ...] = ()


def crash() -> NoReturn:
    """End the simulated process; a real one passes ``os._exit`` or a signal instead."""
    raise Crashed


class Stage:
    """One simulated world's state.  Changes are made one at a time."""

    def __init__(
        self, state: State, clock: ports.Clock, trouble: Trouble | None = None, die: Callable[[], NoReturn] = crash
    ) -> None:
        self.state = state
        self.clock = clock
        self.trouble = trouble or Trouble()
        self.asked = 0
        """Changes asked for so far."""
        self._die = die
        self._lock = threading.Lock()

    def now(self, part: Part) -> datetime:
        """The time, for a part that answers.  Raises Unavailable during an outage."""
        now = self.clock.now()
        if any(outage.part == part and outage.start <= now < outage.end for outage in self.trouble.outages):
            raise Unavailable(f"the simulated {part} does not answer")
        return now

    def change(self, service: str, change: WorkloadChange, *, revision: str, effect: Effect) -> State:
        """Make one change, or let its mishap happen."""
        with self._lock:
            now = self.now("platform")
            self.asked += 1
            mishap = self.trouble.changes.get(self.asked)
            if mishap is not None:
                self._before(mishap, service, change, now)
            after = changing.apply(self.state, service, change, revision=revision, effect=effect, now=now)
            self.state = after
            # Only now: the change happened, and its maker never learns of it.
            if mishap == "crash_after":
                self._die()
            if mishap == "lost_answer":
                raise Unsure(f"the answer to {change.kind} on {service} was lost")
            return after

    def _before(self, mishap: Mishap, service: str, change: WorkloadChange, now: datetime) -> None:
        match mishap:
            case "refused":
                raise Unavailable("the simulated platform does not answer")
            case "lost_request":
                raise Unsure(f"the request about {service} was lost")
            case "crash_before":
                self._die()
            case "crash_between":
                self.state = changing.prepared(self.state, service, change)
                self._die()
            case "outrun":
                self.state = self.state.model_copy(update={"services": self._touched(service)})
                raise Conflict(f"{service} was changed by somebody else at {now:%H:%M:%S}")
            case "crash_after" | "lost_answer":
                return

    def _touched(self, service: str) -> dict[str, Service]:
        """The services after somebody else changed one of them in a way that matters to nobody."""
        old = self.state.services[service]
        workload = old.workload.model_copy(update={"revision": changing.following(old.workload.revision)})
        return {**self.state.services, service: old.model_copy(update={"workload": workload})}
