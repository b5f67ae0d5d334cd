"""Rules of state: a patch must not change what outlives its function: names of the module, imports, and arguments."""

import ast
from collections.abc import Iterator

from incident.decision import because
from policies.patch import flows, lists, uses
from policies.patch.case import PERSON, STATE, Case, Finding
from policies.patch.scopes import Place
from policies.patch.text import shown

_NEW_OF_MODULES = frozenset(
    {
        *("Counter", "Decimal", "Fraction", "OrderedDict", "asdict", "copy", "date", "datetime", "deepcopy"),
        *("defaultdict", "deque", "findall", "loads", "nlargest", "nsmallest", "parse_qs", "parse_qsl", "split"),
        *("timedelta", "wrap"),
    }
)
"""Listed functions that return something new."""

_MAKING = lists.VALUES - {"max", "min", "reversed", "sum"}
"""Functions of the language that return something new, although its elements may be old."""


def findings(case: Case, place: Place) -> Iterator[Finding]:
    """Findings about the objects that a node changes."""
    for changed in _changed(case, place):
        if isinstance(changed, ast.Name) and _fresh(case, place, changed.id):
            continue
        if ast.dump(place.node) in case.dumps and not case.anew(changed):
            continue
        start = _roots(case, place.at(changed), 0)
        roots = flows.reached(start, case.kinds.held, lambda held, steps: _roots(case, held, steps))
        if any(root.startswith(("file ", "import ")) for root in roots):
            yield Finding(STATE, shown(changed))
        elif not _counts(place.node) and any(_given(case, root) for root in roots):
            yield Finding(PERSON, because("writes_into_given", what=shown(place.node)))


def _counts(node: ast.AST) -> bool:
    """True for ``total += more``."""
    # Of numbers, which it is meant for, it changes nothing that anybody else holds.
    return isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)


def _given(case: Case, root: str) -> bool:
    """True when a local name is an argument, or is bound outside of the function."""
    kind, name, *_ = root.split(" ")
    return kind == "name" and (name in case.given() or name not in case.kinds.bound)


def _changed(case: Case, place: Place) -> Iterator[ast.expr]:
    """Expressions that a node changes in place."""
    match place.node:
        case (
            ast.Attribute(value=base, ctx=ast.Store() | ast.Del())
            | ast.Subscript(value=base, ctx=ast.Store() | ast.Del())
        ):
            yield base
        case ast.AugAssign(target=target):
            yield target
        case ast.Call(func=ast.Attribute(value=base, attr=attr) as func) if attr in lists.MUTATING:
            yield from () if uses.pure(case.known, place.at(func)) else (base,)
        case ast.Call(func=func, args=[first, *_]) if uses.changing(case.known, place.at(func)):
            yield first
        case _:
            pass


def _fresh(case: Case, place: Place, name: str) -> bool:
    """True when a local name only ever holds what the function made itself."""
    held = case.kinds.bound.get(name, ())
    local = case.known.meaning(name, place)[0] == "local" and name not in case.given()
    return local and bool(held) and all(_made(case, item, item.node) for item in held)


_NEW = (
    *(ast.Constant, ast.JoinedStr, ast.Compare, ast.BinOp, ast.UnaryOp, ast.List, ast.Tuple, ast.Set, ast.Dict),
    *(ast.ListComp, ast.SetComp, ast.DictComp),
)


def _made(case: Case, place: Place, value: ast.AST) -> bool:
    if isinstance(value, _NEW):
        return True
    match value:
        case ast.Call(func=ast.Name(id=name)) if case.known.meaning(name, place)[0] == "language":
            return name in _MAKING
        case ast.Call(func=ast.Attribute(attr=attr) as func) if not case.known.paths(place.at(func)):
            return attr in lists.ATTRIBUTES - lists.PASSING or attr == "copy"
        case ast.Call(func=func):
            pure = uses.pure(case.known, place.at(func))
            return pure and case.known.key(place.at(func)).rpartition(".")[2] in _NEW_OF_MODULES
        case ast.IfExp(body=one, orelse=other):
            return _made(case, place, one) and _made(case, place, other)
        case _:
            return False


def _roots(case: Case, place: Place, steps: int) -> Iterator[str]:
    """Owners of the data behind an expression: local names, and ``file x`` or ``import x`` for shared ones."""
    node = place.node
    match node:
        case ast.Name(id=name):
            yield from _roots_of_name(case, place, name, steps)
        case flows.Put(elts=[inner]):
            yield from _roots(case, place.at(inner), steps - 1) if steps else ()
        case ast.Constant() | ast.JoinedStr() | ast.Compare():
            return
        case ast.Lambda(body=inner):
            yield from _roots(case, place.at(inner), steps)
        case ast.Attribute(value=inner) | ast.Subscript(value=inner):
            yield from _roots(case, place.at(inner), steps + 1)
        case ast.Call():
            for part in _passed(case, place, node):
                yield from _roots(case, place.at(part), steps + 1)
        case _:
            for part in flows.expressions(node):
                yield from _roots(case, place.at(part), steps)


def _roots_of_name(case: Case, place: Place, name: str, steps: int) -> Iterator[str]:
    origin, _ = case.known.meaning(name, place)
    if origin == "local":
        yield flows.name(name, steps)
    elif origin == "import" or (origin == "file" and not _unchanging(case, name)):
        yield f"{origin} {name}"


def _unchanging(case: Case, name: str) -> bool:
    """True when a name of the file holds nothing that can be changed: a number, a text."""
    values = case.known.assigned.get(name, [])
    return bool(values) and all(map(_constant, values))


def _constant(value: ast.expr) -> bool:
    match value:
        case ast.Constant() | ast.JoinedStr() | ast.BinOp():
            return not isinstance(value, ast.BinOp) or (_constant(value.left) and _constant(value.right))
        case ast.UnaryOp(operand=inner):
            return _constant(inner)
        case ast.Call(func=ast.Name(id=name)):
            return name in ("Decimal", "Fraction", "date", "datetime", "frozenset", "timedelta")
        case _:
            return False


def _passed(case: Case, place: Place, node: ast.Call) -> list[ast.expr]:
    """Expressions that a call may return a part of: a listed call something new or its elements, any other call all."""
    given = [*node.args, *(item.value for item in node.keywords)]
    match node.func:
        case ast.Name(id=name) if case.known.meaning(name, place)[0] == "language":
            return given if name in lists.PASSING or name not in lists.VALUES else []
        case ast.Attribute(value=base, attr=attr) if not case.known.paths(place.at(node.func)):
            if attr in lists.ATTRIBUTES:
                # The first argument of these is a key.
                return [base, *given[1:]] if attr in lists.PASSING else []
            return [base, *given]
        case func if uses.pure(case.known, place.at(func)):
            return [] if case.known.key(place.at(func)) == "import copy.deepcopy" else given
        case func:
            return [func, *given]
