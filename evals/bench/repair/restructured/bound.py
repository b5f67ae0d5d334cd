"""Returns and plain assignments of a function, each with the local names that are surely bound there.

Bound is what an earlier statement of the same block, or of a block around it, binds: both have run.
"""

from collections.abc import Iterator
from typing import TypeGuard

import libcst as cst

from agents.playbook.repair.syntax import below

Small = cst.Return | cst.Assign
Place = tuple[Small, frozenset[str]]

_NOTHING: frozenset[str] = frozenset()


def places(function: cst.FunctionDef) -> Iterator[Place]:
    """The statements in source order, those of functions inside left out."""
    params = {item.name.value for item in below(function.params) if isinstance(item, cst.Param)}
    unsure = _unsure(function)
    for small, bound in _block(function.body, frozenset(params)):
        yield small, bound - unsure


def _block(block: cst.BaseSuite, bound: frozenset[str]) -> Iterator[Place]:
    if not isinstance(block, cst.IndentedBlock):
        return
    for statement in block.body:
        if isinstance(statement, cst.SimpleStatementLine):
            for small in statement.body:
                if _is_place(small):
                    yield small, bound
                bound |= _targets(small)
        elif isinstance(statement, cst.BaseCompoundStatement):
            for inner, added in _inner(statement):
                yield from _block(inner, bound | added)


def _is_place(small: cst.BaseSmallStatement) -> TypeGuard[Small]:
    if isinstance(small, cst.Return):
        return small.value is not None
    return isinstance(small, cst.Assign) and len(small.targets) == 1 and isinstance(small.targets[0].target, cst.Name)


def _targets(small: cst.BaseSmallStatement) -> frozenset[str]:
    """Names that a simple statement binds when it has run."""
    if isinstance(small, cst.Assign):
        return _NOTHING.union(*(_stored(target.target) for target in small.targets))
    if isinstance(small, cst.AnnAssign) and small.value is not None:
        return _stored(small.target)
    return _NOTHING


def _stored(target: cst.CSTNode) -> frozenset[str]:
    """Names in the target of an assignment, a loop or the like."""
    match target:
        case cst.Name():
            return frozenset({target.value})
        case cst.Tuple() | cst.List():
            return _NOTHING.union(*(_stored(element.value) for element in target.elements))
        case _:
            return _NOTHING


def _inner(statement: cst.BaseCompoundStatement) -> Iterator[tuple[cst.BaseSuite, frozenset[str]]]:
    """The blocks of a compound statement, each with the names that its head binds."""
    match statement:
        case cst.For():
            yield statement.body, _stored(statement.target)
        case cst.With():
            yield (
                statement.body,
                _NOTHING.union(*(_stored(item.asname.name) for item in statement.items if item.asname)),
            )
        case cst.While() | cst.If() | cst.Try():
            yield statement.body, _NOTHING
        case cst.Match():
            yield from ((case.body, _NOTHING) for case in statement.cases)
        case _:
            return
    if isinstance(statement, cst.Try):
        yield from ((handler.body, _NOTHING) for handler in statement.handlers)
        yield from ((part.body, _NOTHING) for part in (statement.orelse, statement.finalbody) if part is not None)
    elif isinstance(statement, cst.For | cst.While | cst.If):
        if isinstance(statement.orelse, cst.If):
            yield from _inner(statement.orelse)
        elif statement.orelse is not None:
            yield statement.orelse.body, _NOTHING


def _unsure(function: cst.FunctionDef) -> frozenset[str]:
    """Names that may be unbound again, or that are bound elsewhere."""
    found: set[str] = set()
    for node in below(function.body):
        match node:
            case cst.Del():
                found |= {item.value for item in below(node) if isinstance(item, cst.Name)}
            case cst.ExceptHandler() if node.name is not None:
                found |= _stored(node.name.name)
            case cst.Global() | cst.Nonlocal():
                found |= {item.name.value for item in node.names}
            case _:
                pass
    return frozenset(found)
