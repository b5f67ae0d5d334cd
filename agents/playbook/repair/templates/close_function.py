"""A method or a keyword that does not exist, under a name that is close to one that does.

Source: ManySStuBs4J's "wrong function name"; TSSB-3M's "change of a keyword argument" (Richter and Wehrheim, MSR 2022).
"""

import difflib
import re
from collections.abc import Iterator

import libcst as cst

from agents.playbook.repair.fault import Candidate, Fault, Grounds
from agents.playbook.repair.made import applies, made
from agents.playbook.repair.syntax import Code

NAME = "close-function"

BUILT_IN: dict[str, type] = {"str": str, "list": list, "dict": dict, "set": set, "bytes": bytes, "int": int}

NO_ATTRIBUTE = re.compile(r"'(\w+)' object has no attribute '(\w+)'")
# The first is what functions written in C say, the second those written in Python.
NO_KEYWORD = re.compile(r"'(\w+)' is an invalid keyword|unexpected keyword argument '(\w+)'")


@applies("AttributeError", "TypeError")
def candidates(code: Code, fault: Fault) -> Iterator[Candidate]:
    """The close name in its place."""
    attribute, keyword = NO_ATTRIBUTE.search(fault.message), NO_KEYWORD.search(fault.message)
    if fault.exception == "AttributeError" and attribute:
        yield from _methods(code, fault, attribute.group(1), attribute.group(2))
    if fault.exception == "TypeError" and keyword:
        yield from _keywords(code, fault, keyword.group(1) or keyword.group(2))


def _methods(code: Code, fault: Fault, kind: str, wrong: str) -> Iterator[Candidate]:
    if kind not in BUILT_IN:
        return
    known = [name for name in dir(BUILT_IN[kind]) if not name.startswith("_")]
    for node in code.on(fault.line, cst.Attribute):
        if node.attr.value == wrong:
            for name in difflib.get_close_matches(wrong, known, n=2, cutoff=0.6):
                change = {node: f"{code.text(node.value)}.{name}"}
                yield from made(code, NAME, change, f"a {kind} has {name}, not {wrong}", Grounds.FALLBACK)


def _keywords(code: Code, fault: Fault, wrong: str) -> Iterator[Candidate]:
    """Names that the function itself knows: its own words for the same thing."""
    words = {node.value for node in code.every(cst.Name)} | {
        node.raw_value for node in code.every(cst.SimpleString) if node.raw_value.isidentifier()
    }
    for argument in code.every(cst.Arg):
        call = code.parent(argument)
        first, last = code.lines(call)
        if argument.keyword is None or argument.keyword.value != wrong or not first <= fault.line <= last:
            continue
        for name in difflib.get_close_matches(wrong, sorted(words - {wrong}), n=2, cutoff=0.75):
            text = code.text(call)
            change = {call: re.sub(rf"\b{wrong}\s*=", f"{name}=", text, count=1)}
            yield from made(code, NAME, change, f"the keyword is {name}, not {wrong}", Grounds.FALLBACK)
