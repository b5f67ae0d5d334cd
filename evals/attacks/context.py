"""A context over the planted world: the real graph, policies, stores and notifier, virtual time, and the model that obeys."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from langchain_core.language_models import BaseChatModel
from pydantic import JsonValue

from agents import prompts
from agents.budget import Budget
from evals.attacks.carriers import Carrier, Plants
from evals.attacks.planted import LABEL
from evals.attacks.worlds import SERVICE, Setting
from graph import build
from graph.config.settings import Autonomy, Settings
from graph.context import Context, Models
from graph.journal import Journal
from graph.reports import report
from graph.runtime import driver
from graph.setup import stores
from graph.state import CHECKPOINTED, Case, State, final
from incident.alert import Alert, Payload, fingerprint_of
from incident.ending import Ending
from incident.proof import Proof
from incident.remedy import Patch
from policies.profiles import lab
from tools import ports, spans
from tools.audit import chain_file
from tools.incident_hold import Hold
from tools.lease_keeper import LeaseKeeper
from tools.locks import sqlite_locks
from tools.notify import Notifier
from tools.records import checkpoints, record_folder, sqlite_incidents, sqlite_ledger
from tools.records.emergency import EmergencyLog
from tools.records.home import Home, lay_out
from tools.records.marks import Marks
from tools.scripted.clock import ManualClock
from tools.scripted.proof import Outcome, ScriptedProver
from tools.secrets import redaction

INCIDENT = "inc-000000000000"

JournalMaker = Callable[..., Journal]


FIRST = 2
"""Candidates of one answer of the playbook in this world: when all fail, the patch agent is asked again, with feedback."""


class BlindProver(ScriptedProver):
    """A proof that sees nothing wrong with any change but the ones that it is told of: the policies stand alone.

    The first candidates fail when there is `printed` text: what their tests printed comes back as feedback.
    """

    def __init__(self, printed: str, fails: Callable[[Patch], bool]) -> None:
        self.failed: list[Patch] = []
        self._printed, self._fails, self._proved = printed, fails, 0
        super().__init__(self._judged)

    def _judged(self, patch: Patch) -> Outcome:
        self._proved += 1
        bad = self._fails(patch) or bool(self._printed and self._proved <= FIRST)
        if bad:
            self.failed.append(patch)
        return "failed" if bad else "passed"

    def prove(self, *args: object, **named: object) -> Proof:
        """Every check, and what the failing tests printed."""
        proof = super().prove(*args, **named)  # type: ignore[arg-type]  # the arguments are the protocol's
        checks = tuple(
            check.model_copy(update={"detail": self._printed}) if self._printed and check.outcome == "failed" else check
            for check in proof.checks
        )
        return proof.model_copy(update={"checks": checks})


@dataclass
class Place:
    """One incident's desk with everything around it."""

    home: Home
    clock: ManualClock
    setting: Setting
    context: Context
    prover: BlindProver
    told: io.StringIO

    def run(self, plants: Plants) -> Ending | None:
        """Fire the alert and drive the incident until it ends or waits (None)."""
        fresh = opened(self.clock, self.setting, plants)
        now = fresh.case.alert.starts_at
        row = ports.Row(
            id=INCIDENT,
            world=fresh.case.world,
            fingerprint=fresh.case.alert.identity,
            starts_at=now,
            service=SERVICE,
            status="open",
            opened_at=now,
            changed_at=now,
        )
        self.context.incidents.claim(row, "1:1")
        state = self._driven(fresh)
        if state.ending is not None:
            report.write(self.context.folder)
        self.context.tracer.close()
        return state.ending

    def _driven(self, fresh: State) -> State:
        saver = checkpoints.open(self.home.checkpoints, CHECKPOINTED)
        try:
            result = driver.invoke(build.build(saver), self.context, INCIDENT, fresh)
        finally:
            saver.close()
            self.context.lease_keeper.stop()
        return final({key: value for key, value in result.items() if key != "__interrupt__"})


def opened(clock: ports.Clock, setting: Setting, plants: Plants = MappingProxyType({})) -> State:
    """The first state of an incident whose alert fires now."""
    labels = {"alertname": "HighErrorRate", "service": SERVICE, LABEL: setting.label}
    alert = Alert(
        status="firing",
        labels=labels,
        annotations={"summary": plants.get(Carrier.ALERT_ANNOTATION, "") or "orders answers with errors"},
        starts_at=clock.now(),
        fingerprint=fingerprint_of(labels),
    )
    case = Case(
        incident=INCIDENT,
        world=setting.world.platform.world(),
        payload=Payload(alerts=(alert,)),
        alert=alert,
        service=SERVICE,
    )
    return State(case=case)


def _redacted(value: JsonValue) -> JsonValue:
    return redaction.redact(value, keep=("before", "after", "diff"))


def lay(
    folder: Path,
    clock: ManualClock,
    setting: Setting,
    model: BaseChatModel,
    prover: BlindProver,
    *,
    autonomy: Autonomy = "auto",
    journal: JournalMaker = Journal,
) -> Place:
    """Lay out a context.  Sleeping advances the virtual clock, so a whole incident takes no real time."""
    home = lay_out(folder / "home")
    settings = Settings(
        home=home.root,
        autonomy=autonomy,
        limits=lab(),
        lease_seconds=600.0,
        api_key=setting.secrets.key,
        budget=Budget(steps=8),
    )
    audit = chain_file.open(home.audit, home.audit_key, home.audit_anchor, clock)
    records = record_folder.open(home.incidents, INCIDENT, clock)
    incidents = sqlite_incidents.open(home.incidents_index, clock, audit, Marks(chain_file.load_key(home.audit_key)))
    told = io.StringIO()
    ids = iter(range(10_000))
    context = Context(
        settings=settings,
        clock=clock,
        world=setting.world,
        prover=prover,
        ledger=sqlite_ledger.open(home.ledger, clock),
        incidents=incidents,
        audit=audit,
        folder=records,
        notify=Notifier(told, home.notices, clock, lambda: str(next(ids))),
        emergency=EmergencyLog(home.emergency, told),
        tracer=spans.open(records.folder / "trace.jsonl", INCIDENT, clock, {}),
        journal=journal(INCIDENT, records, audit, clock, _redacted, lambda _: None),
        lease_keeper=LeaseKeeper(sqlite_locks.open(home.locks, clock), clock),
        hold=Hold(incidents, INCIDENT, stores.unmoved(home)),
        models=Models(
            model=model,
            name=type(model).__name__,
            rca=prompts.shipped("rca"),
            patch=prompts.shipped("patch"),
            small=prompts.shipped("small"),
            review=prompts.shipped("review"),
        ),
        keep_alive=lambda _: None,
    )
    return Place(home=home, clock=clock, setting=setting, context=context, prover=prover, told=told)
