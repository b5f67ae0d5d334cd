"""A wrong or a renamed key: the close match that the data really has, beside the old one where both exist.

Source: TBar FP9 and FP13 (replace a literal or a variable by a similar one in reach); BugsInPy's renamed-field bugs.
"""

from collections.abc import Iterator

import libcst as cst

from agents.playbook.repair import evidence, flow, keys, surroundings
from agents.playbook.repair.fault import Candidate, Fault, Grounds
from agents.playbook.repair.made import applies, made
from agents.playbook.repair.syntax import Code, index_of, literal, method_call, parse

NAME = "close-key"


@applies("KeyError")
def candidates(code: Code, fault: Fault) -> Iterator[Candidate]:
    """The key replaced by a close one, or accepted beside it."""
    missing = keys.missing(fault)
    if not isinstance(missing, str):
        return
    data = keys.in_data(fault)
    from_code = tuple(key for key in surroundings.module_keys(fault.module) if key not in data)
    shown = evidence.data_keys(fault.traits)
    for node in code.on(fault.line, cst.Subscript):
        index = index_of(node)
        if index is None or literal(index) != missing or isinstance(code.parent(node), cst.AssignTarget):
            continue
        for key in evidence.close(missing, data):
            old_too = missing in data
            yield from _changed(code, node, index, key, Grounds.FALLBACK, named=key in shown, old_too=old_too)
        for key in evidence.close(missing, from_code, 0.75):
            yield from _changed(code, node, index, key, Grounds.SIBLING, named=False, old_too=False)


def _changed(
    code: Code,
    node: cst.Subscript,
    index: cst.BaseExpression,
    key: str,
    grounds: Grounds,
    *,
    named: bool,
    old_too: bool,
) -> Iterator[Candidate]:
    """Rename, and accept both: the latter first when the data is known to have the old key, too."""
    base, old = code.operand(node.value), code.text(index)
    quote = old[0] if old[:1] in "\"'" else '"'
    new = f"{quote}{key}{quote}"
    renamed = tuple(made(code, NAME, {index: new}, f"the data has {key}, not {old}", grounds, named=named))
    both: tuple[Candidate, ...] = ()
    if flow.pure(node.value):
        text = f"({base}[{new}] if {new} in {base} else {base}[{old}])"
        both = tuple(made(code, NAME, {node: text}, f"the data has {key}, or {old} as before", grounds, named=named))
    yield from (*both, *renamed) if old_too else (*renamed, *both)


def silent(fault: Fault) -> tuple[Candidate, ...]:
    """``.get("k")`` of a key that the data has under a close name: its None is what failed."""
    code = parse(fault.source)
    if code is None or "NoneType" not in fault.message:
        return ()
    return tuple(_silent(code, fault))


def _silent(code: Code, fault: Fault) -> Iterator[Candidate]:
    data = keys.in_data(fault)
    shown = evidence.data_keys(fault.traits)
    for call in code.every(cst.Call):
        # The None may come from any line before: it fails only where it is used.
        if method_call(call, "get") is None or not call.args or code.lines(call)[0] > fault.line:
            continue
        index = call.args[0].value
        key = literal(index)
        if not isinstance(key, str) or key in data:
            continue
        for other in evidence.close(key, data, 0.75):
            yield from made(
                code,
                NAME,
                {index: f'"{other}"'},
                f"the data has {other}, not {key}",
                Grounds.FALLBACK if other in shown else Grounds.SIBLING,
                named=other in shown,
            )
