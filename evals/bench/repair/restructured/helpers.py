"""Extraction of helpers: the value of a ``return`` or of an assignment becomes a function beside the one it was in."""

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import BuiltinScope, ComprehensionScope, FunctionScope, GlobalScope, Scope
from libcst.metadata.scope_provider import BaseAssignment
from typing_extensions import override

from agents.playbook.repair.syntax import below
from evals.bench.repair.restructured import bound
from evals.bench.repair.restructured.bound import Small
from evals.bench.repair.restructured.parsed import Parsed, parse, scope_of
from incident.value import Value

SHARE = 0.5
"""Of the values that can be taken out."""

_WORKS = (
    cst.Call,
    cst.Subscript,
    cst.BinaryOperation,
    cst.BooleanOperation,
    cst.Comparison,
    cst.IfExp,
    cst.FormattedString,
    cst.BaseComp,
)
"""A value without any of these is not worth a helper."""
_NEVER = (cst.Await, cst.Yield, cst.NamedExpr, cst.Asynchronous)
_LATE = (cst.Lambda, cst.GeneratorExp)
"""These may read a name when it has changed since."""


class Helper(Value):
    """A helper that was taken out, and the lines of the given text that its value stood on, from 1."""

    name: str
    first: int
    last: int


class Extracted(Value):
    """A text with helpers, and the helpers."""

    text: str
    helpers: tuple[Helper, ...]


@dataclass(frozen=True)
class _Cut:
    name: str
    reads: tuple[str, ...]
    small: Small
    function: cst.FunctionDef

    @property
    def call(self) -> str:
        return f"{self.name}({', '.join(self.reads)})"

    def helper(self, module: cst.Module) -> cst.FunctionDef:
        """The helper, two lines below what stands before it."""
        made = cst.parse_statement(f"def {self.call}: ...\n", config=module.config_for_parsing)
        body = cst.IndentedBlock(body=[cst.SimpleStatementLine(body=[cst.Return(value=_value(self.small))])])
        apart = [cst.EmptyLine(indent=False), cst.EmptyLine(indent=False)]
        return cst.ensure_type(made, cst.FunctionDef).with_changes(body=body, leading_lines=apart)


def extracted(text: str, taken: frozenset[str], rng: random.Random) -> Extracted:
    """The file's text with some values taken out of the functions at its top.  No helper has a name that is taken."""
    parsed = parse(text)
    fresh = (name for number in itertools.count(1) if (name := f"_part{number}") not in taken)
    cuts: dict[cst.CSTNode, _Cut] = {}
    for function in parsed.functions():
        for small, names in bound.places(function):
            reads = _reads(parsed, function, small, names)
            if reads and rng.random() < SHARE:
                cuts[small] = _Cut(next(fresh), reads, small, function)
    lines = [(cut.name, *parsed.lines(cut.small)) for cut in cuts.values()]
    helpers = tuple(Helper(name=name, first=first, last=last) for name, first, last in lines)
    return Extracted(text=_cut(parsed.module, cuts), helpers=helpers)


def _cut(module: cst.Module, cuts: Mapping[cst.CSTNode, _Cut]) -> str:
    called = module.visit(_Call(cuts))
    body: list[cst.SimpleStatementLine | cst.BaseCompoundStatement] = []
    for before, after in zip(module.body, called.body, strict=True):
        body += [cut.helper(module) for cut in cuts.values() if cut.function is before]
        body.append(after)
    return called.with_changes(body=body).code


class _Call(cst.CSTTransformer):
    """Puts the helper's call where its value stood."""

    def __init__(self, cuts: Mapping[cst.CSTNode, _Cut]) -> None:
        super().__init__()
        self._cuts = cuts

    @override
    def leave_Return(self, original_node: cst.Return, updated_node: cst.Return) -> cst.Return:
        cut = self._cuts.get(original_node)
        if cut is None:
            return updated_node
        blank = cst.SimpleWhitespace(" ")
        return updated_node.with_changes(value=cst.parse_expression(cut.call), whitespace_after_return=blank)

    @override
    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign:
        cut = self._cuts.get(original_node)
        return updated_node if cut is None else updated_node.with_changes(value=cst.parse_expression(cut.call))


def _reads(parsed: Parsed, function: cst.FunctionDef, small: Small, names: frozenset[str]) -> tuple[str, ...]:
    """Local names that a value reads, in order; none for a value that must stay where it is."""
    nodes = below(_value(small))
    if any(isinstance(node, _NEVER) for node in nodes) or not any(isinstance(node, _WORKS) for node in nodes):
        return ()
    reads: dict[str, None] = {}
    for name in (node for node in nodes if isinstance(node, cst.Name)):
        bindings = parsed.bindings(name)
        if bindings is None:
            continue
        scope = scope_of(bindings)
        if isinstance(scope, FunctionScope) and scope.node is function:
            if name.value not in names or not _is_settled(parsed, small, name, bindings):
                return ()
            reads[name.value] = None
        elif not isinstance(scope, GlobalScope | BuiltinScope) and not _is_inside(scope, nodes):
            return ()
    return tuple(reads)


def _is_inside(scope: Scope | None, nodes: Sequence[cst.CSTNode]) -> bool:
    return isinstance(scope, FunctionScope | ComprehensionScope) and any(scope.node is node for node in nodes)


def _is_settled(parsed: Parsed, small: Small, name: cst.Name, bindings: frozenset[BaseAssignment]) -> bool:
    """False where a lambda or a generator may read the name later, when it has been bound anew."""
    around = itertools.takewhile(lambda node: node is not small, parsed.above(name))
    if not any(isinstance(node, _LATE) for node in around):
        return True
    (binding, *others) = bindings
    # What is bound once may be so in a loop; after a return no loop goes on.
    return not others and (isinstance(small, cst.Return) or isinstance(getattr(binding, "node", None), cst.Param))


def _value(small: Small) -> cst.BaseExpression:
    if small.value is None:
        raise ValueError("a return without a value has nothing to take out")
    return small.value
