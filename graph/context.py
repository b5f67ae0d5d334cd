"""What a node may use: the ports, the clock, the journal and the settings, handed over by wiring."""

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
    """The chat model and the three prompts, built and loaded by wiring."""

    model: BaseChatModel
    name: str
    rca: Prompt
    patch: Prompt
    small: Prompt
    """The patch agent's, for a small question."""
    review: Prompt
    rules: BaseChatModel | None = None
    """The playbook, where the model is somebody else: what it finds is offered beside what the model says."""

    def reviewer(self, budget: Budget) -> BaseChatModel:
        """Who reviews: the model, or the rules beside it when its window is small.

        A small model refuses right changes as readily as wrong ones; what it writes goes to a person instead.
        """
        return self.model if self.rules is None or budget.roomy else self.rules


@dataclass
class Progress:
    """How far this process got with the incident, for when the checkpoints cannot be asked."""

    node: str = ""
    """The last node that was entered."""
    state: State | None = None
    """What it was given, and then what it made of it."""
    told: Outcome | None = None
    """The last ending of which people were told."""
    lost: tuple[str, ...] = ()
    """What could not be written down."""

    def entered(self, node: str, state: State) -> None:
        """A node begins."""
        self.node, self.state = node, state

    def left(self, state: State) -> None:
        """It is done."""
        self.state = state


@dataclass(frozen=True)
class Context:
    """One incident's workplace.  It is the graph's context, and never part of the checkpointed state."""

    settings: Settings
    clock: ports.Clock
    world: ports.World
    prover: ports.Prover
    ledger: ports.Ledger
    incidents: ports.Incidents
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
    """Renews the lease of a world that was started for this run, in seconds; does nothing for others."""
    progress: Progress = field(default_factory=Progress)
    room: Room = field(default_factory=Room)
    """What is kept back for an undo in a process that has run out of descriptors, say."""


def entered(context: Context, state: State, node: str) -> State:
    """The state in the phase that a node works in; the move is checked against the legal ones and journaled."""
    phase = phases.move(state.phase, phases.OF_NODE.get(node, state.phase))
    if phase is state.phase:
        return state
    context.journal.write(node, Moved(before=state.phase, after=phase))
    return state.model_copy(update={"phase": phase})
