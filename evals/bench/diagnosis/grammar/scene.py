"""Scene: a simulated world with its names, as far as it went until somebody looks; what the tellers read."""

from dataclasses import dataclass
from functools import cached_property
from random import Random

from evals.bench.diagnosis.grammar.alerting import Fired
from evals.bench.diagnosis.grammar.changes import Made, Versions
from evals.bench.diagnosis.grammar.difficulties import Difficulties
from evals.bench.diagnosis.grammar.names import Names
from evals.bench.diagnosis.grammar.plan import Plan
from evals.bench.diagnosis.grammar.records import Shape, Told
from evals.bench.diagnosis.grammar.system import System


@dataclass(frozen=True)
class Scene:
    """Everything that telemetry is told from.  Times of the simulation begin at 0.0, at `epoch`."""

    seed: int
    system: System
    names: Names
    told: Told
    plan: Plan
    made: tuple[Made, ...]
    difficulties: Difficulties
    fired: Fired
    looks: float
    """Time at which somebody looks; nothing later is told."""
    epoch: float
    shape: Shape

    @cached_property
    def versions(self) -> Versions:
        """Names of versions."""
        return Versions(self.made, self.plan.change)

    @property
    def step(self) -> float:
        """Seconds between two samples."""
        return self.shape.step

    @property
    def steps(self) -> int:
        """Samples of each series."""
        return int(self.looks / self.step)

    def dice(self, purpose: str) -> Random:
        """Randomness of one purpose, so that one difficulty changes nothing of another."""
        return Random(f"{self.seed} {purpose}")

    def at(self, seconds: float) -> float:
        """A time of the simulation as seconds since 1970."""
        return round(self.epoch + seconds, 3)

    def muted(self, node: str) -> float | None:
        """Time from which a node tells nothing; None for one that does."""
        return min((one.start for one in self.plan.causes.effects if one.mute and one.node == node), default=None)

    def measured(self, node: str) -> bool:
        """True when the node has series."""
        return not self.difficulties.no_metrics or self.dice(f"metrics {node}").random() > 1 / 3

    def silent_spans(self, node: str) -> bool:
        """True when the node emits no spans."""
        few = self.difficulties.spans == "some_services"
        return few and self.dice(f"spans {node}").random() < 0.35

    def unset(self, node: str) -> bool:
        """True when the node's spans do not say that they failed."""
        return self.difficulties.unset_status and self.dice(f"status {node}").random() < 0.5
