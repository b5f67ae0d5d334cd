"""Something taken out of a list that does not hold it.

Source: TBar FP6 (insert a condition); BugsInPy's "x not in list".
"""

from collections.abc import Iterator

import libcst as cst

from agents.playbook.repair import flow
from agents.playbook.repair.fault import Candidate, Fault, Grounds
from agents.playbook.repair.made import applies
from agents.playbook.repair.syntax import Code, method_call

NAME = "not-in-list"


@applies("ValueError", said="not in list")
def candidates(code: Code, fault: Fault) -> Iterator[Candidate]:
    """The removal, only of what is there."""
    for call in code.on(fault.line, cst.Call):
        statement = code.statement(call)
        alone = isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1
        if method_call(call, "remove") is None or len(call.args) != 1 or statement is None or not alone:
            continue
        value = call.args[0].value
        if isinstance(call.func, cst.Attribute) and flow.pure(value) and flow.pure(call.func.value):
            test = f"{code.operand(value)} in {code.operand(call.func.value)}"
            source = code.instead(statement, f"if {test}:\n    {code.text(call)}\n")
            if source is not None:
                why = "what is not there need not be taken out"
                yield Candidate(template=NAME, rationale=why, source=source, grounds=Grounds.NEUTRAL)
