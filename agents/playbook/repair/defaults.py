"""Finds defaults for a missing value: only what schema, code or constants say already."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from agents.playbook.repair import flow, nothing, surroundings
from agents.playbook.repair.fault import Fault, Grounds
from agents.playbook.repair.surroundings import FALLBACK_WORDS, words
from agents.playbook.repair.syntax import Code, key_of
from incident import docstrings


@dataclass(frozen=True)
class Default:
    """A default as Python source, and the reason for it."""

    text: str
    grounds: Grounds
    why: str
    weight: int = 0
    """Number of words that its name shares with what it stands for."""
    mentioned: bool = False
    """True when the function's docstring names it."""

    @property
    def said(self) -> bool:
        """True when schema, other code or the docstring say that it stands for this very value."""
        return self.mentioned or self.grounds in (Grounds.SCHEMA, Grounds.SIBLING)


@dataclass(frozen=True)
class Wanted:
    """The value that a default is sought for."""

    key: str
    """The key, attribute or variable under which it is found; empty when it has none."""
    around: frozenset[str]
    """Words of what it is assigned to, of the function, and of the table that it is an entry of."""
    table: str = ""
    """The module table that it is looked up in; then only its keys will do."""
    kind: str = ""
    """Kind of value that is needed (text, number, mapping, sequence); empty when that cannot be told."""
    empty: bool = False
    """True where it is missing because a collection has too few items."""
    picked: str = ""
    """The module table one of whose keys it is."""


def wanted(
    code: Code, node: cst.BaseExpression, fault: Fault, kind: str = "", *, empty: bool = False, picked: str = ""
) -> Wanted:
    """Requirements that a default for this expression has to fit."""
    reads = flow.table_reads(code, node, fault)
    assigned = flow.target(code, node) or ""
    around = words(assigned) | words(code.function.name.value) | words(flow.entry_of(node, fault))
    for above in code.above(node):
        if isinstance(above, cst.Arg) and above.keyword is not None:
            around |= words(above.keyword.value)
        if isinstance(above, cst.DictElement):
            around |= words(code.text(above.key).strip("\"'"))
        if isinstance(above, cst.BaseStatement):
            break
    return Wanted(key_of(node) or assigned, around, reads[0][1] if reads else "", kind, empty, picked)


def offered(code: Code, want: Wanted, fault: Fault) -> tuple[Default, ...]:
    """Defaults, the best founded first, each text once."""
    found = [
        *_schema(want, fault),
        *_siblings(want, fault),
        *_constants(code, want, fault),
        *_table_keys(code, want, fault),
        *_documented(code, want),
    ]
    found = found or list(_of_nothing(want, fault))
    ordered = sorted(found, key=lambda item: (item.grounds, -item.weight))
    # Backwards, so that of two with the same text the better founded one stays; and then forwards again.
    return tuple({item.text: item for item in reversed(ordered)}.values())[::-1]


def _schema(want: Wanted, fault: Fault) -> Iterator[Default]:
    for field in surroundings.schema_fields(fault.schemas):
        if field.name != want.key:
            continue
        if field.default is not None and _fits_table(want, fault, ast.literal_eval(field.default)):
            yield Default(field.default, Grounds.SCHEMA, f"the schema's default of {field.name}")
        named = _mentioned(field.description, field.values or _keys(want, fault))
        # A description that names several values does not say which of them stands for a missing one.
        if named is not None:
            yield Default(surroundings.written(named), Grounds.SCHEMA, f"what the schema says of {field.name}")


def _siblings(want: Wanted, fault: Fault) -> Iterator[Default]:
    for text in surroundings.sibling_defaults(fault.module, want.key) if want.key else ():
        yield Default(text, Grounds.SIBLING, f"what other code of the file takes for a missing {want.key}")


def _constants(code: Code, want: Wanted, fault: Fault) -> Iterator[Default]:
    said = _docstring(code)
    about = words(want.key) | want.around
    for constant in surroundings.constants(fault.module):
        weight = 2 * len(words(constant.name) & words(want.key)) + len(words(constant.name) & want.around)
        mentioned = constant.name in said
        if not (constant.is_fallback or mentioned) or not ((weight and about) or mentioned):
            continue
        if want.table and not _fits_table(want, fault, constant.literal):
            continue
        if want.kind and constant.kind not in (want.kind, "unknown"):
            continue
        yield Default(
            constant.name, Grounds.CONSTANT, f"the constant {constant.name}", weight + 3 * mentioned, mentioned
        )


def _table_keys(code: Code, want: Wanted, fault: Fault) -> Iterator[Default]:
    keys = _keys(want, fault)
    named = _mentioned(_docstring(code), keys)
    if named is not None:
        yield Default(
            surroundings.written(named), Grounds.CONSTANT, f"what the docstring says, a key of {want.table}", 2
        )
    for key in keys:
        if key.lower() in FALLBACK_WORDS:
            yield Default(surroundings.written(key), Grounds.CONSTANT, f"the entry of {want.table} for everything else")


def _documented(code: Code, want: Wanted) -> Iterator[Default]:
    """Numbers and texts that the docstring gives for a case: ``0 without children``."""
    if want.table:
        return
    fitting = [
        value
        for value in docstrings.cases(_docstring(code))
        if surroundings.kind(value) in ((want.kind,) if want.kind else ("number", "text"))
    ]
    for value in fitting[:2]:
        yield Default(surroundings.written(value.value), Grounds.CONSTANT, "as the docstring says")


def _of_nothing(want: Wanted, fault: Fault) -> Iterator[Default]:
    """The file's own value for nothing, for want of anything that is said of this one."""
    for text in nothing.beside(fault.module, want.picked) if want.picked else ():
        yield Default(text, Grounds.SIBLING, f"{text}, which the code asks for before it looks up in {want.picked}")
    text = nothing.of_empty(fault.module, want.kind) if want.empty and want.kind else ""
    if text:
        yield Default(text, Grounds.CONSTANT, f"{text}, as the file's code takes elsewhere for nothing")


def _keys(want: Wanted, fault: Fault) -> tuple[str, ...]:
    table = surroundings.tables(fault.module).get(want.table)
    return tuple(key for key in surroundings.table_keys(table) if isinstance(key, str)) if table else ()


def _fits_table(want: Wanted, fault: Fault, value: object) -> bool:
    table = surroundings.tables(fault.module).get(want.table)
    return table is None or value in surroundings.table_keys(table)


def _mentioned(text: str, values: tuple[str, ...]) -> str | None:
    """The one value that a description names; None when it names none or several."""
    found = [value for value in values if value and re.search(rf"\b{re.escape(value)}\b", text, flags=re.IGNORECASE)]
    return found[0] if len(found) == 1 else None


def _docstring(code: Code) -> str:
    return code.function.get_docstring() or ""


def for_table(table: str, fault: Fault, around: frozenset[str]) -> tuple[Default, ...]:
    """Defaults of a module table for a key that it lacks."""
    literal = surroundings.tables(fault.module).get(table)
    kinds = {surroundings.kind(value) for value in literal.values} if literal else set()
    keys = surroundings.table_keys(literal) if literal else ()
    found: list[Default] = []
    for constant in surroundings.constants(fault.module):
        weight = len(words(constant.name) & (around | words(table)))
        if not constant.is_fallback or not weight or constant.name == table:
            continue
        if constant.literal is not None and constant.literal in keys:
            found.append(
                Default(
                    f"{table}[{constant.name}]", Grounds.CONSTANT, f"the entry that {constant.name} names", weight + 1
                )
            )
        elif constant.kind in kinds or constant.kind == "unknown":
            found.append(Default(constant.name, Grounds.CONSTANT, f"the constant {constant.name}", weight))
    found += [
        Default(f"{table}[{surroundings.written(key)}]", Grounds.CONSTANT, f"the entry of {table} for everything else")
        for key in keys
        if isinstance(key, str) and key.lower() in FALLBACK_WORDS
    ]
    return tuple(sorted(found, key=lambda item: -item.weight))
