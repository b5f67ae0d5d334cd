"""Rules of objects: a function of the service that is newly called, or handed on, is given values only.

That it only computes is known of values: ``def taken(box, key): return box.get(key)`` looks something up in a
dictionary, and asks a client for it.
"""

import ast
from collections.abc import Iterator

from incident.decision import because
from policies.patch.case import PERSON, Case, Finding
from policies.patch.scopes import Place
from policies.patch.text import shown


def findings(case: Case, place: Place) -> Iterator[Finding]:
    """Findings about the arguments of a call that brings a function of the service into use."""
    node = place.node
    if not isinstance(node, ast.Call):
        return
    given = [place.at(part) for part in (*node.args, *(item.value for item in node.keywords))]
    handed = [_is_new(case, at) for at in given]
    if any(handed) or _is_new(case, place.at(node.func, "call")):
        for at, function in zip(given, handed, strict=True):
            if not function and isinstance(at.node, ast.expr) and case.kinds.of(at.node, at) == "object":
                yield Finding(PERSON, because("hands_to", what=shown(at.node), to=shown(node.func)))


def _is_new(case: Case, place: Place) -> bool:
    """True for a function of the service's own code that the old function does not use so."""
    match place.node:
        case ast.Name(id=name) if case.known.meaning(name, place)[0] == "file":
            return name in case.known.functions and not case.old(place)
        case ast.Name() | ast.Attribute() if paths := case.known.paths(place):
            return case.computing.issuperset(paths) and not case.old(place)
        case ast.Attribute(value=base, attr=name) if name in case.known.functions:
            return case.kinds.is_own(base, name, place) and not case.old(place)
        case _:
            return False
