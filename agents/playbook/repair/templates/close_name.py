"""A misspelt attribute, variable or keyword: the close name that exists.

Source: TBar FP13 (replace a variable by a similar one); the interpreter's own "Did you mean".
"""

import re
from collections.abc import Iterator

import libcst as cst

from agents.playbook.repair import evidence, surroundings
from agents.playbook.repair.fault import Candidate, Fault, Grounds
from agents.playbook.repair.made import applies, made
from agents.playbook.repair.syntax import Code

NAME = "close-name"


@applies("AttributeError", "NameError", "TypeError", said=r"^(?!.*(?:NoneType|coroutine))")
def candidates(code: Code, fault: Fault) -> Iterator[Candidate]:
    """The name replaced by one that the message suggests or the file has."""
    suggested = tuple(re.findall(r"Did you mean:? '(\w+)'", fault.message))
    if attribute := re.search(r"has no attribute '(\w+)'", fault.message):
        yield from _attribute(code, fault, attribute.group(1), suggested)
    elif name := re.search(r"name '(\w+)' is not defined", fault.message):
        yield from _variable(code, fault, name.group(1), suggested)
    elif keyword := re.search(r"unexpected keyword argument '(\w+)'", fault.message):
        yield from _keyword(code, fault, keyword.group(1), suggested)


def _attribute(code: Code, fault: Fault, wrong: str, suggested: tuple[str, ...]) -> Iterator[Candidate]:
    known = tuple(
        dict.fromkeys(re.findall(r"(?:\bself\.|^\s+)(\w+)\s*[:=]|\.(\w+)\b", fault.module, flags=re.MULTILINE))
    )
    names = tuple(part for pair in known for part in pair if part)
    for node in code.on(fault.line, cst.Attribute):
        if node.attr.value == wrong:
            for right in suggested or evidence.close(wrong, (*names, *evidence.data_keys(fault.traits)), 0.8):
                change = {node: f"{code.text(node.value)}.{right}"}
                yield from made(
                    code,
                    NAME,
                    change,
                    f"it is called {right}, not {wrong}",
                    Grounds.FALLBACK,
                    named=bool(suggested),
                )


def _variable(code: Code, fault: Fault, wrong: str, suggested: tuple[str, ...]) -> Iterator[Candidate]:
    local = tuple(node.value for node in code.every(cst.Name) if node.value != wrong)
    module = tuple(constant.name for constant in surroundings.constants(fault.module))
    for node in code.on(fault.line, cst.Name):
        if node.value == wrong:
            for right in suggested or evidence.close(wrong, (*local, *module), 0.75):
                yield from made(
                    code,
                    NAME,
                    {node: right},
                    f"it is called {right}, not {wrong}",
                    Grounds.FALLBACK,
                    named=bool(suggested),
                )


def _keyword(code: Code, fault: Fault, wrong: str, suggested: tuple[str, ...]) -> Iterator[Candidate]:
    parameters = tuple(re.findall(r"\b(\w+)\s*:\s*\w", fault.module))
    for call in code.on(fault.line, cst.Call):
        if wrong not in [arg.keyword.value for arg in call.args if arg.keyword is not None]:
            continue
        for right in suggested or evidence.close(wrong, parameters, 0.75):
            text = re.sub(rf"\b{wrong}(\s*=)(?!=)", rf"{right}\1", code.text(call), count=1)
            yield from made(
                code, NAME, {call: text}, f"the argument is called {right}", Grounds.FALLBACK, named=bool(suggested)
            )
