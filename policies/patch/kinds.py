"""Kinds of expressions: a value of the language (text, numbers, containers), or an object that may reach out.

The same method is harmless on the one, and a request, a file or a thread on the other: ``rates.get(country)`` and
``client.get(url)``.  The kind is known from the uses in the old function, and from the types that were seen where
the recorded request fails.  What is not known is neither.
"""

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from policies.patch import flows, lists, scopes, uses
from policies.patch.flows import Bound
from policies.patch.kind_evidence import Evidence, text
from policies.patch.scope import Function
from policies.patch.scopes import Place
from policies.patch.uses import Names

Kind = Literal["value", "object", "unknown"]

_ROUNDS = 4
"""Rounds in which a name comes to hold a value because the names that it is bound to do."""

_LITERAL = (ast.Constant, ast.JoinedStr, ast.FormattedValue, ast.Compare, ast.Lambda)
_CONTAINER = (ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Kinds:
    """Tells the kind of an expression of the new function."""

    def __init__(self, known: Names, found: Evidence, function: Function) -> None:
        self._known, self._found = known, found
        self.bound: Bound = flows.bound(function)
        """Expressions that each local name holds, or holds a part of."""
        self.held: Bound = flows.held(function, self.bound, lambda place: uses.changing(known, place))
        """The same with what is put into that."""
        self._values = set(found.values)
        for _ in range(_ROUNDS):
            self._values |= {
                name for name, held in self.bound.items() if all(self._is_value(_expression(p), p) for p in held)
            }

    def of(self, node: ast.expr, place: Place) -> Kind:
        """Return the kind of an expression in the scopes of a place; a container of an object counts as an object."""
        ends = flows.reached(
            self._objects(node, place, 0), self.held, lambda p, steps: self._objects(_expression(p), p, steps)
        )
        if "object" in ends:
            return "object"
        return "value" if "maybe" not in ends and self._is_value(node, place) else "unknown"

    def is_own(self, node: ast.expr, attr: str, place: Place) -> bool:
        """True for an object of a class of the file that has this attribute, as its making or its use shows."""
        match node:
            case ast.Name(id="self" | "cls" as name) if place.local(name) is not None and not self.bound.get(name):
                return attr in self._known.attributes
            case ast.Name(id=name) if (held := self.bound.get(name)) and place.local(name) is not None:
                return all(isinstance(p.node, ast.Call) and self.is_own(p.node, attr, p) for p in held)
            case ast.Call(func=ast.Name(id=name)) if self._known.meaning(name, place)[0] == "file":
                return attr in self._known.members.get(name, ())
            case _:
                read = self._found.read.get(text(node), frozenset())
                return bool(read) and any({*read, attr} <= members for members in self._known.members.values())

    def _objects(self, node: ast.expr, place: Place, steps: int) -> Iterator[str]:
        """Sources of an object behind an expression: ``object``, ``maybe``, or the local names in it."""
        if text(node) in self._found.objects:
            yield "object"
        elif isinstance(node, flows.Put):
            yield from self._objects(node.elts[0], place, steps - 1) if steps else ()
        elif isinstance(node, ast.Name):
            yield from self._objects_of_name(node, place, steps)
        elif isinstance(node, ast.Attribute):
            if self._known.paths(place.at(node)) and not uses.pure(self._known, place.at(node)):
                yield "object"
        elif isinstance(node, ast.Call) and not self._computes(node.func, place):
            # What else a call gives is known by its use, or not.
            paths = self._known.paths(place.at(node.func))
            yield from ("object" for path in paths if path.partition(".")[0] in lists.REACHING)
        elif isinstance(node, ast.Lambda):
            inner = replace(place, scopes=(*place.scopes, scopes.bound(node)))
            yield from self._objects(node.body, inner, steps)
        elif not isinstance(node, ast.Constant) and not self._is_told(node, place):
            parts = self._passed(node, place) if isinstance(node, ast.Call | ast.Subscript) else flows.expressions(node)
            for part in parts:
                yield from self._objects(part, place, steps + isinstance(node, ast.Call | ast.Subscript))

    def _is_told(self, node: ast.expr, place: Place) -> bool:
        """True when the use of the same text shows that it is a value."""
        # The result of a function depends on its arguments, which the text leaves out.
        of_function = isinstance(node, ast.Call) and (
            isinstance(node.func, ast.Name) or uses.pure(self._known, place.at(node.func))
        )
        return text(node) in self._found.values and not of_function

    def _passed(self, node: ast.Call | ast.Subscript, place: Place) -> Iterator[ast.expr]:
        """Expressions that a call or a subscript may pass on as its result; none when it makes something new."""
        if isinstance(node, ast.Subscript):
            # What lies in an argument of the function is taken for data.
            given = isinstance(node.value, ast.Name) and not self.bound.get(node.value.id)
            yield from () if given and text(node.value) not in self._found.objects else (node.value,)
            return
        method = isinstance(node.func, ast.Attribute) and not uses.pure(self._known, place.at(node.func))
        name = node.func.attr if isinstance(node.func, ast.Attribute) else text(node.func)
        if name in lists.PASSING or not (method or name in lists.VALUES | lists.CALLED):
            yield from (*node.args, *(item.value for item in node.keywords))
            if method and isinstance(node.func, ast.Attribute):
                yield node.func.value

    def _objects_of_name(self, node: ast.Name, place: Place, steps: int) -> Iterator[str]:
        origin, paths = self._known.meaning(node.id, place)
        if origin == "local":
            known = self.bound.get(node.id) or node.id in self._values
            yield flows.name(node.id, steps) if known else "maybe"
        elif origin == "import" and not uses.pure(self._known, place.at(node)):
            # A constant of another module may be anything.
            yield from () if all(path.rpartition(".")[2].isupper() for path in paths) else ("object",)
        elif origin == "file" and node.id not in self._known.classes and not self._is_data(node.id):
            yield "object"

    def _is_data(self, name: str) -> bool:
        """True when a name at the top of the file holds a value, by its use or by what it is bound to there."""
        values = self._known.assigned.get(name, [])
        return name in self._found.values or (bool(values) and all(self._is_plain(value) for value in values))

    def _is_plain(self, node: ast.expr) -> bool:
        """True when an expression at the top of the file is made of values alone."""
        top = Place(node=node, position="value", scopes=())
        match node:
            case ast.Name(id=name):
                return name in self._found.values or self._known.meaning(name, top)[0] == "language"
            case ast.Call(func=func):
                return self._computes(func, top) and all(self._is_plain(part) for part in _given(node))
            case ast.Attribute():
                return uses.pure(self._known, top)
            case ast.Constant() | ast.Lambda():
                return True
            case _:
                parts = list(flows.expressions(node))
                return bool(parts or isinstance(node, _CONTAINER)) and all(self._is_plain(part) for part in parts)

    def _computes(self, func: ast.expr, place: Place) -> bool:
        """True for a callee that only computes: a name of the language, a listed function, or a value's method."""
        if uses.pure(self._known, place.at(func)):
            return True
        if isinstance(func, ast.Name):
            return self._known.meaning(func.id, place)[0] == "language"
        return (
            isinstance(func, ast.Attribute) and not self._known.paths(place.at(func)) and func.attr in lists.ATTRIBUTES
        )

    def _is_value(self, node: ast.expr, place: Place) -> bool:  # noqa: PLR0911 (one flat return for each kind of expression)
        if isinstance(node, (*_LITERAL, *_CONTAINER, ast.UnaryOp, ast.BinOp, ast.Subscript)):
            return True
        match node:
            case ast.Name(id=name):
                origin, _ = self._known.meaning(name, place)
                if origin == "local":
                    return name in self._values
                return origin == "language" or uses.pure(self._known, place.at(node)) or self._is_data(name)
            case ast.Await(value=inner) | ast.NamedExpr(value=inner):
                return self._is_value(inner, place)
            case ast.BoolOp(values=parts):
                return all(self._is_value(part, place) for part in parts)
            case ast.IfExp(body=one, orelse=other):
                return self._is_value(one, place) and self._is_value(other, place)
            case ast.Call(func=func):
                return self._computes(func, place) or text(node) in self._found.values
            case ast.Attribute(value=base, attr=attr):
                if text(node) in self._found.values or uses.pure(self._known, place.at(node)):
                    return True
                return attr in lists.ATTRIBUTES and self._is_value(base, place)
            case _:
                return False


def _expression(place: Place) -> ast.expr:
    if not isinstance(place.node, ast.expr):
        raise TypeError(type(place.node).__name__)
    return place.node


def _given(node: ast.Call) -> tuple[ast.expr, ...]:
    receiver = (
        (node.func.value,) if isinstance(node.func, ast.Attribute) and not isinstance(node.func.value, ast.Name) else ()
    )
    return (*receiver, *node.args, *(item.value for item in node.keywords))
