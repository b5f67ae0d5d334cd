"""Boundary changes: comparisons off by one, guards negated, other constants, in the wrong function and in the known fix."""

from collections.abc import Iterator
from functools import partial

import libcst as cst

from agents.playbook.repair.syntax import Code
from evals.bench.repair.generated.scene import Change, Scene

_OTHERS = {"<": "<= >", "<=": "< >", ">": ">= <", ">=": "> <", "==": "!= >= <=", "!=": "==", "is": "is not"}
_OTHER_OPS = {
    **{op: tuple(others.split()) for op, others in _OTHERS.items()},
    "is": ("is not", "=="),
    "is not": ("is",),
}
_NAMES = {"None": ("0", '""', "False"), "True": ("False",), "False": ("True", "None")}
_ORDERED = ("<", "<=", ">", ">=", "==")


def boundary(scene: Scene) -> Iterator[Change]:
    """Small changes of what decides."""
    for where, code in (("the wrong function", scene.code), ("the known fix", scene.known)):
        for said, changed in _changes(code):
            yield f"{said}, in {where}", changed
    # A constant of the wrong function has nothing to do with the failure, most of the time.
    yield from _constants(scene.known)


def _changes(code: Code) -> Iterator[Change]:
    for node in code.every(cst.Comparison):
        yield from _compared(code, node)
    for guard in code.every(cst.If):
        test = code.text(guard.test)
        yield f"not ({test})", partial(code.swapped, {guard.test: f"not ({test})"})
    for choice in code.every(cst.IfExp):
        test = code.text(choice.test)
        yield f"not ({test})", partial(code.swapped, {choice.test: f"not ({test})"})
    for both in code.every(cst.BooleanOperation):
        word = "or" if isinstance(both.operator, cst.And) else "and"
        text = f"{code.operand(both.left)} {word} {code.operand(both.right)}"
        yield text, partial(code.swapped, {both: f"({text})"})
        yield f"only {code.text(both.left)}", partial(code.swapped, {both: code.operand(both.left)})
        yield f"only {code.text(both.right)}", partial(code.swapped, {both: code.operand(both.right)})


def _compared(code: Code, node: cst.Comparison) -> Iterator[Change]:
    if len(node.comparisons) != 1:
        return
    left, right = code.text(node.left), code.text(node.comparisons[0].comparator)
    word = code.text(node.comparisons[0].operator)
    for other in _OTHER_OPS.get(word, ()):
        yield f"{left} {other} {right}", partial(code.swapped, {node: f"{left} {other} {right}"})
    if word in _ORDERED:
        for step in ("+ 1", "- 1"):
            yield f"{left} {word} {right} {step}", partial(code.swapped, {node: f"{left} {word} {right} {step}"})


def _constants(code: Code) -> Iterator[Change]:
    for node in code.nodes:
        match node:
            case cst.Integer():
                for other in (node.evaluated_value + 1, node.evaluated_value - 1):
                    yield (
                        f"{other} for {node.value}",
                        partial(code.swapped, {node: f"({other})" if other < 0 else str(other)}),
                    )
            case cst.Name(value="None" | "True" | "False"):
                for name in _NAMES[node.value]:
                    yield f"{name} for {node.value}", partial(code.swapped, {node: name})
            case cst.List(elements=[]) | cst.Dict(elements=[]):
                yield f"None for {code.text(node)}", partial(code.swapped, {node: "None"})
            case cst.SimpleString(value='""' | "''"):
                yield f"None for {node.value}", partial(code.swapped, {node: "None"})
            case _:
                pass
