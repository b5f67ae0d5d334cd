"""A context over the scripted world: virtual time, real stores in a temporary folder, the playbook."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from pydantic import JsonValue

from agents.models import factory
from agents.playbook.model import Playbook
from graph import build
from graph.config import leave
from graph.config.model_settings import ModelSettings
from graph.config.settings import Settings
from graph.context import Context
from graph.runtime import driver
from graph.setup import stores, wiring
from graph.state import Case, State, final, opened
from incident.alert import Alert, Payload, fingerprint_of
from incident.control import Approval
from incident.ending import Ending
from incident.record import Record
from incident.value import encode
from policies.profiles import lab
from policies.registry import POLICIES
from tools import ports
from tools.audit import chain_file
from tools.records import process
from tools.records.home import Home, lay_out
from tools.scripted.clock import ManualClock
from tools.scripted.proof import ScriptedProver
from tools.scripted.world import ScriptedWorld
from tools.secrets import mask

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

    shared: stores.Stores
    """Kept even where a test puts another store in its place: SQLite's companion files go with the last connection."""
    clock: ManualClock
    world: ScriptedWorld
    context: Context
    told: Told
    records: list[Record]

    @property
    def home(self) -> Home:
        """The home folder."""
        return self.shared.home

    def put(self, platform: ports.Platform) -> None:
        """Another platform in the place of the world's own."""
        self.world.platform = platform
        key = chain_file.load_key(self.home.audit_key)
        self.context = replace(self.context, world=mask.MaskedWorld(self.world, mask.Mask(key)))

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
                opening=leave.opened(self.context.settings, case, self.shared.marks),
            ),
            HOLDER,
        )
        assert row is not None
        leave.say(row, self.context.audit, self.shared.marks, now)
        return State(case=case)

    def run(self, fresh: State | None = None, answer: Mapping[str, JsonValue] | None = None) -> State:
        """Drive the incident until it ends or asks; an answer is given the way that `graph.approve` gives it."""
        if answer is not None:
            self.answer(answer)
        try:
            result = driver.invoke(wiring.checkpointer(self.shared), self.context, INCIDENT, fresh)
        finally:
            self.context.lease_keeper.stop()
        return final({key: value for key, value in result.items() if key != driver.INTERRUPT})

    def answer(self, said: Mapping[str, JsonValue]) -> None:
        """Store an answer to what is asked now."""
        with wiring.checkpointer(self.shared) as saver:
            (asked,) = build.build(saver).get_state({"configurable": {"thread_id": INCIDENT}}).interrupts
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

    def asked(self, policy: str) -> list[Any]:
        """The facts that one policy was given, in order."""
        kind = POLICIES[policy].facts
        return [
            kind.model_validate_json(encode(record.event.facts))
            for record in self.records
            if record.event.kind == "decided" and record.event.decision.policy == policy
        ]

    def weights(self) -> dict[str, int]:
        """What orders routes to which version now."""
        return {version.name: version.weight for version in self.world.platform.read("orders").versions}


def without_rescue(
    saver: AbstractContextManager[BaseCheckpointSaver[str]], context: Context, fresh: State
) -> Mapping[str, JsonValue]:
    """The control of what ends an incident in order: the graph alone, which raises what fails between its nodes."""
    with saver as opened_saver:
        context.progress.left(fresh)
        config: RunnableConfig = {"configurable": {"thread_id": INCIDENT}, "recursion_limit": build.STEPS}
        graph = build.build(opened_saver)
        return dict(graph.invoke(opened(fresh), config, context=context, durability="sync"))


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
    records: list[Record] = []
    told = Told(delivers=delivers)
    shared = stores.connect(settings, clock=clock, notify=told, holder=holder, fate=lambda _: fate)
    known = shared.incidents.find(INCIDENT)
    if known is not None:
        shared.incidents.claim(known, holder)
    chosen = model or (factory.build("scripted:test", script=script) if script else Playbook())
    context = wiring.context(
        settings,
        shared,
        world,
        INCIDENT,
        records.append,
        models=replace(wiring.built(settings), model=chosen, name=factory.describe(chosen)),
        prover=prover or ScriptedProver(lambda _: "passed"),
    )
    return Bench(shared=shared, clock=clock, world=world, context=context, told=told, records=records)
