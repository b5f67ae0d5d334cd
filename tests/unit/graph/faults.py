"""Books that fail from a moment on, at a real drive over the scripted world in virtual time."""

import contextlib
import errno
import io
import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, Literal

from langgraph.checkpoint.base import BaseCheckpointSaver

from graph.config import leave, settings
from graph.console import observer
from graph.context import Context, Progress
from graph.effects import perform
from graph.journal import Journal
from graph.runtime import driver, resumption, settlement
from graph.setup import stores
from graph.state import CHECKPOINTED, Case, State
from incident.alert import Alert, Payload, fingerprint_of
from incident.ending import Ending
from incident.errors import Unavailable
from incident.workload import Effect, Workload, WorkloadChange
from policies.profiles import lab
from tests.unit.graph.desks import INCIDENT, Told
from tools import ports
from tools.lease_keeper import LeaseKeeper
from tools.records import checkpoints, database, sqlite_incidents
from tools.records.emergency import EmergencyLog
from tools.scripted.clock import EPOCH, ManualClock
from tools.scripted.proof import ScriptedProver
from tools.scripted.world import ScriptedWorld

Moment = Literal["before", "after"]
Kind = Literal["full", "error", "defect"]
"""The disk is full and says so as our stores do; the system's own error; anything else."""

WRITES: dict[str, tuple[str, ...]] = {
    "checkpoints": (),
    "journal": ("append", "write"),
    "audit": ("append",),
    "ledger": ("intend", "conclude"),
    "incidents": ("update", "set_control"),
    "locks": ("acquire", "renew", "release"),
    "spans": ("span", "flush", "close"),
    "notify": ("tell",),
    "emergency": ("write",),
    "scratch": ("prove", "check"),
}
"""What writes to each store."""

READS: dict[str, tuple[str, ...]] = {
    "journal": ("lines", "digests"),
    "audit": ("verify", "find"),
    "ledger": ("look", "entries", "open"),
    "incidents": ("find", "rows", "control"),
    "platform": ("read", "change"),
}
"""What only reads; a full disk can still be read, and one with an error cannot."""

STORES = tuple(WRITES)

DISK = tuple(store for store in STORES if store not in ("notify", "emergency"))
"""What lies in SUTURE_HOME and is needed to go on; notices and last words have other ways."""


@dataclass
class Fault:
    """What fails, how, and whether it does just now."""

    stores: tuple[str, ...]
    kind: Kind = "full"
    on: bool = False
    asked: int = 0
    """How often something failed."""

    def strike(self, store: str) -> None:
        """Fail, if this store does now."""
        if not self.on or store not in self.stores:
            return
        self.asked += 1
        match self.kind:
            case "full":
                raise Unavailable(f"{store} cannot be written: {os.strerror(errno.ENOSPC)}")
            case "error":
                raise OSError(errno.EIO, os.strerror(errno.EIO), store)
            case "defect":
                raise KeyError(store)

    def door(self, store: str, real: Any) -> Any:
        """The store behind this fault."""
        reads = READS.get(store, ()) if self.kind == "error" else ()
        return Door(self, store, real, (*WRITES.get(store, ()), *reads))


class Door:
    """A store, some of whose methods fail."""

    def __init__(self, fault: Fault, store: str, real: Any, methods: tuple[str, ...]) -> None:
        self._fault, self._store, self._real, self._methods = fault, store, real, methods

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if name not in self._methods:
            return found

        def asked(*arguments: Any, **named: Any) -> Any:
            self._fault.strike(self._store)
            return found(*arguments, **named)

        return asked


class Saver(checkpoints.Saver):
    """Checkpoints that fail."""

    def __init__(self, path: Path, fault: Fault) -> None:
        database.touch(path)
        super().__init__(
            path, sqlite3.connect(path, check_same_thread=False), checkpoints.StrictSerializer(CHECKPOINTED)
        )
        self._fault = fault
        self.setup()

    @contextlib.contextmanager
    def cursor(self, transaction: bool = True) -> Iterator[sqlite3.Cursor]:
        if transaction or self._fault.kind == "error":
            self._fault.strike("checkpoints")
        with super().cursor(transaction) as cursor:
            yield cursor


@dataclass
class Trigger(Progress):
    """Lets the fault begin before or after the how-manyth visit of a node."""

    fault: Fault = field(default_factory=lambda: Fault(()))
    at: str = ""
    moment: Moment = "before"
    visit: int = 1
    visits: int = 0

    def entered(self, node: str, state: State) -> None:
        super().entered(node, state)
        self.visits += node == self.at
        self._look("before")

    def left(self, state: State) -> None:
        super().left(state)
        self._look("after")

    def _look(self, moment: Moment) -> None:
        if (self.node, self.moment, self.visits) == (self.at, moment, self.visit):
            self.fault.on = True


class Platform:
    """A platform around whose how-manyth change the fault begins."""

    def __init__(self, real: ports.Platform, fault: Fault, number: int, moment: Moment) -> None:
        self._real, self._fault, self._number, self._moment = real, fault, number, moment
        self._changes = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def change(self, service: str, change: WorkloadChange, *, revision: str, effect: Effect) -> Workload:
        self._changes += 1
        self._begin("before")
        try:
            return self._real.change(service, change, revision=revision, effect=effect)
        finally:
            self._begin("after")

    def _begin(self, moment: Moment) -> None:
        if (self._changes, moment) == (self._number, self._moment):
            self._fault.on = True


class Driver(driver.Driver):
    """The product's drive over books that fail."""

    scene: "Scene"
    books: stores.Stores

    def context(self, row: ports.Row) -> Context:
        made, scene = super().context(row), self.scene
        fault = scene.fault
        journal, audit = fault.door("journal", made.folder), fault.door("audit", made.audit)
        return replace(
            made,
            settings=made.settings.model_copy(update={"lease_seconds": 600.0}),
            prover=fault.door("scratch", ScriptedProver(lambda _: "passed")),
            ledger=fault.door("ledger", made.ledger),
            incidents=fault.door("incidents", made.incidents),
            audit=audit,
            folder=journal,
            notify=fault.door("notify", made.notify),
            emergency=fault.door("emergency", scene.emergency),
            tracer=fault.door("spans", made.tracer),
            journal=Journal(row.id, journal, audit, made.clock, stores.redacted, observer.silent),
            lease_keeper=LeaseKeeper(fault.door("locks", scene.shared.locks), made.clock),
            progress=scene.trigger,
        )

    def saver(self) -> contextlib.AbstractContextManager[BaseCheckpointSaver[str]]:
        return contextlib.closing(Saver(self.scene.shared.home.checkpoints, self.scene.fault))


HOLDERS = (f"{number}:1" for number in count(100))


@dataclass
class Scene:
    """One process of ours at one incident."""

    shared: stores.Stores
    clock: ManualClock
    world: ScriptedWorld
    fault: Fault
    told: Told
    spoken: io.StringIO
    """Standard error."""
    trigger: Progress = field(default_factory=Progress)

    @property
    def emergency(self) -> EmergencyLog:
        """Where last words go."""
        return EmergencyLog(self.shared.home.emergency, self.spoken)

    @property
    def chosen(self) -> settings.Settings:
        """Settings under which everything may be done."""
        chosen = settings.load({"SUTURE_HOME": str(self.shared.home.root), "SUTURE_AUTONOMY": "auto"})
        return chosen.model_copy(update={"limits": lab()})

    def drive(self) -> Driver:
        """A drive of this process."""
        books = replace(self.shared, incidents=self.fault.door("incidents", self.shared.incidents))
        made = Driver(self.chosen, books, self.world, observer.silent)
        made.scene, made.books = self, books
        return made

    def case(self) -> Case:
        """The alert on orders, fired when this world had run for 30 s."""
        labels = {"alertname": "HighErrorRate", "service": "orders"}
        fired = EPOCH + timedelta(seconds=30)
        alert = Alert(status="firing", labels=labels, starts_at=fired, fingerprint=fingerprint_of(labels))
        name, payload = self.world.platform.world(), Payload(alerts=(alert,))
        return Case(incident=INCIDENT, world=name, payload=payload, alert=alert, service="orders")

    def start(self) -> Ending:
        """Work on the incident until it ends or waits."""
        return self.drive().start(self.case())[0]

    def open(self, holder: str = "") -> None:
        """Open its row, as a process that did nothing else."""
        case, now = self.case(), self.clock.now()
        opening = leave.opened(self.chosen, case, self.shared.marks)
        row = ports.Row(
            id=case.incident,
            world=case.world,
            fingerprint=case.alert.fingerprint,
            starts_at=case.alert.starts_at,
            service=case.service,
            status="open",
            opened_at=now,
            changed_at=now,
            opening=opening,
        )
        self.shared.incidents.claim(row, holder or self.shared.holder)

    def resumed(self) -> ports.Row:
        """What `graph.resume INCIDENT` makes of it."""
        row = self.shared.incidents.find(INCIDENT)
        assert row is not None
        made = self.drive()
        return resumption.taken_up(made.books, made, row)[1]

    def next(self, fault: Fault | None = None, *, lives: bool = False) -> "Scene":
        """Another process, after this one has ended, or while it still `lives`; without a fault, all is well again."""
        return scene(self.shared.home.root, self.clock, self.world, fault or Fault(()), lives=lives)

    def settled(self) -> ports.Row:
        """What the next `graph.resume` makes of the incident."""
        settlement.settle(self.shared)
        row = self.shared.incidents.find(INCIDENT)
        assert row is not None
        return row if row.status == "closed" else self.drive().resume(row)[1]

    def weights(self) -> dict[str, int]:
        """What orders routes where, without the versions that get nothing."""
        return {item.name: item.weight for item in self.world.platform.read("orders").versions if item.weight}

    def mark(self) -> str:
        """What stands at orders of what to go back to."""
        before = perform.before_of(self.world.platform.read("orders"))
        return "" if before is None else before.canonical().decode()

    def made(self) -> list[str]:
        """Every change that orders has seen."""
        return [change.what for change in self.world.platform.history("orders", self.clock.now().replace(year=2000))]


def emergencies(at: Scene) -> list[dict[str, Any]]:
    """The emergency log's lines."""
    file = at.shared.home.emergency
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def scene(root: Path, clock: ManualClock, world: ScriptedWorld, fault: Fault, *, lives: bool = False) -> Scene:
    """A process over the books in a folder; every earlier one of them is dead, or `lives`."""
    told, spoken = Told(), io.StringIO()
    plain = stores.connect(settings.load({"SUTURE_HOME": str(root)}))
    index = sqlite_incidents.open(
        plain.home.incidents_index, clock, plain.audit, plain.marks, lambda _: "alive" if lives else "dead"
    )
    shared = replace(plain, clock=clock, notify=told, incidents=index, holder=next(HOLDERS))
    return Scene(shared, clock, world, fault, told, spoken)
