"""A context over the scripted world: virtual time, real stores in a temporary folder, the playbook."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from langchain_core.language_models import BaseChatModel
from pydantic import JsonValue

from agents import prompts
from agents.models import factory
from agents.playbook.model import Playbook
from graph import build
from graph.config import leave
from graph.config.model_settings import ModelSettings
from graph.config.settings import Settings
from graph.context import Context, Models
from graph.journal import Journal
from graph.runtime import driver
from graph.setup import stores
from graph.state import CHECKPOINTED, Case, State, final
from incident.alert import Alert, Payload, fingerprint_of
from incident.control import Approval
from incident.ending import Ending
from incident.record import Record
from policies.profiles import lab
from tools import ports, spans
from tools.audit import chain_file
from tools.incident_hold import HeldFolder, Hold
from tools.lease_keeper import LeaseKeeper
from tools.locks import sqlite_locks
from tools.records import checkpoints, process, record_folder, sqlite_incidents, sqlite_ledger
from tools.records.emergency import EmergencyLog
from tools.records.home import Home, lay_out
from tools.records.marks import Marks
from tools.scripted.clock import ManualClock
from tools.scripted.proof import ScriptedProver
from tools.scripted.world import ScriptedWorld
from tools.secrets import redaction

INCIDENT = "inc-test"
HOLDER = "1:1"


@dataclass
class Told:
    """A notifier that remembers, and delivers as told."""

    delivers: bool = True
    said: list[str] = field(default_factory=list)

    def tell(self, subject: str, body: Mapping[str, JsonValue]) -> tuple[tuple[str, bool], ...]:
        self.said.append(f"{subject}: {body.get('reason')}")
        return (("test", self.delivers),)


@dataclass
class Bench:
    """Everything a test of the graph needs, and may look at afterwards."""

    home: Home
    clock: ManualClock
    world: ScriptedWorld
    context: Context
    told: Told
    records: list[Record]
    locks: ports.Locks
    """Kept even where a test puts another store in its place: SQLite's companion files go with the last connection."""

    def case(self) -> Case:
        """The alert on orders, fired now."""
        labels = {"alertname": "HighErrorRate", "service": "orders"}
        alert = Alert(status="firing", labels=labels, starts_at=self.clock.now(), fingerprint=fingerprint_of(labels))
        return Case(
            incident=INCIDENT,
            world=self.world.platform.world(),
            payload=Payload(alerts=(alert,)),
            alert=alert,
            service="orders",
        )

    def open(self) -> State:
        """Open the incident's row and return the first state."""
        case = self.case()
        now = self.clock.now()
        marks = Marks(chain_file.load_key(self.home.audit_key))
        row = self.context.incidents.claim(
            ports.Row(
                id=case.incident,
                world=case.world,
                fingerprint=case.alert.identity,
                starts_at=case.alert.starts_at,
                service=case.service,
                status="open",
                opened_at=now,
                changed_at=now,
                opening=leave.opened(self.context.settings, case, marks),
            ),
            HOLDER,
        )
        assert row is not None
        leave.say(row, self.context.audit, marks, now)
        return State(case=case)

    def run(self, fresh: State | None = None, answer: Mapping[str, JsonValue] | None = None) -> State:
        """Drive the incident until it ends or asks; an answer is given the way that `graph.approve` gives it."""
        if answer is not None:
            self.answer(answer)
        saver = checkpoints.open(self.home.checkpoints, CHECKPOINTED)
        try:
            result = driver.invoke(build.build(saver), self.context, INCIDENT, fresh)
        finally:
            saver.close()
            self.context.lease_keeper.stop()
        return final({key: value for key, value in result.items() if key != "__interrupt__"})

    def answer(self, said: Mapping[str, JsonValue]) -> None:
        """Store an answer to what is asked now."""
        saver = checkpoints.open(self.home.checkpoints, CHECKPOINTED)
        try:
            (asked,) = build.build(saver).get_state({"configurable": {"thread_id": INCIDENT}}).interrupts
        finally:
            saver.close()
        self.context.incidents.answer(self.row(), asked.id, Approval.model_validate(said))

    def row(self) -> ports.Row:
        """The incident's row as it stands."""
        row = self.context.incidents.find(INCIDENT)
        assert row is not None
        return row

    def heal(self) -> Ending:
        """Open and drive, and return the ending."""
        state = self.run(self.open())
        assert state.ending is not None
        return state.ending

    def decided(self, policy: str) -> list[str]:
        """The choices of one policy, in order."""
        return [
            record.event.decision.choice
            for record in self.records
            if record.event.kind == "decided" and record.event.decision.policy == policy
        ]

    def weights(self) -> dict[str, int]:
        """What orders routes to which version now."""
        return {version.name: version.weight for version in self.world.platform.read("orders").versions}


def bench(
    folder: Path,
    clock: ManualClock,
    world: ScriptedWorld,
    *,
    prover: ports.Prover | None = None,
    script: str | None = None,
    model: BaseChatModel | None = None,
    thinking: ModelSettings | None = None,
    autonomy: str = "auto",
    dry_run: bool = False,
    delivers: bool = True,
    holder: str = HOLDER,
    fate: process.Fate = "alive",
) -> Bench:
    """Lay out a context, or one more over the same home: another process, to which others' fate is the given one.

    Sleeping advances the virtual clock, so a whole incident takes no real time.
    """
    home = lay_out(folder / "home")
    settings = Settings.model_validate(
        {"home": home.root, "autonomy": autonomy, "dry_run": dry_run, "limits": lab(), "lease_seconds": 600.0}
    ).model_copy(update={"thinking": thinking or ModelSettings()})
    audit = chain_file.open(home.audit, home.audit_key, home.audit_anchor, clock)
    journal = record_folder.open(home.incidents, INCIDENT, clock)
    records: list[Record] = []
    told = Told(delivers=delivers)
    marks = Marks(chain_file.load_key(home.audit_key))
    incidents = sqlite_incidents.open(home.incidents_index, clock, audit, marks, lambda _: fate)
    known = incidents.find(INCIDENT)
    if known is not None:
        incidents.claim(known, holder)
    locks = sqlite_locks.open(home.locks, clock)
    hold = Hold(incidents, INCIDENT, stores.unmoved(home))
    mind = model or (factory.build("scripted:test", script=script) if script else Playbook())
    context = Context(
        settings=settings,
        clock=clock,
        world=world,
        prover=prover or ScriptedProver(lambda _: "passed"),
        ledger=sqlite_ledger.open(home.ledger, clock),
        incidents=incidents,
        audit=audit,
        folder=journal,
        notify=told,
        emergency=EmergencyLog(home.emergency, io.StringIO()),
        tracer=spans.open(journal.folder / "trace.jsonl", INCIDENT, clock, {}),
        journal=Journal(
            INCIDENT,
            HeldFolder(journal, hold),
            audit,
            clock,
            lambda value: redaction.redact(value, keep=("before", "after", "diff")),
            records.append,
        ),
        lease_keeper=LeaseKeeper(locks, clock),
        hold=hold,
        models=Models(
            model=mind,
            name=factory.describe(mind),
            rca=prompts.shipped("rca"),
            patch=prompts.shipped("patch"),
            small=prompts.shipped("small"),
            review=prompts.shipped("review"),
        ),
        keep_alive=lambda _: None,
    )
    return Bench(home=home, clock=clock, world=world, context=context, told=told, records=records, locks=locks)
