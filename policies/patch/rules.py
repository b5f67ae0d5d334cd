"""Inspection of a patch on its syntax tree, without running it.

A good patch changes one function on an allowed path by a few lines, adds tests but edits none, keeps the
signature, gains no power, and mends the error instead of hiding it.
"""

import ast
from typing import NamedTuple

from incident.decision import Allow, Constraint, Deny, Hold, Kind, Reason, Verdict, because, listed
from incident.remedy import FileEdit, Patch
from incident.value import Value
from policies import limits
from policies.patch import (
    case as patch_case,
)
from policies.patch import (
    checks,
    destinations,
    honesty,
    values,
)
from policies.patch import (
    powers as patch_powers,
)
from policies.patch import (
    scope as patch_scope,
)
from policies.patch import (
    text as patch_text,
)
from policies.policy import Judgement, Policy, points

NAME = "patch_rules.inspect"
VERSION = 9


class Facts(Value):
    """A patch and the component it belongs to."""

    patch: Patch
    component: str
    """Folder of the component's source; the patch stays inside."""
    tests: str
    """Folder of its tests; files may be added there."""
    limits: limits.Patch
    known_values: tuple[str, ...] = ()
    """Texts of values that schemas and tests of the component name; a default among them is not made up."""
    seen: dict[str, str] = {}
    """Types of the function's local variables where the recorded request fails, as in `Reproduction.values`."""
    computing: tuple[str, ...] = ()
    """Functions of the service's other modules that only compute, as the file imports them (``shop.units.grams``)."""
    read_by_rules: bool = False
    """A language model may have written it, and rules review it: the model's window is too small for both."""


class Result(Value):
    """Rules that the patch breaks, and values that it makes up."""

    broken: tuple[str, ...]
    """Names of the rules."""
    invented: tuple[str, ...]
    """Values that it falls back on and nobody defined."""


class _Doubts(NamedTuple):
    """Findings that only a person can judge."""

    invented: tuple[str, ...] = ()
    others: tuple[str | Reason, ...] = ()


def inspect(facts: Facts) -> Judgement[Kind, Result]:
    """Deny when a rule is broken; hold when only a person can judge, as with a value that nobody defined."""
    scope = patch_scope.constraints(facts.patch, facts.component, facts.tests, facts.limits)
    inner, doubts = _function_rules(facts)
    if facts.read_by_rules and not facts.patch.template:
        doubts = doubts._replace(others=(*doubts.others, because("read_by_rules")))
    constraints = (*scope, *inner)
    broken = tuple(item for item in constraints if not item.held)
    verdict = _verdict(broken, doubts)
    return Judgement[Kind, Result](
        policy=NAME,
        version=VERSION,
        verdict=verdict,
        choice=verdict.kind,
        constraints=(
            *constraints,
            Constraint(name="no_invented_default", held=not doubts.invented, detail=listed(doubts.invented)),
            Constraint(name="nothing_for_a_person", held=not doubts.others, detail=listed(doubts.others)),
        ),
        result=Result(broken=tuple(item.name for item in broken), invented=doubts.invented),
    )


def _verdict(broken: tuple[Constraint, ...], doubts: _Doubts) -> Verdict:
    if broken:
        return Deny(reason=because("open_points", points=points(broken)))
    # Only a person knows whether such a value is right; nothing in the code says so.
    if doubts.invented:
        return Hold(reason=because("invented_values", defaults=doubts.invented), liftable=True)
    if doubts.others:
        return Hold(reason=listed(doubts.others), liftable=True)
    return Allow(reason=because("nothing_hidden"))


def _function_rules(facts: Facts) -> tuple[tuple[Constraint, ...], _Doubts]:
    """Return the constraints and doubts that follow from comparing the function before and after."""
    patch = facts.patch
    edit = next((item for item in patch.edits if item.path == patch.path), None)
    if edit is None or edit.before is None:
        return (Constraint(name="parses", held=False, detail=listed((patch.path,))),), _Doubts()
    unread = patch_text.unreadable(edit.before, edit.after)
    readable = Constraint(name="readable", held=not unread, detail=listed(unread))
    before, after = patch_text.parse(edit.before), patch_text.parse(edit.after)
    parses = Constraint(name="parses", held=before is not None and after is not None, detail=listed((patch.path,)))
    # What people cannot read is not judged further: its hidden characters may make other code of it.
    if before is None or after is None or unread:
        return (parses, readable), _Doubts()
    olds, news = patch_scope.functions(before, patch.function), patch_scope.functions(after, patch.function)
    # Two of the same name (overloads, redefinitions) cannot be told apart, so neither is touched.
    found = Constraint(name="function_found_once", held=len(olds) == len(news) == 1, detail=listed((patch.function,)))
    if not found.held:
        return (parses, readable, found), _Doubts()
    try:
        rules, doubts = _compared(facts, edit, (before, after), olds[0], news[0])
    except RecursionError:
        return (
            parses,
            readable,
            found,
            Constraint(name="simple_enough", held=False, detail=listed((patch.function,))),
        ), _Doubts()
    return (parses, readable, found, *rules), doubts


def _compared(
    facts: Facts,
    edit: FileEdit,
    trees: tuple[ast.Module, ast.Module],
    old: patch_scope.Function,
    new: patch_scope.Function,
) -> tuple[tuple[Constraint, ...], _Doubts]:
    patch, before = facts.patch, trees[0]
    case = patch_case.case(old, new, before, patch.path, facts.seen, facts.computing, patch_powers.clean)
    powers = patch_powers.findings(case)
    same = patch_scope.outside_same(edit.before or "", edit.after, trees, old, new)
    rules = (
        Constraint(name="only_the_function", held=same, detail=listed((patch.function,))),
        Constraint(name="changes_something", held=ast.dump(old) != ast.dump(new), detail=listed((patch.function,))),
        Constraint(name="same_signature", held=patch_scope.same_signature(old, new), detail=listed((patch.function,))),
        *patch_powers.constraints(powers),
        *destinations.constraints(case, old),
        *honesty.constraints(old, new, before),
        *checks.constraints(old, new),
    )
    others = (*patch_powers.doubts(powers), *destinations.doubts(case, old), *checks.doubts(old, new))
    return rules, _Doubts(_invented(old, new, before, facts.known_values), others)


def _invented(
    old: patch_scope.Function, new: patch_scope.Function, module: ast.Module, known: tuple[str, ...]
) -> tuple[str, ...]:
    """New literal defaults that the file does not fall back on anywhere, without the empty ones."""
    # An empty default states nothing; the checks of the sandbox see the answer that it leads to.
    gained = [
        *honesty.fresh(list(values.fallbacks(old)), list(values.fallbacks(new))),
        *(
            value
            for value in honesty.fresh(list(values.assigned(old)), list(values.assigned(new)))
            if isinstance(value, ast.expr) and values.from_nowhere(value, new)
        ),
    ]
    assigned = frozenset(ast.dump(value) for value in values.assigned(old))
    defined = values.defaults(module) | values.documented(old) | assigned
    texts = {repr(value) for value in known} | set(known)
    return tuple(
        sorted(
            {
                patch_text.unparse(node)
                for node in gained
                if isinstance(node, ast.expr)
                and (values.literal(node) or values.from_nowhere(node, new))
                and ast.dump(node) not in defined
                and not _empty(node)
                and patch_text.unparse(node) not in texts
            }
            | _written_none(old, new)
        )
    )


def _written_none(old: patch_scope.Function, new: patch_scope.Function) -> set[str]:
    """A None that a new condition writes into a text."""
    # People would read it, and the shape of an answer does not show it.
    gained = honesty.fresh(_chosen(old), _chosen(new))
    ends = [end for node in gained if isinstance(node, ast.IfExp) for end in (node.body, node.orelse)]
    return {"None in a text"} if any(isinstance(end, ast.Constant) and end.value is None for end in ends) else set()


def _chosen(root: patch_scope.Function) -> list[ast.AST]:
    texts = [node for node in ast.walk(root) if isinstance(node, ast.JoinedStr)]
    return [part for text in texts for part in ast.walk(text) if isinstance(part, ast.IfExp)]


def _empty(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=None | "" | b""):
            return True
        case ast.List(elts=[]) | ast.Tuple(elts=[]) | ast.Dict(keys=[]):
            return True
        case ast.Call(args=[], keywords=[]):
            return True
        case _:
            return False


POLICY = Policy(NAME, VERSION, Facts, Result, inspect)
