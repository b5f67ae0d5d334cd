"""Driver of one incident through the graph: opens or resumes it, and makes its ending final."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command
from pydantic import JsonValue

from graph import build
from graph.config import leave
from graph.config.settings import Settings
from graph.context import Context, Models
from graph.effects import whole_ending
from graph.effects.notify import tell
from graph.evidence import past
from graph.journal import Listener
from graph.reports import report
from graph.runtime import rescue
from graph.setup import stores, wiring
from graph.state import Case, State, final, opened
from incident.ending import Ending, Outcome
from incident.errors import Conflict, Superseded, Tampered
from incident.record import Closed
from tools import attempt, incident_hold
from tools.ports import Row, World

WAITING_LEASE = 1800.0
"""Seconds for which a world that was started for one run is kept while a person is asked."""

Graph = CompiledStateGraph[State, Context, State, State]

Ended = tuple[Ending, Row]
"""Ending of an incident, or the question that it waits for, and its row after that."""

INTERRUPT = "__interrupt__"
"""LangGraph's key for the question that a node asks."""


class Driver:
    """Driver of incidents in this process.

    The leave of an incident is settled here and nowhere else: its context is made from the opening in its row, and
    the settings of this process can only narrow that.
    """

    def __init__(
        self,
        settings: Settings,
        shared: stores.Stores,
        world: World,
        listener: Listener,
        keep_alive: Callable[[float], None] = lambda _: None,
        models: Models | None = None,
    ) -> None:
        self._settings, self._shared, self._world = settings, shared, world
        self._listener, self._keep_alive, self._models = listener, keep_alive, models

    def start(self, case: Case) -> Ended:
        """Open the incident of a case, or go on with it from its checkpoint.

        When the stores fail, a change that a dead process left is still taken back; raises their error when there
        is none.
        """
        try:
            return self._work(self._claimed(case), case.incident, case)
        except Exception as error:
            stopped = attempt.run(lambda error=error: self.stop(case.incident, error))  # type: ignore[misc]
            if stopped is None or isinstance(stopped, Exception):
                # Held by a process that lives, it would keep every later alert from its service.
                attempt.failure(lambda: self._shared.incidents.release(case.incident))
                raise
            return stopped

    def resume(self, row: Row) -> Ended:
        """Go on with a known incident; its question gets the answer of a person, if there is one."""
        return self._work(self._shared.incidents.claim(row, self._shared.holder), row.id)

    def _claimed(self, case: Case) -> Row | None:
        """Return the incident's row, claimed; None when somebody else works on it."""
        now = self._shared.clock.now()
        row = self._shared.incidents.claim(
            Row(
                id=case.incident,
                world=case.world,
                fingerprint=case.alert.identity,
                starts_at=case.alert.starts_at,
                service=case.service,
                status="open",
                opened_at=now,
                changed_at=now,
                opening=leave.opened(self._settings, case, self._shared.marks),
            ),
            self._shared.holder,
        )
        if row is not None and row.id != case.incident:
            raise Conflict(f"the alert that came in is taken for the one of {row.id}, which it is not")
        return row

    def stop(self, incident: str, error: Exception) -> Ended | None:
        """End an incident that cannot be resumed or even claimed, while a change of a dead process is in place.

        None when no change is in place, or a live process works on it: then the caller raises the error.
        """
        row = attempt.run(lambda: self._shared.incidents.find(incident))
        known = leave.opening(row) if isinstance(row, Row) and row.status != "closed" else None
        if not isinstance(row, Row) or known is None or self._elsewhere(row):
            return None
        context = self.context(row)
        try:
            attempt.failure(lambda: self._remembered(context, incident))
            fresh = State(case=known.case.model_copy(update={"service": row.service}))
            if not rescue.in_flight(context, fresh):
                return None
            over = rescue.rescued(context, context.progress.state or fresh, error)
            ours = attempt.run(lambda: self._shared.incidents.claim(row, self._shared.holder))
            if isinstance(ours, Row):
                return self._finish(context, ours, over)
            ending = rescue.told(context, over.case, rescue.ending_of(over), ["its row"])
            return ending, stores.ended(row, ending, context.clock.now())
        finally:
            attempt.failure(context.lease_keeper.stop)
            attempt.failure(context.tracer.close)

    def _elsewhere(self, row: Row) -> bool:
        """True when another live process may work on it; unknown counts as alive."""
        return row.holder != self._shared.holder and attempt.run(lambda: self._shared.incidents.alive(row)) is not False

    def _remembered(self, context: Context, incident: str) -> None:
        """Load the last checkpointed state into the context's progress."""
        with self.saver() as saver:
            values = build.build(saver).get_state({"configurable": {"thread_id": incident}}).values
        if values:
            context.progress.left(final(values))

    def place(self, incident: str) -> str:
        """Return the id of the checkpoint that it would go on from; empty when there is none yet."""
        with self.saver() as saver:
            found = saver.get_tuple({"configurable": {"thread_id": incident}})
        return "" if found is None else str(found.checkpoint["id"])

    def context(self, row: Row) -> Context:
        """Return the context of one incident, with its leave."""
        narrowed = leave.narrowed(self._settings, leave.believed(row, self._shared.audit), self._shared.marks)
        shared, world = self._shared, self._world
        return wiring.context(
            narrowed, shared, world, row.id, self._listener, keep_alive=self._keep_alive, models=self._models
        )

    def saver(self) -> AbstractContextManager[BaseCheckpointSaver[str]]:
        """Return the checkpointer of the graph, to be entered."""
        return wiring.checkpointer(self._shared)

    def _work(self, claimed: Row | None, incident: str, case: Case | None = None) -> Ended:
        """Work on a claimed row for as long as this process holds it."""
        if claimed is None:
            return busy(self._shared, incident)
        if claimed.status == "closed":
            return Ending(outcome=Outcome(claimed.outcome), reason=claimed.reason), claimed
        try:
            with incident_hold.kept(self._shared.incidents, incident):
                row = self._opened(claimed)
                with self._at_work(row) as context:
                    began = leave.opening(row)
                    # The alert as it was opened: a repeat of it brings nothing new.
                    first = began.case if began else case
                    fresh = None if first is None else State(case=first)
                    result = invoke(self.saver(), context, incident, fresh)
                    return (
                        self._wait(context, row, result)
                        if INTERRUPT in result
                        else self._finish(context, row, final(result))
                    )
        except Superseded:
            return busy(self._shared, incident)

    def _opened(self, known: Row) -> Row:
        """Return the row of an open incident with the leave that is believed, and store it."""
        row = leave.kept(self._settings, leave.believed(known, self._shared.audit), self._shared.marks)
        if row.status == "waiting":
            # Others must see that it is worked on again.
            row = row.model_copy(update={"status": "open", "waiting_on": "", "changed_at": self._shared.clock.now()})
        if row != known:
            self._shared.incidents.update(row)
        # Where that cannot be written the row is not believed, and nothing acts.
        attempt.failure(lambda: leave.say(row, self._shared.audit, self._shared.marks, self._shared.clock.now()))
        return row

    @contextmanager
    def _at_work(self, row: Row) -> Iterator[Context]:
        context = self.context(row)
        context.room.keep()
        try:
            yield context
        finally:
            attempt.failure(context.lease_keeper.stop)
            attempt.failure(context.tracer.close)
            context.room.release()

    def _wait(self, context: Context, row: Row, result: Mapping[str, Any]) -> Ended:
        asked = result[INTERRUPT][0].value
        question = Ending(outcome=Outcome.WAITING, reason=asked.get("question") or "a person must decide")
        plan = asked["plan"] if asked.get("liftable", True) else ""
        state = final({key: value for key, value in result.items() if key != INTERRUPT})
        ending = whole_ending.of(context.folder, row.id, state.case.service, question)
        if (plan, ending.reason) != (row.plan, row.reason):  # the same question is not told at each repeat of the alert
            tell(context, state.case, "approve", ending, plan)
        steps = {
            "the journal": lambda: context.journal.write("approve", Closed(ending=ending)),
            "the report": lambda: report.write(context.folder),
        }
        missing = [name for name, step in steps.items() if attempt.failure(step)]
        attempt.failure(lambda: context.keep_alive(WAITING_LEASE))
        stored = attempt.run(lambda: self._store(row.model_copy(update={"plan": plan}), state, ending))
        if isinstance(stored, Row):
            # A person can answer, whatever else is missing.
            return ending, stored
        return self._escalated(context, row, state, ending, [*missing, "its row"])

    def _finish(self, context: Context, row: Row, state: State) -> Ended:
        ending = rescue.ending_of(state)
        missing = ["the report"] if attempt.failure(lambda: report.write(context.folder)) else []
        attempt.failure(context.tracer.close)
        if attempt.failure(lambda: stores.seal(context.audit, context.folder, row.id, context.clock.now())):
            missing.append("the seal")
        # What is not remembered is missed the next time; nothing that was done here depends on it.
        attempt.failure(lambda: past.remember(context, state, ending, row.opened_at))
        stored = None if missing else attempt.run(lambda: self._store(row, state, ending))
        if isinstance(stored, Row):
            return ending, stored
        return self._escalated(context, row, state, ending, missing if stored is None else ["its row"])

    def _escalated(self, context: Context, row: Row, state: State, ending: Ending, missing: list[str]) -> Ended:
        """Return the ending of an incident that was not fully recorded, and its row, which may still be stored."""
        final_ending = rescue.told(context, state.case, ending, missing)
        stored = attempt.run(lambda: self._store(row, state, final_ending))
        return final_ending, stored if isinstance(stored, Row) else stores.ended(row, final_ending, context.clock.now())

    def _store(self, row: Row, state: State, ending: Ending) -> Row:
        changed = stores.ended(row.model_copy(update={"service": state.case.service}), ending, self._shared.clock.now())
        self._shared.incidents.update(changed)
        return changed


def busy(books: stores.Stores, incident: str) -> Ended:
    """Return the ending for a second process: another one works on the incident."""
    row = books.incidents.find(incident)
    if row is None:
        raise LookupError(f"incident {incident} can neither be claimed nor found")
    who = books.told(row.holder) if row.holder else "somebody else"
    return Ending(outcome=Outcome.NO_ACTION, reason=f"{who} already works on {incident}"), row


def invoke(
    saver: AbstractContextManager[BaseCheckpointSaver[str]], context: Context, incident: str, fresh: State | None
) -> Mapping[str, Any]:
    """Start, resume after an interruption, or answer an interrupt by its id; return the state's values.

    When something fails on the way, the incident is rescued, and the state is that of an ended one.  Raises only an
    error from before anything was known of the incident, and Superseded when another process works on it.
    """
    try:
        with saver as opened_saver:
            graph = build.build(opened_saver)
            config: RunnableConfig = {"configurable": {"thread_id": incident}, "recursion_limit": build.STEPS}
            entry = _entry(graph, config, context, incident, fresh)
            context.journal.settle()
            result = graph.invoke(entry, config, context=context, durability="sync")
        if INTERRUPT not in result and not final(result).closed:
            raise LookupError("the graph ended without an ending")
    except Exception as error:  # noqa: BLE001 (whatever fails between two nodes, what was changed is taken back)
        return dict(rescue.ended(context, fresh, error))
    return dict(result)


def _entry(
    graph: Graph, config: RunnableConfig, context: Context, incident: str, fresh: State | None
) -> State | Command[Any] | None:
    """Return the input of the graph: the first state, the answers to its questions, or None to go on."""
    snapshot = graph.get_state(config)
    if snapshot.values:
        context.progress.left(final(snapshot.values))
        answers = {item.id: _told(context, incident, item.id) for item in snapshot.interrupts}
        return Command(resume=answers) if answers else None
    if fresh is None:
        raise LookupError(f"nothing is recorded of {incident}")
    # Starting anew would make the same effects again under other keys.
    if context.ledger.entries(incident):
        raise Tampered(f"{incident} has acted, and its checkpoints are gone")
    # The input is not validated by the graph, so it is made through the state's own model.
    first = opened(State.model_validate(fresh.model_dump()))
    context.progress.left(first)
    return first


def _told(context: Context, incident: str, question: str) -> dict[str, JsonValue]:
    """Return a person's answer to this very question; empty when the gate only has to look again."""
    answer = context.incidents.answered(incident, question)
    return {} if answer is None else answer.model_dump(mode="json")
