"""A patch as the rules about its powers see it: the new function, and the code before it."""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from incident.decision import Reason
from policies.patch import kind_evidence, lists, scopes
from policies.patch import uses as patch_shown
from policies.patch.kinds import Kinds
from policies.patch.scope import Function
from policies.patch.scopes import Place
from policies.patch.uses import Names, Uses

POWER, CODE, STATE, PERSON = "no_new_power", "no_dynamic_code", "no_new_global_state", ""


class Finding(NamedTuple):
    """Something new that a patch does and that a rule does not allow."""

    rule: str
    """Constraint that it breaks; empty when a person may judge it."""
    what: str | Reason
    """A piece of code, or the reason that one is not allowed."""


@dataclass(frozen=True)
class Case:
    """A function to judge.  A function that it calls anew is judged in turn, as if nothing had been there before it."""

    function: Function
    module: ast.Module
    """The file before the patch."""
    known: Names
    before: Uses
    """Names, attributes and calls that the old function uses."""
    file: Uses
    kinds: Kinds
    rebound: frozenset[str]
    """Names that are bound anew."""
    dumps: frozenset[str]
    """Every expression and statement of the old function."""
    entered: frozenset[str]
    """Calls whose results the old function enters by ``with``."""
    own: frozenset[str]
    """Roots of imports that are the service's own code."""
    computing: frozenset[str]
    """Functions of the service's other modules that only compute."""
    clean: Callable[["Case"], bool]
    """Returns True when nothing is found in another function of the file."""
    wanted: list[Function] | None = None
    """In a function that is called anew: the functions that it calls, to be judged next.  None in the patched one."""

    def shown(self, place: Place) -> bool:
        """True when the file uses the same name for the same purpose anywhere."""
        return self.file.shows(place, self.known)

    def old(self, place: Place) -> bool:
        """True when the old function uses the same name for the same purpose."""
        return self.before.shows(place, self.known)

    def given(self) -> frozenset[str]:
        """Arguments of the function and of those in it."""
        return frozenset(node.arg for node in ast.walk(self.function) if isinstance(node, ast.arg))

    def same(self, node: ast.AST) -> bool:
        """True when the old function has this very expression or statement, of names that still hold what they held."""
        return ast.dump(node) in self.dumps and not self.anew(node)

    def anew(self, node: ast.AST) -> bool:
        """True when a name in it is bound anew."""
        return any(isinstance(part, ast.Name) and part.id in self.rebound for part in ast.walk(node))

    def computes(self, function: Function) -> bool:
        """True when another function of the file only computes, by the same rules, and so does all that it calls."""
        # Judged one after the other instead of by recursion: functions may call each other.
        if self.wanted is not None:
            self.wanted.append(function)
            return True
        waiting, judged = [function], set[int]()
        while waiting:
            item = waiting.pop()
            if id(item) not in judged:
                judged.add(id(item))
                called = self._called(item, waiting)
                if not self.clean(called):
                    return False
        return True

    def _called(self, function: Function, wanted: list[Function]) -> "Case":
        known = patch_shown.names(self.module, function)
        found = kind_evidence.of(function, self.module, known, {})
        return replace(
            self,
            function=function,
            known=known,
            before=Uses(keys=frozenset(), attributes=frozenset(), calls={}),
            kinds=Kinds(known, found, function),
            rebound=frozenset(),
            dumps=frozenset(),
            entered=frozenset(),
            wanted=wanted,
        )


def case(
    old: Function,
    new: Function,
    module: ast.Module,
    path: str,
    seen: Mapping[str, str],
    computing: Iterable[str],
    clean: Callable[[Case], bool],
) -> Case:
    """Return the case of one patched function.

    `seen` gives the types of local variables where the request fails, `computing` the functions of other modules
    that only compute.
    """
    known = patch_shown.names(module, old)
    found = kind_evidence.of(old, module, known, seen)
    return Case(
        function=new,
        module=module,
        known=known,
        before=patch_shown.uses(scopes.places(old), known),
        file=patch_shown.uses(scopes.places(module), known),
        kinds=Kinds(known, found, new),
        rebound=patch_shown.rebound(old, new),
        dumps=frozenset(ast.dump(node) for node in ast.walk(old)),
        entered=frozenset(_entered(old, known)),
        own=frozenset({"", *path.split("/")[:-1]}) - lists.OUTSIDE,
        computing=frozenset(computing),
        clean=clean,
    )


def _entered(old: Function, known: Names) -> Iterator[str]:
    for place in scopes.places(old):
        if isinstance(place.node, ast.withitem) and isinstance(place.node.context_expr, ast.Call):
            yield known.key(place.at(place.node.context_expr.func))
