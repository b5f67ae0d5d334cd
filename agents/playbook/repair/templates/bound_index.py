"""An index beyond the end, and the first or best of nothing.

Source: PAR's "range checker" and TBar FP3 (insert a range checker); BugsInPy's off-by-one loops.
"""

import re
from collections.abc import Iterator

import libcst as cst

from agents.playbook.repair import branches, defaults, flow
from agents.playbook.repair.fault import Candidate, Fault, Grounds
from agents.playbook.repair.made import applies, made
from agents.playbook.repair.syntax import Code, index_of, literal, method_call

NAME = "bound-index"

EMPTY = re.compile(
    r"(?:arg is an empty sequence|iterable argument is empty|pop from an? empty|expected at least|at least one)"
)


@applies("IndexError", "StatisticsError", "StopIteration", "ValueError")
def candidates(code: Code, fault: Fault) -> Iterator[Candidate]:
    """Guards of what is read at an index, and of what needs at least one item."""
    match fault.exception:
        case "IndexError":
            yield from (*_ranges(code, fault), *_indexed(code, fault), *_popped(code, fault))
        case "StatisticsError":
            yield from _statistics(code, fault)
        case "StopIteration":
            yield from _picked(code, fault)
        case _ if EMPTY.search(fault.message):
            yield from _picked(code, fault)


def _ranges(code: Code, fault: Fault) -> Iterator[Candidate]:
    """Loops whose range is one too long."""
    for call in code.every(cst.Call):
        if (
            not (isinstance(call.func, cst.Name) and call.func.value == "range" and call.args)
            or code.lines(call)[0] > fault.line
        ):
            continue
        # `range(stop)`, `range(start, stop)` or `range(start, stop, step)`.
        stop = call.args[-1 if len(call.args) < 3 else 1].value
        text = code.text(stop)
        if re.fullmatch(r"len\(.+\) \+ 1", text):
            yield from made(
                code, NAME, {stop: text.removesuffix(" + 1")}, "the last index is one less", Grounds.FALLBACK
            )
        elif re.fullmatch(r"len\(.+\)", text) and _looks_ahead(code, fault):
            yield from made(code, NAME, {stop: f"{text} - 1"}, "the loop looks one ahead", Grounds.FALLBACK)


def _looks_ahead(code: Code, fault: Fault) -> bool:
    indexes = [index_of(node) for node in code.on(fault.line, cst.Subscript)]
    return any(re.fullmatch(r"\w+ \+ 1", code.text(index)) for index in indexes if index is not None)


def _indexed(code: Code, fault: Fault) -> Iterator[Candidate]:
    for node in code.on(fault.line, cst.Subscript):
        index = index_of(node)
        if index is None or not flow.pure(node) or isinstance(code.parent(node), cst.AssignTarget | cst.Del):
            continue
        base, key = code.operand(node.value), code.text(index)
        if key == f"len({base})":
            yield from made(code, NAME, {index: "-1"}, "the last item is at -1", Grounds.FALLBACK)
        value = literal(index)
        enough = base if value in (0, -1) else f"len({base}) > {key}"
        if isinstance(value, int) and value < -1:
            enough = f"len({base}) >= {-value}"
        too_few = f"not {base}" if enough is base else enough.replace(" > ", " <= ").replace(" >= ", " < ")
        yield from branches.joined(code, node, too_few, NAME)
        yield from _conditional(code, fault, node, enough, empty=value in (0, -1))


def _conditional(code: Code, fault: Fault, node: cst.Subscript, enough: str, *, empty: bool) -> Iterator[Candidate]:
    whole = flow.top(code, node)
    if flow.scoped(code, node):
        return
    for level in (whole, *_above(code, whole)):
        for item in defaults.offered(code, _wanted(code, level, fault, empty=empty), fault):
            text = f"({code.text(level)} if {enough} else {item.text})"
            yield from made(code, NAME, {level: text}, f"without an item there, {item.why}", item.grounds)
    for above in code.above(whole):
        if isinstance(above, cst.If | cst.IfExp) and any(above.test is item for item in (whole, *_above(code, whole))):
            text = f"({enough} and {code.operand(above.test)})"
            yield from made(code, NAME, {above.test: text}, "what is not there does not meet it", Grounds.FALLBACK)
    text = f"({code.text(whole)} if {enough} else None)"
    yield from made(code, NAME, {whole: text}, "without an item there, None flows on", flow.grade(code, whole, fault))


def _wanted(
    code: Code, node: cst.BaseExpression, fault: Fault, *, empty: bool = True, picked: str = ""
) -> defaults.Wanted:
    return defaults.wanted(code, node, fault, flow.kind(code, node), empty=empty, picked=picked)


def _above(code: Code, node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    for above in code.above(node):
        if isinstance(above, cst.BaseSmallStatement | cst.BaseStatement):
            return
        if isinstance(above, cst.BaseExpression):
            yield above


def _popped(code: Code, fault: Fault) -> Iterator[Candidate]:
    """``pop`` of an empty list."""
    for call in code.on(fault.line, cst.Call):
        if method_call(call, "pop") is None or not isinstance(call.func, cst.Attribute):
            continue
        base = call.func.value
        if flow.pure(base):
            yield from branches.joined(code, base, f"not {code.operand(base)}", NAME)
            yield from _enough(code, fault, call, code.operand(base))


def _statistics(code: Code, fault: Fault) -> Iterator[Candidate]:
    """Figures that need more values than there are."""
    most = 1 if "two" in fault.message else 0
    for call in code.on(fault.line, cst.Call):
        if code.text(call.func).startswith("statistics.") and call.args and flow.pure(call.args[0].value):
            yield from _enough(code, fault, flow.top(code, call), f"len({code.text(call.args[0].value)}) > {most}")


def _enough(code: Code, fault: Fault, node: cst.BaseExpression, test: str) -> Iterator[Candidate]:
    """The value and those around it, only where there is enough to take it from."""
    for level in (node, *_above(code, node)):
        for item in defaults.offered(code, _wanted(code, level, fault), fault):
            text = f"({code.text(level)} if {test} else {item.text})"
            yield from made(code, NAME, {level: text}, f"without enough of them, {item.why}", item.grounds)


def _picked(code: Code, fault: Fault) -> Iterator[Candidate]:
    """``max``, ``min`` and ``next`` of nothing."""
    for call in code.on(fault.line, cst.Call):
        name = call.func.value if isinstance(call.func, cst.Name) else ""
        has_default = any(arg.keyword is not None and arg.keyword.value == "default" for arg in call.args)
        if (
            name not in ("max", "min", "next")
            or not call.args
            or has_default
            or (name == "next" and len(call.args) > 1)
        ):
            continue
        first = call.args[0].value
        # A generator that is the only argument goes without parentheses; beside a second one it needs them (PEP 289).
        inner = ", ".join(code.text(arg).rstrip(", ") for arg in call.args)
        if (name == "next" and isinstance(first, cst.GeneratorExp) and not first.lpar) or (
            isinstance(first, cst.GeneratorExp) and not code.text(first).startswith("(")
        ):
            inner = f"({inner})"
        prefix = "" if name == "next" else "default="
        want = _wanted(code, call, fault, picked=flow.picked(call, fault))
        found = defaults.offered(code, want, fault)
        for item in found:
            yield from made(
                code, NAME, {call: f"{name}({inner}, {prefix}{item.text})"}, f"of nothing, {item.why}", item.grounds
            )
        if name != "next" and flow.pure(first):
            yield from branches.joined(code, first, f"not {code.operand(first)}", NAME)
        grounds = flow.grade(code, call, fault)
        yield from made(code, NAME, {call: f"{name}({inner}, {prefix}None)"}, "of nothing, None flows on", grounds)
