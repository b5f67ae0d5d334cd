"""Finds fallback branches that a function has already, and lets a failing statement join one.

Source: PAR's "null pointer checker" and TBar's FP2.2 (insert ``if exp is None: return ...``), narrowed
to bodies that the function itself returns elsewhere for something missing.
"""

import ast
from collections.abc import Iterator

import libcst as cst

from agents.playbook.repair import flow
from agents.playbook.repair.fault import Candidate, Grounds
from agents.playbook.repair.syntax import Code


def joined(code: Code, node: cst.BaseExpression, test: str, template: str) -> Iterator[Candidate]:
    """Candidates that take an existing way out before the failing statement when `test` holds."""
    statement = code.statement(node)
    # An `elif` is no place for a statement: it would stand between two branches of one `if`.
    if statement is None or flow.scoped(code, node) or not flow.pure(node) or _is_elif(code, statement):
        return
    for body, grounds in _ways_out(code, statement):
        source = code.before(statement, f"if {test}:\n    {body}\n")
        if source is not None:
            why = f"when {test}, the function does what it does elsewhere for something missing: {body}"
            yield Candidate(template=template, rationale=why, source=source, grounds=grounds)


def _is_elif(code: Code, statement: cst.BaseStatement) -> bool:
    above = code.parent(statement)
    return isinstance(above, cst.If) and above.orelse is statement


def _ways_out(code: Code, statement: cst.BaseStatement) -> Iterator[tuple[str, Grounds]]:
    """Bodies of earlier guards about something missing, then the constant that the function ends with."""
    line = code.lines(statement)[0]
    seen: set[str] = set()
    for guard in code.every(cst.If):
        body = _single(code, guard)
        if body is None or code.lines(guard)[0] >= line or not _about_missing(code.text(guard.test)):
            continue
        if body not in seen and _in_reach(code, guard, statement, body):
            seen.add(body)
            yield body, Grounds.FALLBACK
    last = code.function.body.body[-1]
    if isinstance(last, cst.SimpleStatementLine) and last is not statement and code.lines(last)[0] > line:
        final = code.text(last)
        if final.startswith("return ") and _constant(final.removeprefix("return ")) and final not in seen:
            yield final, Grounds.SIBLING


def _single(code: Code, guard: cst.If) -> str | None:
    if not isinstance(guard.body, cst.IndentedBlock) or len(guard.body.body) != 1:
        return None
    only = guard.body.body[0]
    if not isinstance(only, cst.SimpleStatementLine) or len(only.body) != 1:
        return None
    leaves = isinstance(only.body[0], cst.Return | cst.Continue)
    return code.text(only.body[0]) if leaves else None


def _about_missing(test: str) -> bool:
    parts = test.replace("(", " ").split()
    return "not" in parts or "None" in test or "== 0" in test or "<= 0" in test or "< 1" in test


def _in_reach(code: Code, guard: cst.If, statement: cst.BaseStatement, body: str) -> bool:
    """A ``continue`` needs the same loop; the names that a ``return`` reads must be known by then."""
    if body == "continue":
        loop = next((item for item in code.above(guard) if isinstance(item, cst.For | cst.While)), None)
        return loop is not None and loop in tuple(code.above(statement))
    return True


def _constant(text: str) -> bool:
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return False
    return all(
        isinstance(item, ast.Constant) or not isinstance(item, ast.Name) or item.id.isupper() or item.id == "Decimal"
        for item in ast.walk(node)
    )
