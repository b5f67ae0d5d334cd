"""Rules of checks: those that a function made are still made, of the same thing, before it answers."""

import ast
from collections.abc import Iterator

from incident.decision import Constraint, Reason, because, listed
from policies.patch import honesty
from policies.patch import values as patch_values
from policies.patch.scope import Function
from policies.patch.text import shown


def constraints(old: Function, new: Function) -> tuple[Constraint, ...]:
    """Return the constraints on checks and loops that a repair must leave alone."""
    findings = {
        "no_check_weakened": [*_weakened(old, new), *_of_something_else(old, new)],
        "no_work_skipped": list(_skipped(old, new)),
    }
    return tuple(Constraint(name=name, held=not found, detail=listed(found)) for name, found in findings.items())


def doubts(old: Function, new: Function) -> tuple[Reason, ...]:
    """Return the reasons for a person to judge: answers before a check, and texts that are split anew."""
    return (*_before_a_check(old, new), *_taken_apart(old, new))


DIVIDING: frozenset[str] = frozenset({"split", "rsplit", "partition", "rpartition"})


def _taken_apart(old: Function, new: Function) -> Iterator[Reason]:
    """Reasons for texts that were split already, and now are split at another place."""
    # A failing request does not tell at which end a text has to be split.
    known = {ast.dump(node) for node in ast.walk(old)}
    texts = {ast.dump(text) for text in map(_divided, ast.walk(old)) if text}
    for node in ast.walk(new):
        if ast.dump(node) in known:
            continue
        part = node.value if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice) else None
        if (text := _divided(node)) and ast.dump(text) in texts:
            yield because("taken_apart", text=shown(text), part=shown(node))
        elif part and (text := _divided(part)) and ast.dump(part) in known:
            yield because("part_left_out", text=shown(text), part=shown(node))


def _divided(node: ast.AST) -> ast.expr | None:
    """Text that a call splits; None for any other node."""
    match node:
        case ast.Call(func=ast.Attribute(value=text, attr=attr)) if attr in DIVIDING:
            return text
        case _:
            return None


def _guards(root: Function) -> list[ast.expr]:
    """Conditions under which something is refused."""
    return [node.test for node in ast.walk(root) if isinstance(node, ast.If) and _refusals(node)]


def _refusals(node: ast.If) -> set[str]:
    return {ast.dump(item) for part in node.body for item in ast.walk(part) if isinstance(item, ast.Raise)}


def _weakened(old: Function, new: Function) -> Iterator[Reason]:
    """Reasons for conditions that refuse less; `policies.patch.honesty` reports refusals that are gone."""
    after = _guards(new)
    still = {ast.dump(item) for item in ast.walk(new) if isinstance(item, ast.Raise)}
    for node in ast.walk(old):
        if (
            isinstance(node, ast.If)
            and _refusals(node) & still
            and not any(_covers(node.test, other) for other in after)
        ):
            yield because("no_longer_refuses", when=shown(node.test))


def _covers(old: ast.expr, new: ast.expr) -> bool:
    """True when the new condition refuses all that the old one refused, as far as its shape tells."""
    if ast.dump(old) == ast.dump(new):
        return True
    match new:
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(_covers(old, value) for value in values)
        case ast.Compare() if isinstance(old, ast.Compare):
            same = [type(op) for op in old.ops] == [type(op) for op in new.ops]
            pairs = zip((old.left, *old.comparators), (new.left, *new.comparators), strict=False)
            return same and all(_same_operand(one, other) for one, other in pairs)
        case ast.UnaryOp(op=ast.Not(), operand=inner) if isinstance(old, ast.UnaryOp):
            return _same_operand(old.operand, inner)
        case _:
            return False


def _same_operand(old: ast.expr, new: ast.expr) -> bool:
    """True for the same value, perhaps guarded or converted: constants stay, and data is read from the same place."""
    if isinstance(old, ast.Constant):
        return ast.dump(old) == ast.dump(new)
    return _sources(old) <= _sources(new)


def _sources(node: ast.expr) -> set[object]:
    names = {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}
    keys = {item.value for item in ast.walk(node) if isinstance(item, ast.Constant) and isinstance(item.value, str)}
    return {
        *names,
        *keys,
        *(item.attr for item in ast.walk(node) if isinstance(item, ast.Attribute) and item.attr != "get"),
    }


def _checking(root: Function) -> list[ast.Call]:
    return [node for node in ast.walk(root) if isinstance(node, ast.Call) and honesty.checks(node)]


def _of_something_else(old: Function, new: Function) -> Iterator[Reason]:
    """Reasons for checks that are still called, but no longer with the input."""
    after = _checking(new)
    for call in _checking(old):
        same = [other for other in after if ast.dump(other.func) == ast.dump(call.func)]
        wanted = {item.id for part in call.args for item in ast.walk(part) if isinstance(item, ast.Name)}
        kept = [
            other
            for other in same
            if wanted <= {i.id for part in other.args for i in ast.walk(part) if isinstance(i, ast.Name)}
        ]
        if same and not kept:
            yield because("no_longer_checks", what=tuple(sorted(wanted)), by=shown(call.func))


def _skipped(old: Function, new: Function) -> Iterator[Reason]:
    """Reasons for loops over nothing, or over constants."""
    loops = (ast.For, ast.AsyncFor, ast.comprehension)
    before = {ast.dump(node.iter) for node in ast.walk(old) if isinstance(node, loops)}
    for node in ast.walk(new):
        if isinstance(node, loops) and ast.dump(node.iter) not in before and _nothing(node.iter, new):
            yield because("loops_over", what=shown(node.iter))


def _nothing(node: ast.expr, function: Function) -> bool:
    match node:
        case ast.Subscript(slice=ast.Slice(upper=ast.Constant(value=0))):
            return True
        case _:
            return patch_values.from_nowhere(node, function)


def _before_a_check(old: Function, new: Function) -> Iterator[Reason]:
    """Reasons for new returns before a check that was there."""
    fresh = honesty.fresh(honesty.nodes(old, ast.Return), honesty.nodes(new, ast.Return))
    # By line and not by the order of execution: at worst a person looks once more.
    kept = {ast.dump(call) for call in _checking(old)} | {ast.dump(test) for test in _guards(old)}
    places = [node.lineno for node in (*_checking(new), *_guards(new)) if ast.dump(node) in kept]
    for node in fresh:
        if isinstance(node, ast.Return) and any(node.lineno < line for line in places):
            yield because("answers_before_a_check", answer=shown(node))
