"""A literal that is nearly right: a flag that is on instead of off, an index that is one too large.

Source: ManySStuBs4J's "change of a boolean literal" and "change of a numeric literal"; TBar FP9 (mutate a literal).
"""

from collections.abc import Iterator

import libcst as cst

from agents.playbook.repair.fault import Candidate, Fault, Grounds
from agents.playbook.repair.made import applies, made
from agents.playbook.repair.syntax import Code, index_of, literal

NAME = "near-literal"


@applies("IndexError", "ValueError")
def candidates(code: Code, fault: Fault) -> Iterator[Candidate]:
    """``strict=True`` off again where it is what raises; a constant index behind the end, one less."""
    yield from _indexes(code, fault) if fault.exception == "IndexError" else _flags(code, fault)


def _indexes(code: Code, fault: Fault) -> Iterator[Candidate]:
    for node in code.on(fault.line, cst.Subscript):
        index = index_of(node)
        value = literal(index) if index is not None else None
        if index is not None and isinstance(value, int) and value > 0 and isinstance(node.value, cst.Call):
            yield from made(code, NAME, {index: str(value - 1)}, "indices begin at 0", Grounds.NEUTRAL)


def _flags(code: Code, fault: Fault) -> Iterator[Candidate]:
    for argument in code.every(cst.Arg):
        named = argument.keyword is not None and argument.keyword.value in ("strict", "validate")
        value = argument.value
        if named and isinstance(value, cst.Name) and value.value == "True" and _here(code, argument, fault):
            yield from made(code, NAME, {value: "False"}, "what does not fit is no error", Grounds.NEUTRAL)


def _here(code: Code, argument: cst.Arg, fault: Fault) -> bool:
    first, last = code.lines(code.parent(argument))
    return first <= fault.line <= last
