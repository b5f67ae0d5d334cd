"""Parsed file of a service: its syntax tree with scopes, parents and positions, and the exchange of names in it."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeVar

import libcst as cst
from libcst.metadata import (
    CodeRange,
    GlobalScope,
    MetadataWrapper,
    ParentNodeProvider,
    PositionProvider,
    Scope,
    ScopeProvider,
)
from libcst.metadata.scope_provider import BaseAssignment
from typing_extensions import override

from agents.playbook.repair.syntax import below

N = TypeVar("N", bound=cst.CSTNode)


@dataclass(frozen=True)
class Parsed:
    """One parsed file."""

    module: cst.Module
    scopes: Mapping[cst.CSTNode, Scope | None]
    parents: Mapping[cst.CSTNode, cst.CSTNode]
    nodes: tuple[cst.CSTNode, ...]
    """All nodes in source order."""
    wrapper: MetadataWrapper

    @cached_property
    def positions(self) -> Mapping[cst.CSTNode, CodeRange]:
        """Places of the nodes, which few files are asked for."""
        return self.wrapper.resolve(PositionProvider)

    def every(self, kind: type[N]) -> Iterator[N]:
        """All nodes of a kind in source order."""
        return (node for node in self.nodes if isinstance(node, kind))

    def bindings(self, name: cst.Name) -> frozenset[BaseAssignment] | None:
        """Bindings of a name where it stands, empty where nothing binds it; None for a keyword, an attribute or the like."""
        scope = self.scopes.get(name)
        if scope is None or self.is_attribute(name):
            return None
        return frozenset(scope[name.value])

    def at_top(self, name: str) -> frozenset[BaseAssignment]:
        """Bindings of a name at the top of the file."""
        tops = (scope for scope in self.scopes.values() if isinstance(scope, GlobalScope))
        return frozenset(binding for scope in itertools.islice(tops, 1) for binding in scope.assignments[name])

    def is_attribute(self, name: cst.Name) -> bool:
        """True for a name behind a dot."""
        above = self.parents.get(name)
        return isinstance(above, cst.Attribute) and above.attr is name

    def lines(self, node: cst.CSTNode) -> tuple[int, int]:
        """First and last line of a node, from 1."""
        at = self.positions[node]
        return at.start.line, at.end.line

    def above(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around one, inside out."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def functions(self) -> tuple[cst.FunctionDef, ...]:
        """The functions at the top of the file."""
        return tuple(item for item in self.module.body if isinstance(item, cst.FunctionDef))

    def renamed(self, names: Mapping[cst.CSTNode, str]) -> str:
        """The file's text with these names exchanged."""
        return self.module.visit(_Rename(names)).code


class _Rename(cst.CSTTransformer):
    def __init__(self, names: Mapping[cst.CSTNode, str]) -> None:
        super().__init__()
        self._names = names

    @override
    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        new = self._names.get(original_node)
        return updated_node if new is None else updated_node.with_changes(value=new)


@lru_cache(maxsize=128)
def parse(text: str) -> Parsed:
    """Parse a file; most files of a service are the same for all its bugs.  Raises libcst's ParserSyntaxError."""
    wrapper = MetadataWrapper(cst.parse_module(text))
    # Both in one walk; what follows finds them there.
    wrapper.resolve_many((ScopeProvider, ParentNodeProvider))
    return Parsed(
        module=wrapper.module,
        scopes=wrapper.resolve(ScopeProvider),
        parents=wrapper.resolve(ParentNodeProvider),
        nodes=below(wrapper.module),
        wrapper=wrapper,
    )


def scope_of(bindings: Iterable[BaseAssignment]) -> Scope | None:
    """The one scope that binds a name; None when there is none, or several."""
    scopes = {binding.scope for binding in bindings}
    return scopes.pop() if len(scopes) == 1 else None
