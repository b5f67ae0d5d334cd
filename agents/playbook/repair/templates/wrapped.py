"""A call that is missing around an expression.

Source: TSSB-3M's "add a function around an expression" (Richter and Wehrheim, MSR 2022); BugsInPy's patterns and
collections that change while they are iterated.
"""

import re
from collections.abc import Iterator

import libcst as cst

from agents.playbook.repair.fault import Candidate, Fault, Grounds
from agents.playbook.repair.made import applies, made
from agents.playbook.repair.syntax import Code

NAME = "wrapped"

PATTERNS = frozenset({"sub", "subn", "match", "fullmatch", "search", "findall", "finditer", "split", "compile"})


@applies("RuntimeError", "error", "PatternError", "ValueError")
def candidates(code: Code, fault: Fault) -> Iterator[Candidate]:
    """The call that makes the value fit what is done with it."""
    match fault.exception:
        case "RuntimeError" if "changed size during iteration" in fault.message:
            yield from _copied(code, fault)
        case "error" | "PatternError":  # the one of `re` has this name since Python 3.13
            yield from _escaped(code, fault)
        case "ValueError" if "invalid literal for int()" in fault.message and re.search(r"'-?\d*\.\d*'", fault.message):
            yield from _fraction(code, fault)
        case "ValueError" if "math domain error" in fault.message:
            yield from _not_negative(code, fault)


def _copied(code: Code, fault: Fault) -> Iterator[Candidate]:
    for loop in code.on(fault.line, cst.For):
        change = {loop.iter: f"list({code.text(loop.iter)})"}
        yield from made(code, NAME, change, "what changes is not what is iterated", Grounds.FALLBACK)


def _escaped(code: Code, fault: Fault) -> Iterator[Candidate]:
    for call in code.on(fault.line, cst.Call):
        text = code.text(call.func)
        if text.startswith("re.") and text[3:] in PATTERNS and call.args and isinstance(call.args[0].value, cst.Name):
            pattern = call.args[0].value
            yield from made(
                code, NAME, {pattern: f"re.escape({code.text(pattern)})"}, "it is no pattern", Grounds.FALLBACK
            )


def _fraction(code: Code, fault: Fault) -> Iterator[Candidate]:
    for call in code.on(fault.line, cst.Call):
        if code.text(call.func) == "int" and len(call.args) == 1:
            value = call.args[0].value
            change = {value: f"float({code.text(value)})"}
            yield from made(code, NAME, change, "a fraction is cut off, as int does", Grounds.NEUTRAL)


def _not_negative(code: Code, fault: Fault) -> Iterator[Candidate]:
    for call in code.on(fault.line, cst.Call):
        if code.text(call.func) in ("math.sqrt", "sqrt") and len(call.args) == 1:
            value = call.args[0].value
            change = {value: f"max(0.0, {code.text(value)})"}
            yield from made(code, NAME, change, "below 0 there is nothing", Grounds.NEUTRAL)
