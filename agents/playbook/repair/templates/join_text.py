"""Items that are no texts, joined into one; values that JSON cannot carry.

Source: PyTER's "sequence item" kind; BugsInPy's serialisation fixes.
"""

import re
from collections.abc import Iterator

import libcst as cst

from agents.playbook.repair.fault import Candidate, Fault, Grounds
from agents.playbook.repair.made import applies, made
from agents.playbook.repair.syntax import Code, method_call

NAME = "join-text"


@applies("TypeError")
def candidates(code: Code, fault: Fault) -> Iterator[Candidate]:
    """Items converted to text where they are joined or dumped."""
    if found := re.search(r"sequence item \d+: expected str instance, (\w+)", fault.message):
        yield from _filtered(code, fault) if found.group(1) == "NoneType" else _joined(code, fault)
    elif "is not JSON serializable" in fault.message:
        yield from _dumped(code, fault)


def _joined(code: Code, fault: Fault) -> Iterator[Candidate]:
    for call in code.on(fault.line, cst.Call):
        if method_call(call, "join") is None or len(call.args) != 1:
            continue
        items = call.args[0].value
        if isinstance(items, cst.GeneratorExp | cst.ListComp):
            change = {items.elt: f"str({code.text(items.elt)})"}
            yield from made(code, NAME, change, "every item becomes text", Grounds.FALLBACK)
        else:
            change = {items: f"map(str, {code.text(items)})"}
            yield from made(code, NAME, change, "every item becomes text", Grounds.FALLBACK)


def _filtered(code: Code, fault: Fault) -> Iterator[Candidate]:
    """Candidates that leave missing items out of the text."""
    for call in code.on(fault.line, cst.Call):
        if method_call(call, "join") is not None and len(call.args) == 1:
            items = call.args[0].value
            text = f"({code.text(items)})" if isinstance(items, cst.GeneratorExp) else code.text(items)
            change = {items: f"filter(None, {text})"}
            yield from made(code, NAME, change, "what is missing is left out", Grounds.NEUTRAL)


def _dumped(code: Code, fault: Fault) -> Iterator[Candidate]:
    """``json.dumps`` of a Decimal or a date: the text that the type itself gives."""
    if not re.search(r"type (?:Decimal|datetime|date|time|UUID) ", fault.message):
        return
    for call in code.on(fault.line, cst.Call):
        given = {arg.keyword.value for arg in call.args if arg.keyword is not None}
        if method_call(call, "dumps") is not None and call.args and "default" not in given:
            inner = ", ".join(code.text(arg).rstrip(", ") for arg in call.args)
            change = {call: f"{code.text(call.func)}({inner}, default=str)"}
            yield from made(code, NAME, change, "what JSON has no type for goes as text", Grounds.FALLBACK)
