"""New names for local variables and parameters.  What may be known elsewhere by its name keeps it."""

import difflib
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import ComprehensionScope, FunctionScope
from libcst.metadata.scope_provider import Assignment

from agents.playbook.repair.syntax import below
from evals.bench.repair.restructured import bland
from evals.bench.repair.restructured.parsed import Parsed, scope_of

ALIKE = 0.75
"""Names that are spelled so much alike may be one name and a slip of it."""

Local = tuple[FunctionScope | ComprehensionScope, str]


@dataclass(frozen=True)
class Called:
    """Names that the calls of a service give."""

    keywords: frozenset[str]
    """Names of arguments, of all calls together."""
    spread: frozenset[str]
    """Names of functions that are called with ``**``; empty for one that has none."""

    @classmethod
    def of(cls, files: Iterable[Parsed]) -> "Called":
        """Read all calls."""
        arguments = [(call, arg) for parsed in files for call in parsed.every(cst.Call) for arg in call.args]
        return cls(
            keywords=frozenset(arg.keyword.value for _, arg in arguments if arg.keyword is not None),
            spread=frozenset(_callee(call) for call, arg in arguments if arg.star == "**"),
        )


def renamed(parsed: Parsed, called: Called, taken: frozenset[str], rng: random.Random) -> dict[cst.CSTNode, str]:
    """New names for places of a file; no two variables of a function get the same one, and none that is taken."""
    uses: dict[Local, list[cst.Name]] = defaultdict(list)
    for name in parsed.every(cst.Name):
        scope = scope_of(parsed.bindings(name) or ())
        if isinstance(scope, FunctionScope | ComprehensionScope):
            uses[scope, name.value].append(name)
    found: dict[cst.CSTNode, str] = {}
    fresh: dict[cst.CSTNode, Iterator[str]] = {}
    left: dict[cst.CSTNode, frozenset[str]] = {}
    for local, names in uses.items():
        top = _top(parsed, names[0])
        if top not in fresh:
            fresh[top], left[top] = bland.names(taken, rng), _left(parsed, top)
        if local[1] not in left[top] and not _is_known(parsed, local, called):
            new = next(fresh[top])
            found.update(dict.fromkeys(names, new))
    return found


def _callee(call: cst.Call) -> str:
    match call.func:
        case cst.Name():
            return call.func.value
        case cst.Attribute():
            return call.func.attr.value
        case _:
            return ""


def _top(parsed: Parsed, node: cst.CSTNode) -> cst.CSTNode:
    """The statement of the file's top that a node is in."""
    return [node, *parsed.above(node)][-2]


def _left(parsed: Parsed, top: cst.CSTNode) -> frozenset[str]:
    """Names that keep theirs: those whose scope is not sure, and what may be a slip, with all that it may mean."""
    found = {"self", "cls"}
    slips: set[str] = set()
    inside = below(top)
    for node in inside:
        match node:
            case cst.Global() | cst.Nonlocal():
                found |= {item.name.value for item in node.names}
            case cst.NamedExpr(target=cst.Name(value=value)):
                found.add(value)
            case cst.MatchAs(name=cst.Name(value=value)) | cst.MatchStar(name=cst.Name(value=value)):
                found.add(value)
            case cst.MatchMapping(rest=cst.Name(value=value)):
                found.add(value)
            case cst.Name() if parsed.bindings(node) == frozenset():
                slips.add(node.value)
            case _:
                pass
    names = {node.value for node in inside if isinstance(node, cst.Name)}
    return frozenset({*found, *alike(names, slips - found)})


def alike(names: Iterable[str], slips: Iterable[str]) -> frozenset[str]:
    """Those of the names that a slip may mean, as one who reads the code would guess."""
    wrong = sorted(slips)
    return frozenset(name for name in names if difflib.get_close_matches(name, wrong, n=1, cutoff=ALIKE))


def _is_known(parsed: Parsed, local: Local, called: Called) -> bool:
    """True where somebody else may know the variable by its name."""
    scope, name = local
    bindings = [item for item in scope[name] if isinstance(item, Assignment)]
    if name.startswith("_") or not all(isinstance(item.node, cst.Name | cst.Param) for item in bindings):
        return True
    if not any(isinstance(item.node, cst.Param) for item in bindings):
        return False
    function = scope.node
    if name in called.keywords or not isinstance(function, cst.FunctionDef):
        return name in called.keywords
    classes = [node for node in parsed.above(function) if isinstance(node, cst.ClassDef)]
    decorated = bool(function.decorators) or any(node.bases or node.decorators for node in classes)
    return decorated or bool({"", function.name.value} & called.spread)
