"""More values than names to unpack them into.

Source: BugsInPy's unpacking bugs; ManySStuBs4J's "same function, more arguments".
"""

import re
from collections.abc import Iterator

import libcst as cst

from agents.playbook.repair.fault import Candidate, Fault, Grounds
from agents.playbook.repair.made import applies, made
from agents.playbook.repair.syntax import Code, method_call

NAME = "unpacked"

TOO_MANY = re.compile(r"too many values to unpack \(expected (\d+)\)")


@applies("ValueError", said=TOO_MANY)
def candidates(code: Code, fault: Fault) -> Iterator[Candidate]:
    """The text split no further than there are names, from either end, or the rest left alone."""
    names = int(TOO_MANY.findall(fault.message)[0])
    for call in code.on(fault.line, cst.Call):
        if method_call(call, "split") is None or len(call.args) > 1 or not isinstance(call.func, cst.Attribute):
            continue
        # `split()` is `split(None)`, and a limit can only follow a separator.
        base, sep = code.text(call.func.value), code.text(call.args[0].value) if call.args else "None"
        for method in ("rsplit", "split"):
            change = {call: f"{base}.{method}({sep}, {names - 1})"}
            yield from made(code, NAME, change, f"it is split into {names}", Grounds.NEUTRAL)
        change = {call: f"{code.text(call)}[:{names}]"}
        yield from made(code, NAME, change, f"what stands behind the first {names} does not matter", Grounds.NEUTRAL)
