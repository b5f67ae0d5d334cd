"""Topologies: six to forty services in layers, with the databases, third parties and machines that they use."""

import math
from dataclasses import dataclass, replace
from random import Random

from evals.bench.diagnosis.grammar.system import STACKS, Link, Node, Operation, System

NOUNS = 40
"""Words of a world's vocabulary."""

MOST_VISITS = 18.0
"""Calls that one request from outside may cause, on average; a larger draw makes its calls more rarely."""


@dataclass(slots=True)
class _Draft:
    """A node whose calls are still being drawn."""

    node: Node
    links: list[list[Link]]


def draw(dice: Random, count: int) -> System:
    """A system of so many services."""
    machines = tuple(f"m{number}" for number in range(max(3, count // 3)))
    doors = max(1, min(3, count // 8))
    drafts = [_Draft(_service(dice, number, machines, door=number < doors), []) for number in range(count)]
    for draft in drafts:
        draft.links = [[] for _ in draft.node.operations]
    for number in range(doors, count):
        for _ in range(1 if dice.random() < 0.7 else 2):
            # The nearest services before it call it, so that chains are some calls deep.
            first = 0 if number < doors + 3 else max(0, number - 2 - count // 3)
            caller = drafts[dice.randrange(first, number)]
            _connect(dice, caller, drafts[number].node, share=dice.choice((1.0, 1.0, 0.8, 0.5)))
    outside = _databases(dice, drafts, count) + _third_parties(dice, drafts, count)
    nodes = {draft.node.id: _made(draft) for draft in drafts} | {node.id: node for node in outside}
    entries = tuple(
        (f"s{door}", number, dice.uniform(0.5, 2.0))
        for door in range(doors)
        for number in range(len(nodes[f"s{door}"].operations))
    )
    return _measured(_bounded(System(nodes=nodes, entries=entries, machines=machines)))


def _service(dice: Random, number: int, machines: tuple[str, ...], *, door: bool) -> Node:
    count = dice.randint(2, 3) if door else dice.choice((1, 1, 2, 2, 3))
    return Node(
        id=f"s{number}",
        sort="service",
        stack=dice.choice(STACKS),
        operations=tuple(_operation(dice, fails=dice.choice((0.0, 0.0, 0.001, 0.004))) for _ in range(count)),
        servers=dice.choice((2.0, 4.0, 8.0)),
        machines=tuple(dice.choice(machines) for _ in range(dice.randint(1, 4))),
        library=dice.randrange(4) if dice.random() < 0.6 else None,
    )


def _operation(dice: Random, *, fails: float, own: float | None = None) -> Operation:
    return Operation(
        verb=dice.choice(("GET", "GET", "POST", "PUT")),
        noun=dice.randrange(NOUNS),
        own_ms=own or math.exp(dice.uniform(math.log(1.5), math.log(40))),
        sigma=dice.uniform(0.15, 0.6),
        fails=fails,
    )


def _connect(dice: Random, caller: _Draft, callee: Node, share: float) -> None:
    number = dice.randrange(len(callee.operations))
    operation = dice.randrange(len(caller.links))
    if any((link.callee, link.operation) == (callee.id, number) for link in caller.links[operation]):
        return
    caller.links[operation].append(
        Link(
            callee=callee.id,
            operation=number,
            share=share,
            timeout_ms=dice.choice((1000.0, 2000.0, 3000.0, 5000.0)),
            retries=1 if dice.random() < 0.2 else 0,
            optional=dice.random() < 0.12,
        )
    )


def _databases(dice: Random, drafts: list[_Draft], count: int) -> list[Node]:
    found = []
    for number in range(max(1, count // 5)):
        operations = tuple(_operation(dice, fails=0.0, own=dice.uniform(0.6, 5)) for _ in range(2))
        node = Node(
            id=f"d{number}", sort="database", stack="go", operations=operations, servers=dice.choice((8.0, 16.0))
        )
        for user in dice.sample(drafts, min(len(drafts), dice.choice((1, 1, 2, 3)))):
            _connect(dice, user, node, share=1.0)
        found.append(node)
    return found


def _third_parties(dice: Random, drafts: list[_Draft], count: int) -> list[Node]:
    found = []
    for number in range(max(1, count // 10)):
        operations = (_operation(dice, fails=0.002, own=dice.uniform(30, 120)),)
        node = Node(id=f"x{number}", sort="third_party", stack="go", operations=operations, servers=64.0)
        for user in dice.sample(drafts, dice.choice((1, 1, 2))):
            _connect(dice, user, node, share=dice.choice((1.0, 0.7)))
        found.append(node)
    return found


def _made(draft: _Draft) -> Node:
    operations = zip(draft.node.operations, draft.links, strict=True)
    return replace(draft.node, operations=tuple(replace(one, links=tuple(links)) for one, links in operations))


def _bounded(system: System) -> System:
    while sum(_measured(system).visits.values()) > MOST_VISITS:
        nodes = {
            name: replace(
                node,
                operations=tuple(
                    replace(one, links=tuple(replace(link, share=0.8 * link.share) for link in one.links))
                    for one in node.operations
                ),
            )
            for name, node in system.nodes.items()
        }
        system = replace(system, nodes=nodes)
    return system


def _measured(system: System) -> System:
    """The system with its callers and visits counted."""
    visits: dict[tuple[str, int], float] = {}
    callers: dict[str, set[str]] = {}
    whole = sum(weight for _, _, weight in system.entries)
    waiting = [((name, number), weight / whole) for name, number, weight in system.entries]
    while waiting:
        (name, number), share = waiting.pop()
        visits[name, number] = visits.get((name, number), 0.0) + share
        waiting.extend(
            ((link.callee, link.operation), share * link.share) for link in system.nodes[name].operations[number].links
        )
    for name, node in system.nodes.items():
        for operation in node.operations:
            for link in operation.links:
                callers.setdefault(link.callee, set()).add(name)
    return replace(system, visits=visits, callers={name: tuple(sorted(many)) for name, many in callers.items()})
