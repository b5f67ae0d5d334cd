"""A loop or an unpacking over None: nothing to do instead of an error.

Source: PyTER's "NoneType is not iterable" kind; TBar FP2.
"""

from collections.abc import Iterator

import libcst as cst

from agents.playbook.repair import branches, evidence, flow
from agents.playbook.repair.fault import Candidate, Fault, Grounds
from agents.playbook.repair.made import applies, made
from agents.playbook.repair.syntax import Code, key_of, literal

NAME = "iterate-none"

CONSUMERS = frozenset(
    {
        "list",
        "tuple",
        "set",
        "sorted",
        "sum",
        "any",
        "all",
        "enumerate",
        "join",
        "dict",
        "map",
        "max",
        "min",
        "extend",
        "update",
    }
)


@applies("TypeError", said="NoneType' object is not iterable")
def candidates(code: Code, fault: Fault) -> Iterator[Candidate]:
    """``or ()`` at everything on the line that is iterated over."""
    for node, empty in dict(_iterated(code, fault)).items():
        if literal(node) is not node:
            continue
        named = evidence.is_null(code, node, fault) or key_of(node) in evidence.null_keys(fault.traits)
        text = code.operand(node)
        if flow.pure(node):
            for item in branches.joined(code, node, f"{text} is None", NAME):
                yield item.model_copy(update={"named": named, "grounds": max(item.grounds, Grounds.SIBLING)})
        why = f"without {text} there is nothing to go through"
        yield from made(code, NAME, {node: f"({text} or {empty})"}, why, Grounds.NEUTRAL, named=named)


def _iterated(code: Code, fault: Fault) -> Iterator[tuple[cst.BaseExpression, str]]:
    heads = [*(loop.iter for loop in code.every(cst.For)), *(loop.iter for loop in code.every(cst.CompFor))]
    for head in heads:
        if code.lines(head)[0] <= fault.line <= code.lines(head)[1]:
            yield head, "()"
    for call in code.on(fault.line, cst.Call):
        name = call.func.attr.value if isinstance(call.func, cst.Attribute) else getattr(call.func, "value", "")
        if name in CONSUMERS and call.args:
            # The first argument of `map` is a function.
            last = call.args[-1] if name == "map" else call.args[0]
            if last.keyword is None and not isinstance(last.value, cst.GeneratorExp):
                yield last.value, "{}" if name in ("dict", "update") else "()"
    for starred in code.on(fault.line, cst.StarredElement):
        yield starred.value, "()"
