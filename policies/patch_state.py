"""Whether a patch changes what outlives its function: names of the module, what it imports, and what it was given."""

import ast
from collections.abc import Iterator

from policies import patch_flows, patch_kinds, patch_lists
from policies.patch_case import PERSON, STATE, Case, Finding
from policies.patch_honesty import shown
from policies.patch_scopes import Place

_CHANGING = frozenset(
    {"heapify", "heappop", "heappush", "heappushpop", "heapreplace", "insort", "insort_left", "insort_right"}
)
"""Listed functions that change their first argument."""

_NEW_OF_MODULES = frozenset(
    {
        *("Counter", "Decimal", "Fraction", "OrderedDict", "asdict", "copy", "date", "datetime", "deepcopy"),
        *("defaultdict", "deque", "findall", "loads", "nlargest", "nsmallest", "parse_qs", "parse_qsl", "split"),
        *("timedelta", "wrap"),
    }
)
"""Listed functions that do."""

_MAKING = patch_lists.VALUES - {"max", "min", "reversed", "sum"}
"""Functions of the language that give something new, although its elements may be old."""


def findings(case: Case, place: Place) -> Iterator[Finding]:
    """What is wrong with what a node changes."""
    for changed in _changed(case, place):
        if isinstance(changed, ast.Name) and _fresh(case, place, changed.id):
            continue
        if ast.dump(place.node) in case.dumps and not case.anew(changed):
            continue
        roots = patch_flows.reached(_roots(case, place.at(changed)), case.kinds.bound, lambda held: _roots(case, held))
        if any(root.startswith(("file ", "import ")) for root in roots):
            yield Finding(STATE, shown(changed))
        elif case.wanted is None and not _counts(place.node) and any(_given(case, root) for root in roots):
            yield Finding(PERSON, f"writes into what it was given: {shown(place.node)}")


def _counts(node: ast.AST) -> bool:
    """Whether it is ``total += more``, which for the numbers that it is there for changes nothing that anybody else has."""
    return isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)


def _given(case: Case, root: str) -> bool:
    """Whether a local name is an argument, or bound to nothing that stands in the function."""
    kind, _, name = root.partition(" ")
    return kind == "name" and (name in case.given() or name not in case.kinds.bound)


def _changed(case: Case, place: Place) -> Iterator[ast.expr]:
    """What a node changes in place."""
    match place.node:
        case (
            ast.Attribute(value=base, ctx=ast.Store() | ast.Del())
            | ast.Subscript(value=base, ctx=ast.Store() | ast.Del())
        ):
            yield base
        case ast.AugAssign(target=target):
            yield target
        case ast.Call(func=ast.Attribute(value=base, attr=attr) as func) if attr in patch_lists.MUTATING:
            yield from () if patch_kinds.pure(case.known, place.at(func)) else (base,)
        case ast.Call(func=func, args=[first, *_]) if patch_kinds.pure(case.known, place.at(func)):
            yield from (first,) if case.known.key(place.at(func)).rpartition(".")[2] in _CHANGING else ()
        case _:
            pass


def _fresh(case: Case, place: Place, name: str) -> bool:
    """Whether a local name only ever holds what the function made itself."""
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
            return attr in patch_lists.ATTRIBUTES - patch_lists.PASSING or attr == "copy"
        case ast.Call(func=func):
            pure = patch_kinds.pure(case.known, place.at(func))
            return pure and case.known.key(place.at(func)).rpartition(".")[2] in _NEW_OF_MODULES
        case ast.IfExp(body=one, orelse=other):
            return _made(case, place, one) and _made(case, place, other)
        case _:
            return False


def _roots(case: Case, place: Place) -> Iterator[str]:
    """Whose data something may be a part of: ``name x`` for local names, ``file x`` and ``import x`` for shared ones."""
    node = place.node
    match node:
        case ast.Name(id=name):
            yield from _roots_of_name(case, place, name)
        case ast.Constant() | ast.JoinedStr() | ast.Compare():
            return
        case ast.Lambda(body=inner):
            yield from _roots(case, place.at(inner))
        case ast.Attribute(value=inner) | ast.Subscript(value=inner):
            yield from _roots(case, place.at(inner))
        case ast.Call():
            yield from (root for part in _passed(case, place, node) for root in _roots(case, place.at(part)))
        case _:
            yield from (root for part in patch_flows.expressions(node) for root in _roots(case, place.at(part)))


def _roots_of_name(case: Case, place: Place, name: str) -> Iterator[str]:
    origin, _ = case.known.meaning(name, place)
    if origin == "local":
        yield f"name {name}"
    elif origin == "import" or (origin == "file" and not _unchanging(case, name)):
        yield f"{origin} {name}"


def _unchanging(case: Case, name: str) -> bool:
    """Whether a name of the file holds nothing that can be changed: a number, a text."""
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
    """What a call may give a part of: what computes gives something new or its elements, what else is called anything."""
    given = [*node.args, *(item.value for item in node.keywords)]
    match node.func:
        case ast.Name(id=name) if case.known.meaning(name, place)[0] == "language":
            return given if name in patch_lists.PASSING or name not in patch_lists.VALUES else []
        case ast.Attribute(value=base, attr=attr) if not case.known.paths(place.at(node.func)):
            if attr in patch_lists.ATTRIBUTES:
                # The first argument of these is a key.
                return [base, *given[1:]] if attr in patch_lists.PASSING else []
            return [base, *given]
        case func if patch_kinds.pure(case.known, place.at(func)):
            return [] if case.known.key(place.at(func)) == "import copy.deepcopy" else given
        case func:
            return [func, *given]
