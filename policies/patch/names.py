"""Rules of names and attributes: a patch may use listed ones, and those that its file uses for the same thing."""

import ast
import re
from collections.abc import Iterator

from incident.decision import because
from policies.patch import calls, lists, uses
from policies.patch.case import CODE, PERSON, POWER, Case, Finding
from policies.patch.scopes import Place
from policies.patch.text import shown

_TELLING = lists.AMBIGUOUS | lists.MUTATING

_DUNDER = re.compile(r"__\w+__")
_FIELD = re.compile(r"\{\{|\}\}|\{\w*(?:![rsa])?(?::[^{}]*)?\}")
"""Parts of a text to be formatted: doubled braces, and fields without an attribute, an element or another field."""


def findings(case: Case, place: Place) -> Iterator[Finding]:
    """Findings about one node."""
    node = place.node
    match node:
        case ast.Name():
            yield from _name(case, place, node)
        case ast.Attribute():
            yield from _attribute(case, place, node)
        case ast.Call(func=ast.Name(id="getattr" | "hasattr"), args=[base, ast.Constant(value=str(attr)), *_]):
            # Looked up by a name that stands there: the same as with a dot.
            read = ast.Attribute(value=base, attr=attr, ctx=ast.Load())
            yield from _attribute(case, place.at(read), read)
        case ast.Raise(exc=ast.Name(id=name) as kind) if name in case.known.classes:
            # Without parentheses, too, it is made.
            yield from calls.of_the_file(case, place.at(kind, "raise"), name)
        case ast.MatchClass(kwd_attrs=attrs):
            yield from (Finding(CODE, f".{attr}") for attr in attrs if not _of_any(case, attr))
        case ast.Constant(value=str(text)) if (found := _DUNDER.search(text)) and not case.same(node):
            yield Finding(CODE, found.group())
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) if _DUNDER.fullmatch(name) and not case.same(node):
            # An answer with an __eq__ of its own equals whatever a test expects.
            yield Finding(CODE, name)
        case _:
            pass


def _of_any(case: Case, attr: str) -> bool:
    """True when an attribute may be read of any value: a listed one, or one that the file reads or defines."""
    return not _forbidden(attr) and attr in lists.ATTRIBUTES | case.known.attributes | case.file.attributes


def _forbidden(attr: str) -> bool:
    return attr.startswith("_") or attr in lists.DESCENDING


def _name(case: Case, place: Place, node: ast.Name) -> Iterator[Finding]:
    origin, paths = case.known.meaning(node.id, place)
    called = place.position in ("call", "raise")
    if node.id.startswith("__") and not case.old(place):
        yield Finding(CODE, node.id)
    elif not isinstance(node.ctx, ast.Load):
        return  # what is bound is judged where it is used
    elif origin == "import" and place.position != "base":
        yield from _imported(case, place, paths)
    elif origin == "local" and called:
        yield from calls.local(case, place, node.id)
    elif origin == "file" and (called or node.id in case.known.functions):
        yield from calls.of_the_file(case, place, node.id)
    elif origin == "language" and not _computes(place, node.id) and not case.old(place):
        known = node.id in lists.DYNAMIC | lists.CALLED
        yield Finding(CODE, node.id) if known else Finding(POWER, because("not_listed", name=node.id))


def _computes(place: Place, name: str) -> bool:
    """True when a name of the language is one of those that only compute, and is used as it may be."""
    if place.position == "base":
        return name in lists.TYPES
    return name in lists.VALUES or (name in lists.CALLED and place.position == "call")


def _attribute(case: Case, place: Place, node: ast.Attribute) -> Iterator[Finding]:
    paths = case.known.paths(place)
    if node.attr in lists.LOCAL and place.position not in ("call", "base") and not case.old(place):
        yield Finding(POWER, because("hands_on", what=shown(node)))
    elif _forbidden(node.attr):
        private = node.attr.startswith("_") and not node.attr.startswith("__")
        if not case.old(place) and not (private and case.shown(place)) and not _plain_format(place, node):
            yield Finding(POWER if private else CODE, f".{node.attr}")
    elif not isinstance(node.ctx, ast.Load) or (paths and place.position == "base"):
        return  # writing has rules of its own, and a module is judged by what is taken of it
    elif paths:
        yield from _imported(case, place, paths)
    elif case.old(place):
        if place.position in ("call", "raise"):
            yield from calls.of_another(case, place)
    elif not _is_pattern(case, place, node):
        yield from _of_value(case, place, node)


def _imported(case: Case, place: Place, paths: tuple[str, ...]) -> Iterator[Finding]:
    """Findings about a name of another module: it must be listed, or used so by the function or the file already."""
    if place.position != "call" and uses.changing(case.known, place):
        yield Finding(POWER, because("hands_on", what=shown(place.node)))
        return
    known = uses.pure(case.known, place) or case.old(place) or calls.reports(case, place)
    if known or case.computing.issuperset(paths) or (_is_clock(paths) and _reads_clock(case)):
        return
    roots = {path.partition(".")[0] for path in paths}
    if not case.shown(place) or (roots & lists.OUTSIDE and place.position not in ("class", "raise")):
        yield Finding(POWER, because("one_of", names=paths))
    elif place.position == "call" or (place.position == "value" and not roots <= case.own):
        yield Finding(PERSON, because("uses_anew", names=paths))


def _is_clock(paths: tuple[str, ...]) -> bool:
    return all(path.startswith("datetime.") and path.rpartition(".")[2] in lists.CLOCKS for path in paths)


def _reads_clock(case: Case) -> bool:
    return any(_is_clock((key.removeprefix("import "),)) for position, key in case.before.keys if position == "call")


def _of_value(case: Case, place: Place, node: ast.Attribute) -> Iterator[Finding]:
    """Findings about an attribute that the old function does not use, of anything but a module."""
    called = place.position in ("call", "raise")
    kind = case.kinds.of(node.value, place)
    method = node.attr in case.known.functions
    if case.kinds.is_own(node.value, node.attr, place):
        yield from calls.of_the_file(case, place, node.attr) if method else ()
    elif calls.reports(case, place):
        return
    elif node.attr in lists.ATTRIBUTES and (kind != "object" or node.attr not in _TELLING):
        unbound = isinstance(node.value, ast.Name) and case.known.meaning(node.value.id, place)[0] == "language"
        if node.attr in lists.MUTATING and (unbound or not called):
            yield Finding(POWER, because("hands_on", what=shown(node)))
        elif kind == "unknown" and node.attr in lists.AMBIGUOUS and case.wanted is None:
            yield Finding(PERSON, because("of_unknown_type", what=shown(node)))
    elif node.attr in case.known.attributes and not method and not called:
        return
    elif not case.shown(place) and (called or kind == "object" or node.attr not in case.file.attributes):
        yield Finding(POWER, shown(node))
    elif called:
        yield Finding(PERSON, because("calls_anew", what=shown(node)))


def _is_pattern(case: Case, place: Place, node: ast.Attribute) -> bool:
    """True for a method of a compiled pattern: from the top of the file, a local name, or compiled right there."""
    made = [place.at(node.value)]
    if isinstance(node.value, ast.Name):
        local = place.local(node.value.id) is not None
        held = case.kinds.bound.get(node.value.id, ()) if local else ()
        made = list(held) or [place.at(item) for item in case.known.assigned.get(node.value.id, []) if not local]
    return node.attr in lists.PATTERNS and bool(made) and all(_compiles(case, item) for item in made)


def _compiles(case: Case, place: Place) -> bool:
    return isinstance(place.node, ast.Call) and case.known.key(place.at(place.node.func)) == "import re.compile"


def _plain_format(place: Place, node: ast.Attribute) -> bool:
    """True for ``"{} of {}".format``: a constant text whose fields take no attribute and no element."""
    text = node.value.value if isinstance(node.value, ast.Constant) else None
    if node.attr != "format" or place.position != "call" or not isinstance(text, str):
        return False
    return not any(brace in _FIELD.sub("", text) for brace in "{}")
