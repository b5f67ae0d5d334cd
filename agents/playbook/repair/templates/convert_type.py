"""A value of the wrong type: convert it where it fails.

Source: PyTER's type-conversion templates; TBar FP1 (insert a cast) and FP7 (mutate a data type).
"""

import re
from collections.abc import Iterator

import libcst as cst

from agents.playbook.repair.fault import Candidate, Fault, Grounds
from agents.playbook.repair.made import applies, made
from agents.playbook.repair.syntax import Code, index_of, literal

NAME = "convert-type"

NUMBERS = ("int", "float", "decimal.Decimal", "Decimal")

OPERATORS: dict[str, type[cst.BaseBinaryOp]] = {
    "+": cst.Add,
    "-": cst.Subtract,
    "*": cst.Multiply,
    "/": cst.Divide,
    "//": cst.FloorDivide,
    "%": cst.Modulo,
}


@applies("TypeError", "ValueError", said=r"^(?!.*NoneType)")
def candidates(code: Code, fault: Fault) -> Iterator[Candidate]:
    """Conversions of the operand whose type does not fit."""
    message = fault.message
    pair = re.search(r"operand type\(s\) for ([^:]+): '([\w.]+)' and '([\w.]+)'", message)
    order = re.search(r"not supported between instances of '([\w.]+)' and '([\w.]+)'", message)
    if pair:
        yield from _operation(code, fault, pair.group(1).strip(), pair.group(2), pair.group(3))
    elif order:
        yield from _comparison(code, fault, order.group(1), order.group(2))
    elif "can only concatenate str" in message:
        yield from _joined(code, fault)
    elif "can't multiply sequence by non-int" in message:
        yield from _multiplied(code, fault, message)
    elif "indices must be integers" in message:
        yield from _indexes(code, fault)
    elif "invalid literal for int()" in message:
        yield from _parsed_number(code, fault)


def _operation(code: Code, fault: Fault, operator: str, left: str, right: str) -> Iterator[Candidate]:
    # The message names an augmented assignment as `+=`.
    wanted = OPERATORS.get(operator.rstrip("="))
    for node in code.on(fault.line, cst.BinaryOperation):
        if wanted is not None and isinstance(node.operator, wanted):
            yield from _pair(code, fault, (node.left, left), (node.right, right))
    for target in code.on(fault.line, cst.AugAssign):
        if left in NUMBERS:
            yield from _made(code, target.value, _number(fault, left, right), f"{right} to {left}", right)


def _pair(
    code: Code, fault: Fault, left: tuple[cst.BaseExpression, str], right: tuple[cst.BaseExpression, str]
) -> Iterator[Candidate]:
    """Convert the operand that is a text, or the binary float beside a Decimal."""
    for (node, kind), (_, other) in ((left, right), (right, left)):
        if kind == "str" and other in NUMBERS:
            yield from _made(
                code, node, _number(fault, other, kind), f"a text where a number ({other}) is needed", kind
            )
        # By way of its text: `Decimal(0.1)` has 55 digits, and `Decimal("0.1")` is what was meant.
        elif kind == "float" and other.endswith("Decimal"):
            yield from _made(code, node, ("Decimal(str({}))",), "a binary float beside a Decimal", kind)


def _number(fault: Fault, target: str, kind: str) -> tuple[str, ...]:
    """Conversions to a number, the one that loses nothing first."""
    if target.endswith("Decimal"):
        return ("Decimal(str({}))",) if kind == "float" else ("Decimal({})",)
    found = [f"{target}({{}})"]
    if target == "int":
        found.append("float({})")
    if re.search(r"\bDecimal\b", fault.module):
        found.append("Decimal({})")
    return tuple(found)


def _comparison(code: Code, fault: Fault, left: str, right: str) -> Iterator[Candidate]:
    for node in code.on(fault.line, cst.Comparison):
        if len(node.comparisons) == 1:
            yield from _pair(code, fault, (node.left, left), (node.comparisons[0].comparator, right))
    for call in code.on(fault.line, cst.Call):
        name = call.func.value if isinstance(call.func, cst.Name) else ""
        if name in ("max", "min") and len(call.args) > 1 and "str" in (left, right):
            number = left if right == "str" else right
            for arg in call.args:
                if number in NUMBERS and literal(arg.value) is arg.value:
                    yield from _made(code, arg.value, _number(fault, number, "str"), "a text among numbers", "str")


def _joined(code: Code, fault: Fault) -> Iterator[Candidate]:
    """``"text" + 5``: the number becomes text."""
    for node in code.on(fault.line, cst.BinaryOperation):
        if isinstance(node.operator, cst.Add) and not isinstance(node.right, cst.SimpleString | cst.FormattedString):
            yield from _made(code, node.right, ("str({})",), "text is joined with text", "value")


def _multiplied(code: Code, fault: Fault, message: str) -> Iterator[Candidate]:
    kind = (re.search(r"of type '([\w.]+)'", message) or [message, "float"])[1]
    for node in code.on(fault.line, cst.BinaryOperation):
        if isinstance(node.operator, cst.Multiply):
            for operand in (node.left, node.right):
                if literal(operand) is operand:
                    yield from _made(code, operand, _number(fault, kind, "str"), "a text among factors", "str")


def _indexes(code: Code, fault: Fault) -> Iterator[Candidate]:
    for node in code.on(fault.line, cst.Subscript):
        index = index_of(node)
        if index is not None and literal(index) is index:
            yield from _made(code, index, ("int({})",), "an index is a number", "str")


def _parsed_number(code: Code, fault: Fault) -> Iterator[Candidate]:
    """``int("12.50")`` and ``int(" 7 items")`` have no right answer in general; ``int("12.0")`` has."""
    text = fault.message.rpartition(": ")[2].strip("'\"")
    if not re.fullmatch(r"-?\d+\.0*", text):
        return
    for call in code.on(fault.line, cst.Call):
        if isinstance(call.func, cst.Name) and call.func.value == "int" and len(call.args) == 1:
            yield from _made(code, call.args[0].value, ("float({})",), "a whole number written with a point", "str")


def _made(
    code: Code, node: cst.BaseExpression, conversions: tuple[str, ...], why: str, kind: str
) -> Iterator[Candidate]:
    if literal(node) is not node and kind != "float":
        return
    for conversion in conversions:
        text = conversion.format(code.text(node))
        yield from made(code, NAME, {node: text}, why, Grounds.FALLBACK)
