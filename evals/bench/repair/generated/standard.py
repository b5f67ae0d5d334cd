"""Standard patches: all that the product's own makers of rivals and templates make of the failure, with more values.

They pass the rules far more often than other kinds, so they are what only the question which answer is right can stop.
"""

import ast
from collections.abc import Iterator
from functools import partial

from agents.playbook.repair import catalogue, rivals
from evals.bench.repair.generated.careless import EMPTY
from evals.bench.repair.generated.scene import Change, Scene
from policies.patch import values

ALL = 1_000
"""No bound: the product shows fewer."""


def standard(scene: Scene) -> Iterator[Change]:
    """Each candidate and rival, and each value that the file falls back on, in the place of what fails."""
    fault = scene.fault
    found = (
        *rivals.candidates(fault, ALL),
        *catalogue.candidates(fault),
        *rivals.instead(fault, (*_known(scene), *EMPTY)),
    )
    for candidate in found:
        yield f"{candidate.template}: {candidate.rationale}", partial(str, candidate.source)


def _known(scene: Scene) -> Iterator[str]:
    """Literals that the file returns or falls back on, as source."""
    tree = ast.parse(scene.module)
    returned = (node.value for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value)
    found = (*values.fallbacks(tree), *returned)
    yield from dict.fromkeys(ast.unparse(value) for value in found if values.literal(value))
