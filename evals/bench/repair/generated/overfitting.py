"""Overfitting patches: a branch that holds only for the values of the failing request."""

from collections.abc import Iterator
from functools import partial

import libcst as cst

from agents.playbook.repair import syntax
from evals.bench.repair.generated.careless import EMPTY
from evals.bench.repair.generated.scene import Change, Scene, indented


def overfitting(scene: Scene) -> Iterator[Change]:
    """Every way out, where something equals a value that the failing request brought."""
    actions = (
        *scene.raised,
        *scene.returned,
        *(["continue"] if scene.in_loop else []),
        *(scene.given_up(value) for value in EMPTY),
    )
    for test in _tests(scene):
        for action in dict.fromkeys(actions):
            ends = action.startswith(("return", "raise", "continue"))
            if ends:
                changed = partial(scene.code.before, scene.statement, f"if {test}:\n{indented(action)}\n")
            else:
                branch = f"if {test}:\n{indented(action)}\nelse:\n{indented(scene.text)}\n"
                changed = partial(scene.code.instead, scene.statement, branch)
            yield f"if {test}: {action}", changed


def _tests(scene: Scene) -> Iterator[str]:
    read = [value for value in scene.values if not scene.scoped(value) and not isinstance(value, cst.Call)]
    found = {scene.code.operand(value): syntax.key_of(value) or "" for value in read}
    found |= {name: name for name in scene.parameters}
    for text, key in found.items():
        # A name that the request has tells the value; any may stand behind another one.
        own = [value for name, value in scene.request if name == key] or [value for _, value in scene.request]
        for value in {repr(value): value for value in own}.values():
            yield f"{text} == {value!r}"
            if isinstance(value, str | list) and value:
                yield f"len({text}) == {len(value)}"
