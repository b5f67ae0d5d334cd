"""A key that is not there: the default that code, schema or constants have for it.

Source: the "KeyError, use .get with a default" kind of BugsInPy; PAR's "collection size/key checker".
"""

from collections.abc import Iterator

import libcst as cst

from agents.playbook.repair import branches, defaults, flow, keys
from agents.playbook.repair.fault import Candidate, Fault, Grounds
from agents.playbook.repair.made import applies, made
from agents.playbook.repair.syntax import Code, index_of, literal

NAME = "missing-key"


@applies("KeyError")
def candidates(code: Code, fault: Fault) -> Iterator[Candidate]:
    """Defaults for every read of the line that can have missed the key."""
    missing = keys.missing(fault)
    for node in code.on(fault.line, cst.Subscript):
        index = index_of(node)
        if index is None or isinstance(code.parent(node), cst.AssignTarget | cst.Del):
            continue
        value = literal(index)
        if value is index:
            yield from _looked_up(code, fault, node, index)
        elif value == missing:
            yield from _read(code, fault, node, index)


def _read(code: Code, fault: Fault, node: cst.Subscript, index: cst.BaseExpression) -> Iterator[Candidate]:
    """``d["k"]`` with a key that is written out."""
    base, key = code.operand(node.value), code.text(index)
    read = f"{base}.get({key}"
    whole = flow.top(code, node)
    offered = defaults.offered(code, defaults.wanted(code, node, fault), fault)
    told = any(item.said for item in offered)
    if whole is node:
        why = "a missing key flows on as None, which the code has an answer to"
        grounds = flow.grade(code, node, fault)
        yield from made(code, NAME, {node: f"{read})"}, why, max(grounds, Grounds.NEUTRAL) if told else grounds)
    for item in offered:
        yield from made(code, NAME, {node: f"{read}, {item.text})"}, f"without it, {item.why}", item.grounds)
    yield from _tables(code, fault, node, f"{read})")
    yield from _inner(code, fault, node, read)
    if flow.pure(node.value):
        # A way out that was made for something else that is missing says less about this key.
        for way in branches.joined(code, node.value, f"{key} not in {base}", NAME):
            yield way.model_copy(update={"grounds": max(way.grounds, Grounds.NEUTRAL)}) if told else way
        for level in _around(code, whole):
            for item in defaults.offered(code, defaults.wanted(code, level, fault), fault):
                text = f"({code.text(level)} if {key} in {base} else {item.text})"
                yield from made(code, NAME, {level: text}, f"without {key}, {item.why}", item.grounds)


def _inner(code: Code, fault: Fault, node: cst.Subscript, read: str) -> Iterator[Candidate]:
    """``d["k"]["j"]``: without the outer key, the inner one is missing, too."""
    above = code.parent(node)
    if isinstance(above, cst.Subscript) and above.value is node:
        index = index_of(above)
        if index is None or not isinstance(literal(index), str):
            return
        # `or {}` and no default: the outer key may be there and hold None.
        inner = f"({read}) or {{}}).get({code.text(index)}"
        if flow.top(code, above) is above:
            yield from made(code, NAME, {above: f"{inner})"}, "None flows on", flow.grade(code, above, fault))
        for item in defaults.offered(code, defaults.wanted(code, above, fault), fault):
            yield from made(code, NAME, {above: f"{inner}, {item.text})"}, f"without it, {item.why}", item.grounds)


def _tables(code: Code, fault: Fault, node: cst.Subscript, read: str) -> Iterator[Candidate]:
    for subscript, table in flow.table_reads(code, node, fault):
        index = index_of(subscript)
        around = defaults.wanted(code, subscript, fault).around
        for item in defaults.for_table(table, fault, around) if index is not None else ():
            if index is node:
                changes: dict[cst.BaseExpression, str] = {subscript: f"{table}.get({read}, {item.text})"}
            else:
                changes = {node: read, subscript: f"{table}.get({code.text(index or node)}, {item.text})"}
            yield from made(code, NAME, changes, f"without it, {item.why}", item.grounds)


def _looked_up(code: Code, fault: Fault, node: cst.Subscript, index: cst.BaseExpression) -> Iterator[Candidate]:
    """``TABLE[value]`` with a value that the table lacks."""
    base, key = code.operand(node.value), code.text(index)
    name = node.value.value if isinstance(node.value, cst.Name) else ""
    around = defaults.wanted(code, node, fault).around
    for item in defaults.for_table(name, fault, around) if name else ():
        yield from made(
            code, NAME, {node: f"{base}.get({key}, {item.text})"}, f"for an unknown key, {item.why}", item.grounds
        )
    if flow.grade(code, node, fault) is Grounds.FALLBACK:
        yield from made(
            code,
            NAME,
            {node: f"{base}.get({key})"},
            "an unknown key flows on as None, which has an answer",
            Grounds.FALLBACK,
        )
    if flow.pure(index) and flow.pure(node.value):
        yield from branches.joined(code, index, f"{key} not in {base}", NAME)


def _around(code: Code, node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    if flow.scoped(code, node):
        return
    for above in (node, *code.above(node)):
        if isinstance(above, cst.BaseSmallStatement | cst.BaseStatement):
            return
        if isinstance(above, cst.BaseExpression):
            yield above
