"""A count or a total under a key that was never seen before.

Source: BugsInPy's KeyError kind; TBar FP4 (insert a missed statement), as an initial value.
"""

from collections.abc import Iterator

import libcst as cst

from agents.playbook.repair import flow
from agents.playbook.repair.fault import Candidate, Fault, Grounds
from agents.playbook.repair.made import applies
from agents.playbook.repair.syntax import Code, index_of

NAME = "first-entry"


@applies("KeyError")
def candidates(code: Code, fault: Fault) -> Iterator[Candidate]:
    """``d[k] += x`` begins at 0 where the key is new."""
    for node in code.on(fault.line, cst.AugAssign):
        target, statement = node.target, code.statement(node)
        if not isinstance(target, cst.Subscript) or not isinstance(node.operator, cst.AddAssign) or statement is None:
            continue
        index = index_of(target)
        if index is None or not flow.pure(target):
            continue
        whole, key = code.text(target), code.text(index)
        text = f"{whole} = {code.operand(target.value)}.get({key}, 0) + {code.operand(node.value)}\n"
        source = code.instead(statement, text)
        if source is not None:
            yield Candidate(template=NAME, rationale="a sum begins at 0", source=source, grounds=Grounds.NEUTRAL)
