"""Rules of destinations: with the powers that its function has already, a patch may reach the same places only.

A function that calls the stock service may go on calling it.  Aimed at an address from the data, or with the
environment in its query, the same call leaks data, without any new import.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator

from incident.decision import Constraint, Reason, because, listed
from policies.patch import calls, lists, scopes, uses
from policies.patch import text as patch_text
from policies.patch.case import Case
from policies.patch.scope import Function
from policies.patch.scopes import Place

HARMLESS: frozenset[str] = frozenset({"quote", "quote_plus", "unquote", "urlencode", "urljoin", "urlparse", "urlsplit"})
"""Functions of modules that reach out which only work on text."""

_ADDRESS = re.compile(
    r"://|^//\w|\b\d{1,3}(?:\.\d{1,3}){3}\b|\blocalhost\b|^[\w.-]+\.[a-z]{2,}(?::\d+)?(?:/|$)|^[\w.-]+:\d{2,5}$"
    r"|^~?/(?:etc|proc|sys|dev|root|home|var|tmp|usr|opt|run|srv|mnt)\b|^\.\./"
)
"""A URL, a host, an address, or a path into the machine."""

_AIMED = ("url", "host", "address", "path", "file", "args", "cmd")
"""Keywords whose values are the destination of a call."""


def constraints(case: Case, old: Function) -> tuple[Constraint, ...]:
    """Return the constraints on destinations and on the environment."""
    places = sorted(_addresses(case.function) - _addresses(case.module))
    moved = _moved(case, old)
    read = sorted(_environment(case, case.function) - _environment(case, old))
    return (
        Constraint(name="no_new_destination", held=not places and not moved, detail=listed((*places, *moved))),
        Constraint(name="no_new_environment", held=not read, detail=listed(read)),
    )


def doubts(case: Case, old: Function) -> tuple[Reason, ...]:
    """Return the reasons for a person to judge: method calls that begin with another text, or are of other data."""
    before: dict[str, list[ast.Call]] = {}
    for key, call in _of_objects(case, old):
        before.setdefault(key, []).append(call)
    found = (_otherwise_aimed(case, call, before.get(key, []), old) for key, call in _of_objects(case, case.function))
    return tuple(said for said in found if said)


def _otherwise_aimed(case: Case, call: ast.Call, before: list[ast.Call], old: Function) -> Reason:
    """Reason that the first argument of a call differs from all that the same call had before; empty when it does not."""
    shown = patch_text.unparse(call)[:120]
    texts = [_text(other) for other in before]
    if texts and all(texts) and _text(call) not in texts:
        return because("begins_otherwise", call=shown)
    told = _told(call.args[0], case.function)
    known = {f".{name}" for name in lists.ATTRIBUTES} | {f"name {name}" for name in _fixed(case)}
    same = (_told(one.args[0], old) for one in before)
    other = before and not any(one <= told <= one | known for one in same)
    return because("of_other_data", call=shown) if other else Reason()


def _fixed(case: Case) -> frozenset[str]:
    """Names that bring in no data: those of the language, and those of the file that hold a number or a text."""
    assigned = case.known.assigned.items()
    return lists.VALUES | {name for name, held in assigned if all(isinstance(value, ast.Constant) for value in held)}


def _told(node: ast.expr, function: Function) -> frozenset[str]:
    """Parts that an expression is made of: names from outside of its function, attributes, and texts."""
    waiting, seen = [node], set[str]()
    own = {f"name {name}" for name, _ in uses.bindings(function)}
    while waiting:
        for part in ast.walk(waiting.pop()):
            match part:
                case ast.Name(id=name) if f"name {name}" not in seen:
                    seen.add(f"name {name}")
                    waiting += _bound(function, name)
                case ast.Attribute(attr=name):
                    seen.add(f".{name}")
                case ast.Constant(value=str(text)):
                    seen.add(f"text {text}")
                case _:
                    pass
    return frozenset(seen - own)


def _of_objects(case: Case, function: Function) -> Iterator[tuple[str, ast.Call]]:
    """Calls of methods of objects that may reach out, by their key, where they have a first argument."""
    for place in scopes.places(function):
        node = place.node
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            at = place.at(node.func, "call")
            computes = calls.computing(case, at) or case.computing.issuperset(case.known.paths(at) or {""})
            if place.position != "raise" and not computes and not calls.reports(case, at):
                yield case.known.key(at), node


def _text(call: ast.Call) -> str:
    """Text at the beginning of a call's first argument; empty when there is none."""
    node = call.args[0]
    while isinstance(node, ast.BinOp | ast.JoinedStr):
        node = node.left if isinstance(node, ast.BinOp) else (node.values or [ast.Constant("")])[0]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _addresses(root: ast.AST) -> frozenset[str]:
    texts = (node.value for node in ast.walk(root) if isinstance(node, ast.Constant))
    return frozenset(text[:120] for text in texts if isinstance(text, str) and _ADDRESS.search(text))


def _moved(case: Case, old: Function) -> tuple[str | Reason, ...]:
    """Calls that reach out: more of them than before, to another address, or with another mode or switch."""
    before, after = list(_reaching(case, old)), list(_reaching(case, case.function))
    more = Counter(patch_text.unparse(call.func) for call in after) - Counter(
        patch_text.unparse(call.func) for call in before
    )
    known = {start for call in before for start in _starts(case, call, old)}
    moved = [patch_text.unparse(call)[:120] for call in after if not set(_starts(case, call, case.function)) <= known]
    return tuple(dict.fromkeys([*(because("one_more_call", name=name) for name in sorted(more)), *moved]))


def _reaching(case: Case, function: Function) -> Iterator[ast.Call]:
    for place in scopes.places(function):
        node = place.node
        if not isinstance(node, ast.Call) or _read(case, place):
            continue
        root = _root(node.func)
        last = node.func.attr if isinstance(node.func, ast.Attribute) else _root(node.func)
        origin, paths = case.known.meaning(root, place)
        opened = origin == "language" and root in lists.DYNAMIC and case.old(place.at(node.func, "call"))
        if opened or (last not in HARMLESS and any(path.partition(".")[0] in lists.REACHING for path in paths)):
            yield node


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _starts(case: Case, call: ast.Call, function: Function) -> Iterator[str]:
    """Beginnings of a call's address: its first argument and the keywords for it, followed to their assignment.

    Texts and switches among its other arguments (a mode, a shell) count as well.
    """
    named = [item.value for item in call.keywords if item.arg in _AIMED]
    for argument in [*call.args[:1], *named]:
        for start in _leftmost(case, argument, function, 0):
            yield f"{patch_text.unparse(call.func)}: {start}"
    others = [*call.args[1:], *(item.value for item in call.keywords if item.arg not in _AIMED)]
    for argument in others:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str | bool):
            yield f"{patch_text.unparse(call.func)}, {ast.dump(argument)}"


def _leftmost(case: Case, node: ast.expr, function: Function, depth: int) -> Iterator[str]:
    match node:
        case ast.JoinedStr(values=[first, *_]) | ast.BinOp(left=first) | ast.FormattedValue(value=first):
            yield from _leftmost(case, first, function, depth)
        case ast.IfExp(body=one, orelse=other):
            yield from _leftmost(case, one, function, depth)
            yield from _leftmost(case, other, function, depth)
        case ast.BoolOp(values=values):
            for value in values:
                yield from _leftmost(case, value, function, depth)
        # Bounded, because names may be bound to each other in a circle.
        case ast.Name(id=name) if depth < 4 and (bound := list(_bound(function, name))):
            for value in bound:
                yield from _leftmost(case, value, function, depth + 1)
            yield from _otherwise(case, function, name, len(bound))
        case ast.Name(id=name):
            yield from (ast.dump(node), *_otherwise(case, function, name, 0))
        case _:
            anew = function is case.function and case.anew(node)
            yield ast.dump(node) + (" of something else" if anew else "")


def _otherwise(case: Case, function: Function, name: str, assigned: int) -> Iterator[str]:
    """A text when a name is bound anew by something else than an assignment: a loop, a pattern, several targets."""
    bindings = [how for bound, how in uses.bindings(function) if bound == name]
    if function is case.function and name in case.rebound and len(bindings) > assigned:
        yield f"{name} is bound anew"


def _bound(function: Function, name: str) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=bound)], value=value) if bound == name:
                yield value
            case ast.NamedExpr(target=ast.Name(id=bound), value=value) if bound == name:
                yield value
            case ast.AnnAssign(target=ast.Name(id=bound), value=ast.expr() as value) if bound == name:
                yield value
            case _:
                pass


def _environment(case: Case, function: Function) -> frozenset[str]:
    """Parts of the environment that are read: single variables by name, or all of it."""
    found = set[str]()
    single = set[int]()
    for place in scopes.places(function):
        for whole, key in _read(case, place):
            new = function is case.function and any(
                isinstance(part, ast.Name) and part.id in case.rebound for part in ast.walk(key)
            )
            found.add(patch_text.unparse(key) + (" bound anew" if new else ""))
            single.add(id(whole))
    for place in scopes.places(function):
        # `os.environ` stands in each reading of a single variable as well; only elsewhere does it mean all of it.
        if case.known.paths(place) == ("os.environ",) and id(place.node) not in single:
            found.add("all of it")
        elif isinstance(place.node, ast.Name) and case.known.meaning(place.node.id, place)[0] == "file":
            found |= {place.node.id} if _comes_from_outside(case, place.node.id) else set()
    return frozenset(found)


def _comes_from_outside(case: Case, name: str) -> bool:
    """True when a name at the top of the file holds what was read at import: from the environment or a file."""
    values = case.known.assigned.get(name, [])
    parts = (scopes.Place(node=part, position="value", scopes=()) for value in values for part in ast.walk(value))
    return any(path.partition(".")[0] in lists.REACHING for place in parts for path in case.known.paths(place))


def _read(case: Case, place: Place) -> list[tuple[ast.expr, ast.expr]]:
    """(Environment, key), where a node reads a single variable of it; else nothing."""
    match place.node:
        case ast.Subscript(value=whole, slice=key) if case.known.paths(place.at(whole)) == ("os.environ",):
            return [(whole, key)]
        case ast.Call(func=ast.Attribute(attr="get", value=whole), args=[key, *_]):
            return [(whole, key)] if case.known.paths(place.at(whole)) == ("os.environ",) else []
        case ast.Call(func=func, args=[key, *_]) if case.known.paths(place.at(func)) == ("os.getenv",):
            return [(func, key)]
        case _:
            return []
