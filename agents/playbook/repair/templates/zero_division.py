"""A division by zero: the way that the function has for nothing to divide by.

Source: TBar FP5-like "insert a divide-by-zero checker" (also PAR's "expression adder").
"""

import ast
from collections.abc import Iterator

import libcst as cst

from agents.playbook.repair import branches, defaults, flow
from agents.playbook.repair.fault import Candidate, Fault, Grounds
from agents.playbook.repair.made import applies, made
from agents.playbook.repair.syntax import Code, literal

NAME = "zero-division"

# `decimal` raises DivisionByZero for x/0 and InvalidOperation for 0/0.
EXCEPTIONS = frozenset({"ZeroDivisionError", "DivisionByZero", "DivisionUndefined", "InvalidOperation"})


@applies(*EXCEPTIONS)
def candidates(code: Code, fault: Fault) -> Iterator[Candidate]:
    """Guards of every division of the line."""
    for node in code.on(fault.line, cst.BinaryOperation):
        if isinstance(node.operator, cst.Divide | cst.FloorDivide | cst.Modulo) and literal(node.right) is node.right:
            yield from _guards(code, fault, node)


def _guards(code: Code, fault: Fault, node: cst.BinaryOperation) -> Iterator[Candidate]:
    by = code.operand(node.right)
    if not flow.pure(node.right) and not by.startswith("len("):
        return
    yield from branches.joined(code, node.right, f"{by} == 0" if not by.startswith("len(") else f"not {by[4:-1]}", NAME)
    for level in (node, *_numeric(code, node)):
        want = defaults.wanted(code, level, fault, "number", empty=True)
        for item in defaults.offered(code, want, fault):
            text = f"({code.text(level)} if {by} else {item.text})"
            yield from made(code, NAME, {level: text}, f"with nothing to divide by, {item.why}", item.grounds)
    for value in _returned(code):
        for level in (node, *_numeric(code, node)):
            if isinstance(code.parent(level), cst.Return):
                text = f"({code.text(level)} if {by} else {value})"
                why = f"with nothing to divide by, {value} as the function returns elsewhere"
                yield from made(code, NAME, {level: text}, why, Grounds.FALLBACK)
    for above in code.above(node):
        condition = isinstance(above, cst.If | cst.IfExp) and isinstance(
            above.test, cst.Comparison | cst.BooleanOperation
        )
        if isinstance(above, cst.If | cst.IfExp) and condition and node in tuple(flow.inside(above.test)):
            text = f"({by} and {code.operand(above.test)})"
            why = "without anything to divide by it is not met"
            yield from made(code, NAME, {above.test: text}, why, Grounds.FALLBACK)
    yield from made(
        code, NAME, {node: f"({code.text(node)} if {by} else None)"}, "None flows on", flow.grade(code, node, fault)
    )


def _numeric(code: Code, node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """Arithmetic and rounding around a division."""
    for above in code.above(node):
        if isinstance(above, cst.BaseSmallStatement | cst.BaseStatement):
            return
        if isinstance(above, cst.BinaryOperation | cst.Call):
            yield above


def _returned(code: Code) -> Iterator[str]:
    """Numbers that the function returns elsewhere."""
    for node in code.every(cst.Return):
        text = code.text(node.value) if node.value is not None else ""
        try:
            value = ast.parse(text, mode="eval").body if text else None
        except SyntaxError:
            continue
        plain = isinstance(value, ast.Constant) and isinstance(value.value, int | float)
        if (
            plain
            or (isinstance(value, ast.Call) and text.startswith("Decimal("))
            or (isinstance(value, ast.Name) and text.isupper())
        ):
            yield text
