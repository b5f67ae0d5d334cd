"""A forgotten ``await``, or a function that was named and not called.

Source: BugsInPy's asynchronous bugs; TBar FP10 (mutate a method call).
"""

import re
from collections.abc import Iterator

import libcst as cst

from agents.playbook.repair.fault import Candidate, Fault, Grounds
from agents.playbook.repair.made import applies, made
from agents.playbook.repair.syntax import Code

NAME = "missing-call"

UNCALLED = re.compile(
    r"'(?:method|function|builtin_function_or_method)' object (?:is not|has no attribute)|and '(?:method|function)'|'(?:method|function)' and"
)


@applies("TypeError", "AttributeError")
def candidates(code: Code, fault: Fault) -> Iterator[Candidate]:
    """The call awaited, or made."""
    if "'coroutine' object" in fault.message or "'coroutine'" in fault.message:
        yield from _awaited(code, fault)
    elif UNCALLED.search(fault.message):
        yield from _called(code, fault)


def _awaited(code: Code, fault: Fault) -> Iterator[Candidate]:
    # `await` outside of an asynchronous function is a SyntaxError.
    if code.function.asynchronous is None:
        return
    for call in code.every(cst.Call):
        bound = isinstance(code.parent(call), cst.Assign) and code.lines(call)[0] < fault.line
        here = code.lines(call)[0] <= fault.line <= code.lines(call)[1]
        if not (bound or here) or isinstance(code.parent(call), cst.Await):
            continue
        alone = isinstance(code.parent(call), cst.Assign | cst.Return | cst.Arg)
        text = f"await {code.text(call)}" if alone else f"(await {code.text(call)})"
        yield from made(code, NAME, {call: text}, "a coroutine gives its value when it is awaited", Grounds.FALLBACK)


def _called(code: Code, fault: Fault) -> Iterator[Candidate]:
    for node in code.on(fault.line, cst.Attribute):
        above = code.parent(node)
        if isinstance(above, cst.Call) and above.func is node:
            continue
        yield from made(
            code, NAME, {node: f"{code.text(node)}()"}, f"{node.attr.value} was named, not called", Grounds.FALLBACK
        )
