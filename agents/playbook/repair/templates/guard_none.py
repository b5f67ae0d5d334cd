"""Guard a None before it is accessed, so that it flows into what the code does for a missing value.

Source: TBar FP2 (null pointer checker) and PAR's "null pointer checker"; for Python PyTER's
"NoneType has no attribute / is not subscriptable" kinds.
"""

import re
from collections.abc import Iterator, Mapping

import libcst as cst

from agents.playbook.repair import branches, defaults, evidence, flow
from agents.playbook.repair.fault import Candidate, Fault, Grounds
from agents.playbook.repair.made import applies
from agents.playbook.repair.syntax import Code, N, index_of, key_of, literal, method_call

NAME = "guard-none"

MAPPING_METHODS = frozenset({"items", "keys", "values", "get"})
TEXT_METHODS = frozenset(
    [
        "strip",
        "lower",
        "upper",
        "split",
        "replace",
        "startswith",
        "endswith",
        "title",
        "casefold",
        "lstrip",
        "rstrip",
        "encode",
        "splitlines",
        "partition",
    ]
)


@applies("AttributeError", "TypeError", said="NoneType")
def candidates(code: Code, fault: Fault) -> Iterator[Candidate]:
    """Guards of every expression of the line that may be None."""
    for access in _accesses(code, fault):
        named = evidence.is_null(code, access.value, fault)
        text = code.text(access.value)
        for item in _guards(code, fault, access):
            yield item.model_copy(update={"named": named, "rationale": f"{text} can be None: {item.rationale}"})


def _accesses(code: Code, fault: Fault) -> tuple[cst.Attribute | cst.Subscript, ...]:
    """The accesses that can have failed so, the deepest chain first."""
    attribute = re.search(r"no attribute '(\w+)'", fault.message)
    if attribute:
        found: list[cst.Attribute | cst.Subscript] = [
            node for node in code.on(fault.line, cst.Attribute) if node.attr.value == attribute.group(1)
        ]
    elif "not subscriptable" in fault.message:
        found = list(code.on(fault.line, cst.Subscript))
    else:
        return ()
    possible = [
        node for node in found if not _never_none(node.value) and not _reached_with_none_alone(code, node.value)
    ]
    return tuple(sorted(possible, key=lambda node: -len(code.text(node.value))))


def _never_none(node: cst.BaseExpression) -> bool:
    constant = isinstance(node, cst.Name) and (node.value.isupper() or node.value in ("self", "cls"))
    return (
        constant or literal(node) is not node or isinstance(node, cst.Dict | cst.List | cst.Tuple | cst.FormattedString)
    )


def _reached_with_none_alone(code: Code, value: cst.BaseExpression) -> bool:
    """True when a test beside it, the wrong way round, lets nothing but None through: ``x is not None or x["k"]``.

    One more guard would make that branch a constant; the operator is to blame.
    """
    text = code.text(value)
    inner: cst.CSTNode = value
    for node in code.above(value):
        if isinstance(node, cst.BooleanOperation) and node.right is inner:
            passed = {f"{text} is None", f"not {text}"}
            if isinstance(node.operator, cst.Or):
                passed = {f"{text} is not None", text}
            if passed & {code.text(part) for part in _operands(node.left, type(node.operator))}:
                return True
        inner = node
    return False


def _operands(node: cst.BaseExpression, operator: type[cst.BaseBooleanOp]) -> tuple[cst.BaseExpression, ...]:
    """The parts of a chain of one operator."""
    if isinstance(node, cst.BooleanOperation) and isinstance(node.operator, operator):
        return (*_operands(node.left, operator), node.right)
    return (node,)


def _guards(code: Code, fault: Fault, access: cst.Attribute | cst.Subscript) -> Iterator[Candidate]:
    yield from _mapping(code, fault, access)
    yield from _in_condition(code, access)
    if flow.pure(access.value):
        yield from branches.joined(code, access.value, f"{code.operand(access.value)} is None", NAME)
        yield from _conditional(code, fault, access)
    yield from _left_out(code, access)
    yield from _text(code, access)


def _mapping(code: Code, fault: Fault, access: cst.Attribute | cst.Subscript) -> Iterator[Candidate]:
    """``x["k"]`` and ``x.get("k")``: an empty mapping in place of None, then the code's own default."""
    base = f"({code.operand(access.value)} or {{}})"
    if isinstance(access, cst.Attribute):
        call = code.parent(access)
        if access.attr.value not in MAPPING_METHODS or not isinstance(call, cst.Call):
            return
        has_default = access.attr.value != "get" or len(call.args) > 1
        grounds = Grounds.FALLBACK if has_default else flow.grade(code, flow.top(code, call), fault)
        yield from _made(code, {access.value: base}, "a missing mapping counts as empty", grounds)
        if access.attr.value == "get" and len(call.args) == 1:
            yield from _keyed(code, fault, call, base, call.args[0].value)
        return
    index = index_of(access)
    if index is not None and isinstance(literal(index), str):
        yield from _keyed(code, fault, access, base, index)


def _keyed(
    code: Code, fault: Fault, access: cst.Subscript | cst.Call, base: str, key: cst.BaseExpression
) -> Iterator[Candidate]:
    """Read one key of a mapping that may be None, with the defaults that there are for it."""
    read = f"{base}.get({code.text(key)}"
    whole = flow.top(code, access) is access
    if whole:
        yield from _made(
            code, {access: f"{read})"}, "None flows on like any missing value", flow.grade(code, access, fault)
        )
    want = defaults.wanted(code, access, fault)
    for item in defaults.offered(code, want, fault):
        yield from _made(code, {access: f"{read}, {item.text})"}, f"without it, {item.why}", item.grounds)
    for subscript, table in flow.table_reads(code, access, fault) if whole else ():
        yield from _table(code, fault, access, f"{read})", subscript, table)


def _table(
    code: Code, fault: Fault, access: cst.BaseExpression, read: str, subscript: cst.Subscript, table: str
) -> Iterator[Candidate]:
    """The table that the value is looked up in answers with its default, too."""
    index = index_of(subscript)
    if index is None:
        return
    around = defaults.wanted(code, subscript, fault).around
    for item in defaults.for_table(table, fault, around):
        why = f"without it, {item.why}"
        if index is access:
            yield from _made(code, {subscript: f"{table}.get({read}, {item.text})"}, why, item.grounds)
        else:
            changes = {access: read, subscript: f"{table}.get({code.text(index)}, {item.text})"}
            yield from _made(code, changes, why, item.grounds)


def _in_condition(code: Code, access: cst.Attribute | cst.Subscript) -> Iterator[Candidate]:
    """Inside a condition: what is None does not meet it, which takes the branch that is there."""
    if not flow.pure(access.value) or flow.scoped(code, access):
        return
    atom = flow.condition(code, flow.top(code, access))
    if atom is not None:
        # `is not None` and not its truth: an empty text or 0 met the condition before, or did not, by its own value.
        test = f"({code.operand(access.value)} is not None and {code.operand(atom)})"
        yield from _made(code, {atom: test}, "None does not meet the condition", Grounds.FALLBACK)


def _conditional(code: Code, fault: Fault, access: cst.Attribute | cst.Subscript) -> Iterator[Candidate]:
    """``... if x is not None else D``, around the access and around the whole value of the statement."""
    whole = flow.top(code, access)
    if not flow.pure(access.value):
        return
    test = f"{code.operand(access.value)} is not None"
    for node in _levels(code, whole):
        want = defaults.wanted(code, node, fault)
        for item in defaults.offered(code, want, fault):
            text = f"({code.text(node)} if {test} else {item.text})"
            yield from _made(code, {node: text}, f"without it, {item.why}", item.grounds)
    # A whole read of one key is covered by `_keyed`, which says the same more briefly.
    read = whole is access or (method_call(whole, "get") is not None and code.parent(access) is whole)
    if not (read and key_of(whole) and not (isinstance(whole, cst.Attribute))):
        change = {whole: f"({code.text(whole)} if {test} else None)"}
        yield from _made(code, change, "None flows on", flow.grade(code, whole, fault))


def _levels(code: Code, node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """The expression and those around it, up to the value of the statement; not out of a comprehension."""
    yield node
    if flow.scoped(code, node):
        return
    for above in code.above(node):
        if isinstance(above, cst.BaseSmallStatement | cst.BaseStatement):
            return
        if isinstance(above, cst.BaseExpression) and not isinstance(above, cst.Lambda):
            yield above


def _left_out(code: Code, access: cst.Attribute | cst.Subscript) -> Iterator[Candidate]:
    """Inside a comprehension: what lacks it is left out, as in a loop that has nothing to do for it."""
    if not flow.pure(access.value) or isinstance(access.value, cst.Name):
        return
    around = next((item for item in code.above(access) if isinstance(item, cst.GeneratorExp | cst.ListComp)), None)
    if around is None or around.for_in.inner_for_in is not None or around.for_in.ifs or not flow.scoped(code, access):
        return
    if access not in tuple(flow.inside(around.elt)):
        return
    head = code.text(around.for_in)
    text = f"{code.text(around.elt)} {head} if {code.operand(access.value)} is not None"
    change = f"[{text}]" if isinstance(around, cst.ListComp) else f"({text})"
    yield from _made(code, {around: change}, "what lacks it is left out", Grounds.NEUTRAL)


def _text(code: Code, access: cst.Attribute | cst.Subscript) -> Iterator[Candidate]:
    if isinstance(access, cst.Attribute) and access.attr.value in TEXT_METHODS:
        base = f'({code.operand(access.value)} or "")'
        yield from _made(code, {access.value: base}, "a missing text counts as empty", Grounds.NEUTRAL)


def _made(code: Code, changes: Mapping[N, str], why: str, grounds: Grounds) -> Iterator[Candidate]:
    source = code.swapped(changes)
    if source is not None:
        yield Candidate(template=NAME, rationale=why, source=source, grounds=grounds)
