"""Scripted worlds of the memory bench, and whole incidents in them, one after the other in one home."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from graph.config import settings
from graph.config.settings import Settings
from graph.context import Context
from graph.runtime import cases, driver
from graph.setup import stores
from incident.alert import Payload, parse
from incident.ending import Ending
from incident.evidence import Dossier
from incident.record import Answered, Event, Gathered, Proposed, Record
from incident.remedy import Patch, Remedy
from incident.value import encode
from tools import ports
from tools.scripted.clock import ManualClock
from tools.scripted.proof import ScriptedProver
from tools.scripted.world import SICK, ScriptedWorld, incident_world

Judge = Callable[[Patch], bool]


def dormant(clock: ports.Clock) -> ScriptedWorld:
    """A bug that was always there wakes: only a patch helps."""
    return incident_world(clock, wakes_in=0.0)


def innocent(clock: ports.Clock) -> ScriptedWorld:
    """The same, and a deploy shortly before it had nothing to do with it."""
    return incident_world(clock, wakes_in=0.0, deployed_ago=20.0)


def guilty(clock: ports.Clock) -> ScriptedWorld:
    """A fresh deploy brought the bug: going back helps, and so does a patch."""
    return incident_world(clock, wakes_in=-300.0, deployed_ago=2.0, sick=SICK)


WORLDS: Mapping[str, Callable[[ports.Clock], ScriptedWorld]] = {
    "a dormant bug": dormant,
    "a bug beside an innocent deploy": innocent,
    "a bad deploy": guilty,
}


@dataclass(frozen=True)
class Run:
    """One whole incident."""

    ending: Ending
    context: Context
    events: tuple[Event, ...] = field(repr=False)

    @property
    def steps(self) -> int:
        """Calls of models and of their tools, rounds of evidence, and candidates that were put forward."""
        asked = [event for event in self.events if isinstance(event, Answered)]
        rounds = sum(isinstance(event, Gathered) for event in self.events)
        tried = sum(isinstance(event, Proposed) for event in self.events)
        return sum(one.steps + len(one.tool_calls) for one in asked) + rounds + tried

    @property
    def remedy(self) -> Remedy | None:
        """The last remedy that was put forward."""
        return next((event.remedy for event in reversed(self.events) if isinstance(event, Proposed)), None)

    @property
    def dossier(self) -> Dossier:
        """The newest evidence."""
        return next(event.dossier for event in reversed(self.events) if isinstance(event, Gathered))


class _Driver(driver.Driver):
    """The product's driver with a scripted sandbox, and another memory where one is given."""

    judge: Judge
    memories: ports.Memories | None
    made: Context

    def context(self, row: ports.Row) -> Context:
        made = replace(super().context(row), prover=ScriptedProver(lambda p: "passed" if self.judge(p) else "failed"))
        self.made = made if self.memories is None else replace(made, memories=self.memories)
        return self.made


@dataclass
class Home:
    """A home folder and a clock that goes on, in which one incident comes after the other."""

    folder: Path
    clock: ManualClock = field(default_factory=ManualClock)
    settings: Settings = field(init=False)
    books: stores.Stores = field(init=False)

    def __post_init__(self) -> None:
        given = {"SUTURE_HOME": str(self.folder), "SUTURE_AUTONOMY": "auto", "SUTURE_PROFILE": "lab"}
        self.settings = settings.load(given)
        self.books = stores.connect(self.settings, clock=self.clock, notify=_Silent())

    def run(
        self,
        world: Callable[[ports.Clock], ScriptedWorld],
        judge: Judge = lambda _: True,
        memories: ports.Memories | None = None,
    ) -> Run:
        """Play one incident of a world to its end, on the day after the last one."""
        self.clock.advance(timedelta(days=1).total_seconds())
        played = world(self.clock)
        self.clock.advance(30)
        (case,) = cases.of(self.settings, played, self._alert()).cases
        records: list[Record] = []
        drive = _Driver(self.settings, self.books, played, records.append)
        drive.judge, drive.memories = judge, memories
        ending, _ = drive.start(case)
        return Run(ending=ending, context=drive.made, events=tuple(record.event for record in records))

    def _alert(self) -> Payload:
        labels = {"alertname": "HighErrorRate", "service": "orders"}
        return parse(encode({"labels": {**labels}, "startsAt": self.clock.now().isoformat()}))


class _Silent:
    def tell(self, subject: str, body: Mapping[str, object]) -> tuple[tuple[str, bool], ...]:
        """Nobody reads the notices of a bench."""
        del subject, body
        return (("nobody", True),)
