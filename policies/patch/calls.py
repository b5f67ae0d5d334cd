"""Rules of calls: a patch may call what only computes, and what its function called before."""

import ast
from collections.abc import Iterator

from incident.decision import because
from policies.patch import lists, scopes, uses
from policies.patch.case import CODE, PERSON, POWER, Case, Finding
from policies.patch.scope import Function
from policies.patch.scopes import Place
from policies.patch.text import shown

_WRAPPING = frozenset({"classmethod", "dataclass", "property", "staticmethod"})
"""Decorators that run nothing of their own when the function or the class is used."""

_PLAIN_BASES = frozenset({"NamedTuple", "TypedDict", "object"})


def findings(case: Case, place: Place) -> Iterator[Finding]:
    """Findings about the form of a call; a name or attribute that is called has rules of its own."""
    node = place.node
    if not isinstance(node, ast.Call):
        return
    at = place.at(node.func, "call")
    name = computing(case, at)
    if not isinstance(node.func, ast.Name | ast.Attribute):
        if not case.old(at):
            yield Finding(POWER, because("calls_what_is_given", by=shown(node.func)))
        elif case.anew(node.func):
            yield Finding(PERSON, because("calls_of_something_else", what=shown(node.func)))
    elif name in ("getattr", "hasattr", "type") and not _plain(place, node, name) and not case.same(node):
        yield Finding(CODE, shown(node))
    elif name and _of_this_machine(node, name):
        yield Finding(POWER, because("reads_time_zone", what=shown(node)))
    elif name:
        yield from _keywords(case, place, node, name)
        yield from _called(case, place, node, name)
    else:
        yield from _shape(case, at, node)


def computing(case: Case, at: Place) -> str:
    """Last name of a callee that only computes with its arguments, a method's with a dot; empty for any other."""
    match at.node:
        case ast.Name(id=name) if case.known.meaning(name, at)[0] == "language":
            return name if name in lists.VALUES | lists.CALLED else ""
        case ast.Name() | ast.Attribute() if uses.pure(case.known, at):
            return case.known.key(at).rpartition(".")[2]
        case ast.Attribute(attr=name, value=base) if not case.known.paths(at) and case.kinds.of(base, at) != "object":
            return f".{name}" if name in lists.ATTRIBUTES | lists.PATTERNS | {"format"} else ""
        case _:
            return ""


def _plain(place: Place, node: ast.Call, name: str) -> bool:
    """True when an attribute is looked up by a constant name, or a type is only compared with others."""
    match node.args:
        case [_, ast.Constant(value=str(attr)), *_] if name != "type":
            return attr.isidentifier() and not node.keywords
        case [ast.expr()] if name == "type":
            return place.position == "class" and not isinstance(node.args[0], ast.Starred) and not node.keywords
        case _:
            return False


def _of_this_machine(node: ast.Call, name: str) -> bool:
    """True when a time is put into the zone of the machine, for want of another one."""
    given = [*node.args, *(item.value for item in node.keywords)]
    told = [part for part in given if not (isinstance(part, ast.Constant) and part.value is None)]
    return len(told) < lists.LOCAL.get(name.removeprefix("."), 0)


def _keywords(case: Case, place: Place, node: ast.Call, name: str) -> Iterator[Finding]:
    last = name.removeprefix(".")
    for item in node.keywords:
        plain = item.arg in lists.PLAIN or (item.arg == "default" and last in ("max", "min"))
        if last not in lists.NAMED and not (item.arg and (plain or callback(case, place.at(item.value)))):
            yield Finding(POWER, because("hands_as_keyword", what=shown(item.value), to=last, keyword=item.arg or ""))


def _called(case: Case, place: Place, node: ast.Call, name: str) -> Iterator[Finding]:
    """Findings about the positional argument that a function calls."""
    last = name.removeprefix(".")
    # `iter` calls its argument only with a second one, the sentinel.
    if last not in lists.CALLING or (last == "iter" and len(node.args) == 1 and not _starred(node)):
        return
    at = 0 if name.startswith(".") else lists.CALLING[last]
    given = node.args[: at + 1]
    if any(isinstance(part, ast.Starred) for part in given):
        yield Finding(POWER, because("hands_behind_a_star", to=last))
    elif len(given) > at and not _handed(case, place.at(given[at]), last):
        yield Finding(POWER, because("hands_to", what=shown(given[at]), to=last))


def _starred(node: ast.Call) -> bool:
    return any(isinstance(part, ast.Starred) for part in node.args)


def _handed(case: Case, place: Place, last: str) -> bool:
    """True when an argument may be called or, for a substitution, is a text."""
    text = last in ("sub", "subn") and isinstance(place.node, ast.expr)
    return callback(case, place) or (
        text and isinstance(place.node, ast.expr) and case.kinds.of(place.node, place) == "value"
    )


def callback(case: Case, place: Place) -> bool:
    """True when an expression may be called by another function, with any data."""
    match place.node:
        case ast.Lambda() | ast.Constant(value=None):
            return True
        case ast.IfExp(body=one, orelse=other):
            return callback(case, place.at(one)) and callback(case, place.at(other))
        case ast.Name(id=name):
            return _named_callback(case, place, name)
        case ast.Attribute():
            return _method(case, place, place.node)
        case ast.Call(func=func):
            return computing(case, place.at(func, "call")) == "cmp_to_key"
        case _:
            return False


def _named_callback(case: Case, place: Place, name: str) -> bool:
    origin, _ = case.known.meaning(name, place)
    if origin == "language":
        return name in lists.VALUES
    if origin == "import":
        return uses.pure(case.known, place)
    if origin == "file":
        return name in case.known.functions and not list(of_the_file(case, place.at(place.node, "call"), name))
    return _is_inner(case, name) or (name not in case.rebound and _handed_before(case, place.node))


def _handed_before(case: Case, node: ast.AST) -> bool:
    """True when the old function handed the same to a call."""
    calls = [call for found in case.before.calls.values() for call in found]
    handed = [part for call in calls for part in (*call.args, *(item.value for item in call.keywords if item.arg))]
    return ast.dump(node) in {ast.dump(part) for part in handed}


def _method(case: Case, place: Place, node: ast.Attribute) -> bool:
    if case.known.paths(place):
        return uses.pure(case.known, place)
    if node.attr in case.known.attributes:
        return node.attr in case.known.functions and not list(of_the_file(case, place.at(node, "call"), node.attr))
    harmless = node.attr in lists.ATTRIBUTES - lists.MUTATING
    return harmless and case.kinds.of(node.value, place) == "value"


def local(case: Case, place: Place, name: str) -> Iterator[Finding]:
    """Findings about a local name that is called: it must be a function inside the patch, or one that was called before."""
    if _is_inner(case, name):
        return
    if not case.old(place):
        yield Finding(POWER, because("calls_what_is_held", by=name))
    elif name in case.rebound:
        yield Finding(PERSON, because("calls_bound_anew", name=name))


def _is_inner(case: Case, name: str) -> bool:
    """True when a local name is always a function or lambda that is written in the patch."""
    inner, others = set[int](), set[int]()
    for node in ast.walk(case.function):
        match node:
            case ast.Assign(targets=[ast.Name(id=bound) as target], value=ast.Lambda()) if bound == name:
                inner.add(id(target))
            case ast.FunctionDef(name=bound) if bound == name and node is not case.function:
                inner.add(id(node))
            case ast.arg(arg=bound) if bound == name:
                others.add(id(node))
            case _:
                others |= {id(node)} if name in dict(scopes.binds(node)) else set()
    return bool(inner) and others <= inner


def of_the_file(case: Case, place: Place, name: str) -> Iterator[Finding]:
    """Findings about a function, method or class of the file: it must have been used so before, or only compute."""
    functions, classes = case.known.functions.get(name, []), case.known.classes.get(name, [])
    if case.old(place):
        yield from of_another(case, place)
    elif classes and not functions and place.position not in ("call", "raise"):
        return  # a class that nobody calls
    elif not functions and not classes and not case.shown(place):
        yield Finding(POWER, shown(place.node))
    elif not (functions or classes) or not all(
        [*(_computes(item, case) for item in functions), *(_constructs(item, case) for item in classes)]
    ):
        yield Finding(PERSON, because("calls_anew", what=shown(place.node)))


def _computes(function: Function, case: Case) -> bool:
    return _decorators(function) <= _WRAPPING and case.computes(function)


def _constructs(kind: ast.ClassDef, case: Case) -> bool:
    """True when making an object of a class of the file runs only code that computes."""
    bases = {shown(base).rpartition(".")[2] for base in kind.bases}
    above = [item for base in bases for item in case.known.classes.get(base, []) if item is not kind]
    plain = all(base in _PLAIN_BASES | lists.VALUES or base.endswith(("Error", "Exception")) for base in bases)
    known = plain or (bool(above) and all(_constructs(item, case) for item in above))
    methods = [item for item in kind.body if isinstance(item, Function) and item.name.startswith("__")]
    return (
        known
        and not kind.keywords
        and _decorators(kind) <= _WRAPPING
        and all(_computes(item, case) for item in methods)
    )


def _decorators(node: Function | ast.ClassDef) -> set[str]:
    return {shown(item).partition("(")[0].rpartition(".")[2] for item in node.decorator_list}


def of_another(case: Case, place: Place) -> Iterator[Finding]:
    """Findings about a callee of before whose name now holds something else."""
    node = place.node
    value = isinstance(node, ast.Attribute) and node.attr in lists.ATTRIBUTES | case.known.attributes
    if case.anew(node) and not (
        value and isinstance(node, ast.Attribute) and case.kinds.of(node.value, place) != "object"
    ):
        yield Finding(PERSON, because("calls_of_something_else", what=shown(node)))


def reports(case: Case, place: Place) -> bool:
    """True for a method of a logger: an object that the file uses as one elsewhere, or made as one."""
    node = place.node
    if not isinstance(node, ast.Attribute) or node.attr not in lists.REPORTING or place.position != "call":
        return False
    base = case.known.key(place.at(node.value))
    if any(f"{base}.{name}" in case.file.calls for name in lists.REPORTING):
        return True
    made = case.known.assigned.get(node.value.id, []) if isinstance(node.value, ast.Name) else []
    return any(
        isinstance(item, ast.Call) and case.known.key(place.at(item.func)) == "import logging.getLogger"
        for item in made
    )


def _shape(case: Case, at: Place, node: ast.Call) -> Iterator[Finding]:
    """Findings about a callee of before: no new keyword or star, and nothing to call but what it was given before.

    Classes take keywords as data, except those of other modules that reach out.
    """
    roots = {path.partition(".")[0] for path in case.known.paths(at)}
    outside = bool(roots & lists.OUTSIDE)
    made = shown(node.func).rpartition(".")[2][:1].isupper() and not outside
    if not case.old(at) or reports(case, at) or (roots and roots <= set(lists.MODULES)):
        return
    calls = case.file.calls.get(case.known.key(at), [])
    known = {item.arg for call in calls for item in call.keywords}
    new = [item.arg or "**" for item in node.keywords if item.arg not in known]
    new += ["one more"] if len(node.args) > max((len(call.args) for call in calls), default=0) else []
    new += ["*"] if _starred(node) and not any(_starred(call) for call in calls) else []
    if new and not made:
        yield Finding(POWER, because("more_arguments", arguments=tuple(new), to=shown(node.func)))
    passed: list[ast.expr] = [part for part in node.args if isinstance(part, ast.Starred)]
    passed += [item.value for item in node.keywords if item.arg is None]
    if any(case.anew(part) for part in passed):
        yield Finding(PERSON, because("hands_something_else", to=shown(node.func)))
    yield from _functions_handed(case, at, node, calls)


def _functions_handed(case: Case, at: Place, node: ast.Call, calls: list[ast.Call]) -> Iterator[Finding]:
    """Findings about arguments in places where functions were handed over before."""
    for number, part in enumerate(node.args):
        before = [call.args[number] for call in calls if len(call.args) > number]
        top = Place(node=node, position="value", scopes=())
        functions = bool(before) and all(_is_function(case, top.at(item)) for item in before)
        if functions and not case.same(part) and not callback(case, at.at(part)):
            yield Finding(PERSON, because("hands_to", what=shown(part), to=shown(node.func)))


def _is_function(case: Case, place: Place) -> bool:
    """True when an expression names a function, as far as the file tells."""
    match place.node:
        case ast.Lambda():
            return True
        case ast.Name(id=name):
            return case.known.meaning(name, place)[0] == "file" and name in case.known.functions
        case ast.Attribute():
            paths = case.known.paths(place)
            return bool(paths) and not any(path.rpartition(".")[2].isupper() for path in paths)
        case _:
            return False
