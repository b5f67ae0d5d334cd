"""A bound that is one too wide: ``<=`` where ``<`` was meant.

Source: ManySStuBs4J's "change of a binary operator" (Karampatsis and Sutton, MSR 2020); TBar FP11 (mutate operators).
"""

from collections.abc import Iterator

import libcst as cst

from agents.playbook.repair.fault import Candidate, Fault, Grounds
from agents.playbook.repair.made import applies, made
from agents.playbook.repair.syntax import Code

NAME = "edge-comparison"

STRICTER: dict[type[cst.BaseCompOp], str] = {cst.LessThanEqual: "<", cst.GreaterThanEqual: ">"}


@applies("IndexError")
def candidates(code: Code, fault: Fault) -> Iterator[Candidate]:
    """Comparisons with a length, before an index that is out of range, made strict."""
    for node in code.every(cst.Comparison):
        text = code.text(node)
        # A chain such as `0 <= i <= len(x)` has two bounds, and only one of them is wrong.
        if len(node.comparisons) != 1 or "len(" not in text or code.lines(node)[0] > fault.line:
            continue
        target = node.comparisons[0]
        operator = STRICTER.get(type(target.operator))
        if operator is not None:
            change = {node: f"{code.text(node.left)} {operator} {code.text(target.comparator)}"}
            yield from made(code, NAME, change, "the length itself is no index", Grounds.FALLBACK)
