"""Parts of a made-up system: services with operations and calls, databases, third parties and machines.

Everything goes by an id of the grammar (`s7`, `d1`, `x0`, `m2`); names are given when the telemetry is told, so that
no behaviour can hang on a name.
"""

from dataclasses import dataclass, field
from typing import Literal

Sort = Literal["service", "database", "third_party"]
Stack = Literal["python", "java", "go", "node"]
STACKS: tuple[Stack, ...] = ("python", "java", "go", "node")


@dataclass(frozen=True, slots=True)
class Link:
    """Call of an operation from within another one."""

    callee: str
    operation: int
    share: float
    """Part of the caller's requests that make the call."""
    timeout_ms: float
    retries: int = 0
    optional: bool = False
    """The caller answers without it."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a node does for its callers."""

    verb: str
    noun: int
    """Number of a word of the world's vocabulary."""
    own_ms: float
    """Median of the time in the node itself."""
    sigma: float
    """Standard deviation of the logarithm of that time."""
    fails: float
    """Part of the healthy requests that fail."""
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A service, a database or a third party."""

    id: str
    sort: Sort
    stack: Stack
    operations: tuple[Operation, ...]
    servers: float
    """Requests that are worked on at once; others wait."""
    machines: tuple[str, ...] = ()
    """Machine of each of its processes."""
    library: int | None = None
    """Number of a library that it shares with others."""
    traced: bool = True
    """Its own spans are told."""


@dataclass(frozen=True, slots=True)
class System:
    """All nodes by id, and where requests from outside arrive."""

    nodes: dict[str, Node]
    entries: tuple[tuple[str, int, float], ...]
    """Service, operation and weight of each kind of request from outside."""
    machines: tuple[str, ...]
    callers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Direct callers of each node."""
    visits: dict[tuple[str, int], float] = field(default_factory=dict)
    """Times that one request from outside reaches each operation, on average."""

    @property
    def services(self) -> tuple[str, ...]:
        """Ids of the services of the platform."""
        return tuple(name for name, node in self.nodes.items() if node.sort == "service")

    def reached(self, node: str) -> float:
        """Times that one request from outside reaches a node, on average."""
        return sum(share for (name, _), share in self.visits.items() if name == node)

    def above(self, node: str) -> dict[str, int]:
        """Every caller of a node, directly or not, with its distance."""
        found: dict[str, int] = {}
        waiting = [(node, 0)]
        while waiting:
            one, far = waiting.pop(0)
            for caller in self.callers.get(one, ()):
                if caller not in found and caller != node:
                    found[caller] = far + 1
                    waiting.append((caller, far + 1))
        return found

    def links_to(self, node: str) -> list[tuple[str, int, Link]]:
        """Caller, its operation's number and the link of every call of a node."""
        return [
            (name, number, link)
            for name, one in self.nodes.items()
            for number, operation in enumerate(one.operations)
            for link in operation.links
            if link.callee == node
        ]
