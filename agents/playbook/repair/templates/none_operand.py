"""A None among operands, arguments and members: put what stands for a missing value in its place.

Source: PyTER's "unsupported operand" and "argument" kinds; TBar FP2.
"""

import re
from collections.abc import Iterator

import libcst as cst

from agents.playbook.repair import branches, defaults, evidence, flow
from agents.playbook.repair.fault import Candidate, Fault, Grounds
from agents.playbook.repair.made import applies, made
from agents.playbook.repair.syntax import Code, literal

NAME = "none-operand"

OUT = re.compile(r"\b(?:left out|skipped|ignored|leaves? out)\b")

CONVERSIONS = frozenset({"int", "float", "Decimal", "Fraction", "fromisoformat", "strptime", "date", "parse", "loads"})


@applies("TypeError", said=r"NoneType|not None|must be str")
def candidates(code: Code, fault: Fault) -> Iterator[Candidate]:
    """Replacements of the operand or argument that may be None."""
    for node, neutral in _suspects(code, fault):
        named = evidence.is_null(code, node, fault)
        for item in (*_left_out(code, node), *_replaced(code, fault, node, neutral)):
            yield item.model_copy(update={"named": named})


def _suspects(code: Code, fault: Fault) -> Iterator[tuple[cst.BaseExpression, str]]:
    """Expressions that may be None, each with the neutral element of its place ("" when there is none)."""
    message = fault.message
    if "no len()" in message:
        yield from ((argument, "()") for argument in _arguments(code, fault, frozenset({"len"})))
    elif "argument of type 'NoneType'" in message:
        targets = code.on(fault.line, cst.ComparisonTarget)
        yield from ((item.comparator, "()") for item in targets if isinstance(item.operator, cst.In | cst.NotIn))
    elif "operand type" in message or "can only concatenate" in message:
        yield from _operands(code, fault)
    elif "not supported between" in message:
        for comparison in code.on(fault.line, cst.Comparison):
            yield from ((node, "") for node in (comparison.left, *(item.comparator for item in comparison.comparisons)))
    else:
        yield from ((argument, "") for argument in _arguments(code, fault, CONVERSIONS))


def _arguments(code: Code, fault: Fault, names: frozenset[str]) -> Iterator[cst.BaseExpression]:
    """First arguments of the line's calls of functions with these names."""
    for call in code.on(fault.line, cst.Call):
        name = call.func.attr if isinstance(call.func, cst.Attribute) else call.func
        if isinstance(name, cst.Name) and name.value in names and call.args:
            yield call.args[0].value


def _operands(code: Code, fault: Fault) -> Iterator[tuple[cst.BaseExpression, str]]:
    right_only = re.search(r"for [^:]+: '(?!NoneType)\w[\w.]*' and 'NoneType'", fault.message)
    left_only = re.search(r"for [^:]+: 'NoneType' and '(?!NoneType)", fault.message)
    for node in code.on(fault.line, cst.BinaryOperation):
        # `can only concatenate` is about texts and lists, to which a 0 cannot be added.
        neutral = (
            "0" if isinstance(node.operator, cst.Add | cst.Subtract) and "concatenate" not in fault.message else ""
        )
        if not right_only:
            yield node.left, neutral
        if not left_only:
            yield node.right, neutral
    summed = [call.args[0].value for call in code.on(fault.line, cst.Call) if _is_sum(call)]
    yield from ((items.elt, "0") for items in summed if isinstance(items, cst.GeneratorExp | cst.ListComp))
    for added in code.on(fault.line, cst.AugAssign):
        yield added.value, "0" if isinstance(added.operator, cst.AddAssign | cst.SubtractAssign) else ""


def _is_sum(call: cst.Call) -> bool:
    return isinstance(call.func, cst.Name) and call.func.value == "sum" and bool(call.args)


def _left_out(code: Code, node: cst.BaseExpression) -> Iterator[Candidate]:
    """An item of a comprehension that lacks its value is left out; the docstring may say so."""
    said = OUT.search(str(code.function.get_docstring() or "").lower())
    around = next((item for item in code.above(node) if isinstance(item, cst.GeneratorExp | cst.ListComp)), None)
    if around is None or not flow.pure(node) or literal(node) is not node:
        return
    if around.for_in.inner_for_in is not None or around.for_in.ifs or node not in tuple(flow.inside(around.elt)):
        return
    text = f"{code.text(around.elt)} {code.text(around.for_in)} if {code.operand(node)} is not None"
    change = f"[{text}]" if isinstance(around, cst.ListComp) else f"({text})"
    why = f"what lacks it is left out{', as the docstring says' if said else ''}"
    yield from made(code, NAME, {around: change}, why, Grounds.FALLBACK if said else Grounds.NEUTRAL)


def _replaced(code: Code, fault: Fault, node: cst.BaseExpression, neutral: str) -> Iterator[Candidate]:
    if literal(node) is not node or not flow.pure(node):
        return
    text = code.operand(node)
    kind = {"()": "sequence", "0": "number"}.get(neutral, "")
    for item in defaults.offered(code, defaults.wanted(code, node, fault, kind), fault):
        why = f"without {text}, {item.why}"
        yield from made(code, NAME, {node: f"({text} if {text} is not None else {item.text})"}, why, item.grounds)
    yield from branches.joined(code, node, f"{text} is None", NAME)
    whole = (
        code.parent(code.parent(node))
        if isinstance(code.parent(node), cst.Arg | cst.ComparisonTarget)
        else code.parent(node)
    )
    if isinstance(whole, cst.BaseExpression):
        want = defaults.wanted(code, whole, fault)
        for item in defaults.offered(code, want, fault):
            change = f"({code.text(whole)} if {text} is not None else {item.text})"
            yield from made(code, NAME, {whole: change}, f"without {text}, {item.why}", item.grounds)
        atom = flow.condition(code, node)
        if atom is not None:
            change = f"({text} is not None and {code.operand(atom)})"
            yield from made(code, NAME, {atom: change}, "None does not meet the condition", Grounds.FALLBACK)
        if isinstance(whole, cst.Call):
            change = f"({code.text(whole)} if {text} is not None else None)"
            yield from made(code, NAME, {whole: change}, "None stays None", flow.grade(code, whole, fault))
    if neutral:
        yield from made(code, NAME, {node: f"({text} or {neutral})"}, f"a missing {text} adds nothing", Grounds.NEUTRAL)
