"""A look-up whose key is there in another case or as another type.

Source: TBar FP9.1 (mutate a literal's or value's type), PyTER's key-type mismatches.
"""

from collections.abc import Iterator

import libcst as cst

from agents.playbook.repair import flow, keys, surroundings
from agents.playbook.repair.fault import Candidate, Fault, Grounds
from agents.playbook.repair.made import applies, made
from agents.playbook.repair.syntax import Code, index_of, literal

NAME = "normalise-key"


@applies("KeyError")
def candidates(code: Code, fault: Fault) -> Iterator[Candidate]:
    """The key converted to what the table's keys are."""
    missing = keys.missing(fault)
    tables = surroundings.tables(fault.module)
    for node in code.on(fault.line, cst.Subscript):
        index = index_of(node)
        if index is None or literal(index) is not index or not isinstance(node.value, cst.Name):
            continue
        table = tables.get(node.value.value)
        if table is None or not flow.pure(node.value):
            continue
        for change, why in _conversions(missing, surroundings.table_keys(table)):
            text = change.format(code.operand(index) if change.startswith("{}.") else code.text(index))
            yield from made(code, NAME, {index: text}, why, Grounds.FALLBACK, named=True)


def _conversions(missing: object, known: tuple[object, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(missing, str):
        tried = {
            "{}.lower()": missing.lower(),
            "{}.upper()": missing.upper(),
            "{}.strip()": missing.strip(),
            "{}.strip().lower()": missing.strip().lower(),
            "{}.title()": missing.title(),
        }
        yield from ((change, f"the table has {value!r}") for change, value in tried.items() if value in known)
        if missing.strip().lstrip("-").isdecimal() and int(missing) in known:
            yield "int({})", f"the table's keys are numbers: {int(missing)}"
    elif isinstance(missing, int) and not isinstance(missing, bool) and str(missing) in known:
        yield "str({})", f"the table's keys are texts: {str(missing)!r}"
