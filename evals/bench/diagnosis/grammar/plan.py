"""Plan of a world: what a kind of cause plants, and on what ground."""

from dataclasses import dataclass, field, replace
from random import Random
from typing import Literal

from evals.bench.diagnosis.grammar.changes import VERBS, Made
from evals.bench.diagnosis.grammar.effects import Drift
from evals.bench.diagnosis.grammar.records import Causes
from evals.bench.diagnosis.grammar.system import Link, Node, Sort, System

PLAIN = 30
"""Words of the vocabulary that errors are made of; the others are fields that every request has."""


@dataclass(frozen=True, slots=True)
class Named:
    """A suspect by the grammar's ids.  A machine is a place; so is the function of a planted error."""

    sort: Literal["change", "node", "machine", "function", "outside", "record"]
    thing: str = ""
    """Node or machine; of `outside` the cause: `load`, or what a protocol has a word for (`certificate`)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One planted cause."""

    causes: Causes = field(default_factory=Causes)
    drifts: tuple[Drift, ...] = ()
    change: Made | None = None
    beside: tuple[Made, ...] = ()
    """Innocent changes that this kind of cause is often seen with."""
    right: tuple[Named, ...] = ()
    """Right answers, any of which names the cause."""
    near: tuple[Named, ...] = ()
    """Suspects that are not the cause and not innocent either: the service that the guilty change is in."""
    victims: tuple[str, ...] = ()
    """Nodes at which it shows first; the alert is theirs or a caller's."""
    hides: tuple[str, ...] = ()
    """Nodes whose own evidence is taken away to hide the last link."""
    noun: int = 0
    """Words of the planted error."""
    field: int = 1
    verb: str = "apply"


class Unsuitable(Exception):
    """The ground has no place for this kind of cause; another one is drawn."""


@dataclass(frozen=True, slots=True)
class Ground:
    """System and time in which a cause is planted."""

    dice: Random
    system: System
    seconds: float
    onset: float
    """Time at which it begins to do harm."""
    alarm: float
    """Seconds that the rule needs to fire."""
    end: float
    """Time at which it ends by itself; infinite when it does not."""
    rate: float
    """Requests from outside per second."""

    def node(self, *, sort: Sort = "service", called: bool = True, least: float = 0.2) -> Node:
        """A node that requests reach often enough.  Raises Unsuitable."""
        doors = {name for name, _, _ in self.system.entries}
        found = [
            node
            for name, node in self.system.nodes.items()
            if node.sort == sort and self.system.reached(name) >= least and not (called and name in doors)
        ]
        if not found:
            raise Unsuitable(f"no {sort} is reached often enough")
        return self.dice.choice(found)

    def busiest(self, node: Node) -> int:
        """Number of the operation of a node that is called most."""
        return max(range(len(node.operations)), key=lambda number: self.system.visits.get((node.id, number), 0.0))

    def link(self, *, sort: Sort | None = None, least: float = 0.2) -> tuple[str, Link]:
        """Caller and link of a call that is made often enough, and that its caller cannot do without."""
        found = [
            (name, link)
            for name, node in self.system.nodes.items()
            for number, operation in enumerate(node.operations)
            for link in operation.links
            if self.system.visits.get((name, number), 0.0) * link.share >= least and not link.optional
            if sort is None or self.system.nodes[link.callee].sort == sort
        ]
        if not found:
            raise Unsuitable("no call is made often enough")
        return self.dice.choice(found)

    def demand(self, node: Node) -> float:
        """Requests that a node works on at once, on average, without any cause."""
        return sum(
            self.rate * self.system.visits.get((node.id, number), 0.0) * operation.own_ms * 1.1 / 1000
            for number, operation in enumerate(node.operations)
        )

    def room(self, node: Node, use: float) -> float:
        """Factor on a node's servers with which this part of it is in use, 0 to 1, without any cause."""
        return max(0.002, min(1.0, self.demand(node) / use / node.servers))

    def machine(self) -> tuple[str, dict[str, float]]:
        """A machine with two busy services or more, and its part of each service's processes.  Raises Unsuitable."""
        nodes = self.system.nodes
        on = {
            machine: [name for name in self.system.services if machine in nodes[name].machines]
            for machine in self.system.machines
        }
        found = [name for name, here in on.items() if sum(self.system.reached(one) >= 0.1 for one in here) >= 2]
        if not found:
            raise Unsuitable("no machine has two busy services")
        machine = self.dice.choice(found)
        return machine, {name: nodes[name].machines.count(machine) / len(nodes[name].machines) for name in on[machine]}

    def words(self) -> tuple[int, int, str]:
        """Two words of the vocabulary and a verb, for an error and whatever brought it."""
        noun, other = self.dice.sample(range(PLAIN), 2)
        return noun, other, self.dice.choice(VERBS)

    def just_before(self, most: float = 2.0) -> float:
        """A time of a change that does harm from the onset on: up to so many alarms earlier, seconds in most cases."""
        far = self.dice.choice((0.02, 0.1, 0.3, 1.0)) * most * self.alarm
        return max(0.01 * self.seconds, self.onset - self.dice.uniform(0.2, 1.0) * far)


def without_cause(plan: Plan) -> Plan:
    """The same plan with nothing that does harm, for a control: the changes are made, and are innocent."""
    return replace(plan, causes=replace(plan.causes, effects=(), surges=(), visitors=(), jobs=()), drifts=())
