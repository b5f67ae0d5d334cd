"""Rules of new powers: a patch may use what its function or its file uses already for the same thing, and what is listed.

Nothing new leads to a module, a frame, a code object or a name between double underscores.
"""

import ast
from collections.abc import Iterator

from incident.decision import Constraint, Reason, listed
from policies.patch import calls, names, objects, scopes, state, syntax
from policies.patch import case as patch_case
from policies.patch import text as patch_text
from policies.patch.case import CODE, PERSON, POWER, STATE, Case, Finding

_RULES = (syntax.findings, names.findings, calls.findings, objects.findings, state.findings)


def findings(case: Case) -> tuple[Finding, ...]:
    """Return all that a new function newly does and that is not allowed, each once."""
    return tuple(dict.fromkeys(_found(case)))


def clean(case: Case) -> bool:
    """True when nothing is found in a function."""
    return next(_found(case), None) is None


def _found(case: Case) -> Iterator[Finding]:
    for place in scopes.places(case.function):
        for rule in _RULES:
            yield from rule(case, place)


def computing(text: str, path: str) -> tuple[str, ...]:
    """Return the functions of a source file that only compute; none where that is not known."""
    module = patch_text.parse(text)
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef)] if module else []
    if module is None or not functions:
        return ()
    case = patch_case.case(functions[0], functions[0], module, path, {}, (), clean)
    try:
        return tuple(item.name for item in functions if not item.decorator_list and case.computes(item))
    except RecursionError:
        return ()


def constraints(found: tuple[Finding, ...]) -> tuple[Constraint, ...]:
    """Return the constraints that no patch may break."""
    said = {rule: [item.what for item in found if item.rule == rule] for rule in (POWER, CODE, STATE)}
    return tuple(Constraint(name=rule, held=not items, detail=listed(items)) for rule, items in said.items())


def doubts(found: tuple[Finding, ...]) -> tuple[str | Reason, ...]:
    """Return the findings that only a person can judge."""
    return tuple(item.what for item in found if item.rule == PERSON)
