"""Runtime context of the graph: ports, clock, journal, settings and models that a node may use."""

from collections.abc import Callable
from dataclasses import dataclass, field

from langchain_core.language_models import BaseChatModel

from agents.budget import Budget
from agents.prompts import Prompt
from graph.config.settings import Settings
from graph.journal import Journal
from graph.state import State
from incident import phase as phases
from incident.ending import Outcome
from incident.record import Moved
from tools import ports
from tools.incident_hold import Hold
from tools.lease_keeper import LeaseKeeper
from tools.room import Room


@dataclass(frozen=True)
class Models:
    """The chat models and the prompts of a run, built and loaded by wiring."""

    model: BaseChatModel
    name: str
    rca: Prompt
    patch: Prompt
    small: Prompt
    """Prompt of the patch agent for a small question."""
    review: Prompt
    rules: BaseChatModel | None = None
    """The playbook, where the model is another one: its findings are offered beside the model's."""

    def reviewer(self, budget: Budget) -> BaseChatModel:
        """Return the model for reviewing: the rules beside the model when its window is small, else the model."""
        # A small model refuses right changes as readily as wrong ones; its patches go to a person instead.
        return self.model if self.rules is None or budget.roomy else self.rules


@dataclass
class Progress:
    """Progress of this process with the incident, for when the checkpoints cannot be read."""

    node: str = ""
    """The last node that was entered."""
    state: State | None = None
    """State that this node was given, and then the one that it returned."""
    told: Outcome | None = None
    """The last ending of which people were told."""
    lost: tuple[str, ...] = ()
    """Names of what could not be written."""

    def entered(self, node: str, state: State) -> None:
        """Note that a node begins."""
        self.node, self.state = node, state

    def left(self, state: State) -> None:
        """Note the state after a node."""
        self.state = state


@dataclass(frozen=True)
class Context:
    """Context of one incident in this process.  It is never part of the checkpointed state."""

    settings: Settings
    clock: ports.Clock
    world: ports.World
    prover: ports.Prover
    ledger: ports.Ledger
    incidents: ports.Incidents
    memories: ports.Memories
    audit: ports.Audit
    folder: ports.RecordFolder
    notify: ports.Notify
    emergency: ports.Emergency
    tracer: ports.Tracer
    journal: Journal
    lease_keeper: LeaseKeeper
    hold: Hold
    models: Models
    keep_alive: Callable[[float], None]
    """Renews the lease of a world that was started for this run, by so many seconds; does nothing for others."""
    progress: Progress = field(default_factory=Progress)
    room: Room = field(default_factory=Room)
    """Resources kept back for an undo, in case the process runs out of descriptors."""


def entered(context: Context, state: State, node: str) -> State:
    """Return the state in the phase of a node; the move is checked against the legal ones and journaled."""
    phase = phases.move(state.phase, phases.OF_NODE.get(node, state.phase))
    if phase is state.phase:
        return state
    context.journal.write(node, Moved(before=state.phase, after=phase))
    return state.model_copy(update={"phase": phase})
