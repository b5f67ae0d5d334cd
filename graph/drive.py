"""Drives one incident through the graph: opens or resumes it, and makes its ending final."""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command
from pydantic import JsonValue

from graph import attempt, build, report, rescue, resuming, wiring
from graph.desk import Desk
from graph.scribe import Listener
from graph.settings import Settings
from graph.state import Case, State, final
from incident.alert import Alert, Payload
from incident.ending import Ending, Outcome
from incident.errors import BadInput
from incident.record import Closed
from tools.ports import Audit, Journal, Row, World

WAITING_LEASE = 1800.0
"""Seconds for which a world that was started for one run is kept while a person is asked."""

Graph = CompiledStateGraph[State, Desk, State, State]


def identity(world: str, alert: Alert) -> str:
    """Id of an incident: the same for the same alert in the same world."""
    text = f"{world}\n{alert.fingerprint}\n{alert.starts_at.isoformat()}"
    return f"inc-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def service_of(alert: Alert, settings: Settings, known: tuple[str, ...]) -> str:
    """The service an alert is about.  Raises BadInput when no label names a known one."""
    for label in settings.service_labels:
        value = alert.labels.get(label)
        if value is None:
            continue
        if value not in known:
            raise BadInput(f"labels.{label}", value, f"name one of the services of this world: {', '.join(known)}")
        return value
    wanted = " or ".join(settings.service_labels)
    raise BadInput("labels", sorted(alert.labels), f"add the label {wanted} that names the service")


def opening(settings: Settings, world: World, payload: Payload) -> Case:
    """The case of a payload's leading alert.  Raises BadInput."""
    alert = payload.firing()[0]
    service = service_of(alert, settings, world.platform.services())
    name = world.platform.world()
    return Case(incident=identity(name, alert), world=name, payload=payload, alert=alert, service=service)


class Drive:
    """One incident at work in this process."""

    def __init__(
        self,
        settings: Settings,
        books: wiring.Books,
        world: World,
        listener: Listener,
        keep_alive: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._settings, self._books, self._world = settings, books, world
        self._listener, self._keep_alive = listener, keep_alive

    def start(self, case: Case) -> tuple[Ending, Row]:
        """Open the incident of a case, or go on with it where it stands."""
        now = self._books.clock.now()
        row = self._books.incidents.claim(
            Row(
                id=case.incident,
                world=case.world,
                fingerprint=case.alert.fingerprint,
                starts_at=case.alert.starts_at,
                service=case.service,
                status="open",
                opened_at=now,
                changed_at=now,
                opening=resuming.Opening(
                    case=case, autonomy=self._settings.autonomy, dry_run=self._settings.dry_run
                ).model_dump(mode="json"),
            ),
            self._books.holder,
        )
        if row is None:
            return self._busy(case.incident)
        return self._go(row, State(case=case), None)

    def resume(self, row: Row, answer: Mapping[str, JsonValue] | None) -> tuple[Ending, Row]:
        """Go on with a known incident, giving a person's answer to its question if there is one."""
        claimed = self._books.incidents.claim(row, self._books.holder)
        if claimed is None:
            return self._busy(row.id)
        known = resuming.opening(claimed)
        return self._go(claimed, State(case=known.case) if known else None, answer)

    def stop(self, incident: str, error: Exception) -> tuple[Ending, Row] | None:
        """End an incident that cannot be gone on with, not even claimed, while a change that a dead process left stands.

        None where nothing stands, or somebody lives who works on it: then the error is all that there is to say.
        """
        row = attempt.run(lambda: self._books.incidents.find(incident))
        known = resuming.opening(row) if isinstance(row, Row) and row.status != "closed" else None
        if (
            not isinstance(row, Row)
            or known is None
            or (row.holder != self._books.holder and self._books.alive(row.holder))
        ):
            return None
        desk = self.desk(incident)
        try:
            attempt.failure(lambda: self._remembered(desk, incident))
            fresh = State(case=known.case.model_copy(update={"service": row.service}))
            if not rescue.in_flight(desk, fresh):
                return None
            return self._finish(desk, row, rescue.rescued(desk, desk.progress.state or fresh, error))
        finally:
            attempt.failure(desk.tenure.stop)
            attempt.failure(desk.tracer.close)

    def _remembered(self, desk: Desk, incident: str) -> None:
        """Let the desk know how far the incident got."""
        with self.saver() as saver:
            values = build.build(saver).get_state({"configurable": {"thread_id": incident}}).values
        if values:
            desk.progress.left(final(values))

    def place(self, incident: str) -> str:
        """Id of the checkpoint that it would go on from; empty when there is none yet."""
        with self.saver() as saver:
            found = saver.get_tuple({"configurable": {"thread_id": incident}})
        return "" if found is None else str(found.checkpoint["id"])

    def question(self, row: Row) -> Mapping[str, JsonValue]:
        """What a waiting incident asks: the question, the plan's digest and its base.  Raises BadInput."""
        with self.saver() as saver:
            asked = build.build(saver).get_state({"configurable": {"thread_id": row.id}}).interrupts
        if not asked:
            raise BadInput("incident", row.id, "it asks nothing just now; run its alert again")
        return dict(asked[0].value)

    def desk(self, incident: str) -> Desk:
        """The workplace of one incident."""
        return wiring.desk(self._settings, self._books, self._world, incident, self._listener, self._keep_alive)

    def saver(self) -> AbstractContextManager[BaseCheckpointSaver[str]]:
        """Where the graph's checkpoints lie."""
        return wiring.checkpointer(self._books)

    def _busy(self, incident: str) -> tuple[Ending, Row]:
        row = self._books.incidents.find(incident)
        if row is None:
            raise LookupError(f"incident {incident} can neither be claimed nor found")
        return Ending(outcome=Outcome.NO_ACTION, reason=f"process {row.holder} already works on {incident}"), row

    def _go(self, row: Row, fresh: State | None, answer: Mapping[str, JsonValue] | None) -> tuple[Ending, Row]:
        if row.status == "closed":
            return Ending(outcome=Outcome(row.outcome), reason=row.reason), row
        if row.status == "waiting":
            # While it is worked on, others must see that somebody acts.
            row = row.model_copy(update={"status": "open", "waiting_on": "", "changed_at": self._books.clock.now()})
            self._books.incidents.update(row)
        desk = self.desk(row.id)
        desk.room.keep()
        try:
            result = rescue.in_order(desk, fresh, lambda: self._driven(desk, row.id, fresh, answer))
            if "__interrupt__" in result:
                return self._wait(desk, row, result)
            return self._finish(desk, row, final(result))
        finally:
            attempt.failure(desk.tenure.stop)
            attempt.failure(desk.tracer.close)
            desk.room.release()

    def _driven(
        self, desk: Desk, incident: str, fresh: State | None, answer: Mapping[str, JsonValue] | None
    ) -> Mapping[str, Any]:
        with self.saver() as saver:
            return invoke(build.build(saver), desk, incident, fresh, answer)

    def _wait(self, desk: Desk, row: Row, result: Mapping[str, Any]) -> tuple[Ending, Row]:
        question = str(result["__interrupt__"][0].value.get("question", ""))
        ending = Ending(outcome=Outcome.WAITING, reason=question or "a person must decide")
        state = final({key: value for key, value in result.items() if key != "__interrupt__"})
        steps = {
            "the journal": lambda: desk.scribe.write("approve", Closed(ending=ending)),
            "the report": lambda: report.write(desk.journal),
        }
        missing = [name for name, step in steps.items() if attempt.failure(step)]
        attempt.failure(lambda: desk.keep_alive(WAITING_LEASE))
        stored = attempt.run(lambda: self._store(row, state, ending))
        if isinstance(stored, Row):
            # A person can answer, whatever else is missing.
            return ending, stored
        return self._escalated(desk, row, state, ending, [*missing, "its row"])

    def _finish(self, desk: Desk, row: Row, state: State) -> tuple[Ending, Row]:
        ending = state.ending
        if ending is None:
            raise LookupError("the graph ended without an ending")
        missing = ["the report"] if attempt.failure(lambda: report.write(desk.journal)) else []
        attempt.failure(desk.tracer.close)
        if attempt.failure(lambda: seal(desk.audit, desk.journal, row.id, desk.clock.now())):
            missing.append("the seal")
        stored = None if missing else attempt.run(lambda: self._store(row, state, ending))
        if isinstance(stored, Row):
            return ending, stored
        return self._escalated(desk, row, state, ending, missing if stored is None else ["its row"])

    def _escalated(self, desk: Desk, row: Row, state: State, ending: Ending, missing: list[str]) -> tuple[Ending, Row]:
        """The end of an incident that could not be written down as it should; its row may still be."""
        final_ending = rescue.told(desk, state.case, ending, missing)
        stored = attempt.run(lambda: self._store(row, state, final_ending))
        return final_ending, stored if isinstance(stored, Row) else ended(row, final_ending, desk.clock.now())

    def _store(self, row: Row, state: State, ending: Ending) -> Row:
        changed = ended(row.model_copy(update={"service": state.case.service}), ending, self._books.clock.now())
        self._books.incidents.update(changed)
        return changed


def invoke(
    graph: Graph, desk: Desk, incident: str, fresh: State | None, answer: Mapping[str, JsonValue] | None
) -> dict[str, Any]:
    """Start, resume after an interruption, or answer an interrupt by its id.

    Whatever fails on the way, the result is the state of an incident that waits or ended; raises only what was
    raised before anything was known of the incident.
    """
    return dict(rescue.in_order(desk, fresh, lambda: _invoked(graph, desk, incident, fresh, answer)))


def _invoked(
    graph: Graph, desk: Desk, incident: str, fresh: State | None, answer: Mapping[str, JsonValue] | None
) -> dict[str, Any]:
    config: RunnableConfig = {"configurable": {"thread_id": incident}, "recursion_limit": build.STEPS}
    snapshot = graph.get_state(config)
    entry: State | Command[Any] | None
    if not snapshot.values:
        if fresh is None:
            raise LookupError(f"nothing is recorded of {incident}")
        # The input is not validated by the graph, so it is made through the state's own model.
        entry = State.model_validate(fresh.model_dump())
        desk.progress.left(entry)
    else:
        entry = None
        desk.progress.left(final(snapshot.values))
        if snapshot.interrupts:
            told = dict(answer or {})
            entry = Command(resume={item.id: told for item in snapshot.interrupts})
    desk.scribe.settle()
    result = dict(graph.invoke(entry, config, context=desk, durability="sync"))
    if "__interrupt__" not in result and not final(result).closed:
        raise LookupError("the graph ended without an ending")
    return result


def seal(audit: Audit, journal: Journal, incident: str, now: datetime) -> None:
    """Enter the digests of all record files into the chain, so that any changed byte is found later."""
    digests: dict[str, JsonValue] = dict(journal.digests())
    audit.append(now, "suture", "sealed", {"incident": incident, "files": digests})


def ended(row: Row, ending: Ending, now: datetime) -> Row:
    """The row of an incident that is over or waits: nobody holds it any more."""
    waiting = ending.outcome is Outcome.WAITING
    changed = {
        "status": "waiting" if waiting else "closed",
        "outcome": ending.outcome.value,
        "reason": ending.reason,
        "waiting_on": "a person" if waiting else "",
        "holder": "",
        "stake": None,
        "changed_at": now,
    }
    return Row.model_validate({**row.model_dump(), **changed})
