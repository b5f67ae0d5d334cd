"""A fallback that is there, behind a handler for another exception.

Source: the exception-handling repair patterns of Defects4J (Sobreira et al., SANER 2018).
"""

from collections.abc import Iterator

import libcst as cst

from agents.playbook.repair.fault import Candidate, Fault, Grounds
from agents.playbook.repair.made import applies, made
from agents.playbook.repair.syntax import Code

NAME = "caught"

NARROW = frozenset({"ValueError", "KeyError", "IndexError", "ZeroDivisionError", "StopIteration", "UnicodeDecodeError"})
"""Exceptions that say something about the data.  A TypeError or AttributeError is a mistake in the code."""


@applies(*NARROW)
def candidates(code: Code, fault: Fault) -> Iterator[Candidate]:
    """The handler around the failing line, catching what is really raised there."""
    for block in code.every(cst.Try):
        first, last = code.lines(block.body)
        if not first <= fault.line <= last:
            continue
        for handler in block.handlers:
            caught = handler.type
            if isinstance(caught, cst.Name) and caught.value in NARROW and caught.value != fault.exception:
                why = f"the line raises {fault.exception}, not {caught.value}"
                yield from made(code, NAME, {caught: fault.exception}, why, Grounds.FALLBACK)
