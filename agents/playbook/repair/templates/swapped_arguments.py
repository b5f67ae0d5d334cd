"""Two arguments in the wrong order.

Source: ManySStuBs4J's "same function, swapped arguments"; Rice et al., "Detecting argument selection defects" (OOPSLA 2017).
"""

from collections.abc import Iterator

import libcst as cst

from agents.playbook.repair import flow
from agents.playbook.repair.fault import Candidate, Fault, Grounds
from agents.playbook.repair.made import applies, made
from agents.playbook.repair.syntax import Code

NAME = "swapped-arguments"

PAIRS = frozenset(
    {"strptime", "isinstance", "issubclass", "getattr", "hasattr", "match", "fullmatch", "search", "findall"}
)
"""Functions of the standard library whose two arguments are of different kinds, so that only one order can work."""


@applies("TypeError", "ValueError")
def candidates(code: Code, fault: Fault) -> Iterator[Candidate]:
    """The two arguments of a call on the failing line, swapped."""
    for call in code.on(fault.line, cst.Call):
        name = call.func.attr if isinstance(call.func, cst.Attribute) else call.func
        plain = len(call.args) == 2 and all(arg.keyword is None and not arg.star for arg in call.args)
        if not (plain and isinstance(name, cst.Name) and name.value in PAIRS):
            continue
        first, second = (arg.value for arg in call.args)
        if flow.pure(first) and flow.pure(second):
            change = {first: code.text(second), second: code.text(first)}
            yield from made(code, NAME, change, f"{name.value} takes them the other way round", Grounds.FALLBACK)
