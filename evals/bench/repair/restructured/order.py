"""Another order of the functions of a file, wherever nothing at import time needs one."""

import random
from collections.abc import Iterator, Sequence

import libcst as cst

from agents.playbook.repair.syntax import below

Body = Sequence[cst.SimpleStatementLine | cst.BaseCompoundStatement]


def shuffled(text: str, rng: random.Random) -> str:
    """The file's text with its functions in another order.

    Functions change places only with those beside them: a class, a constant or a decorated function stays between
    those that stood before it and those that stood behind it.
    """
    module = cst.parse_module(text)
    body = [statement for run in _runs(module.body) for statement in _mixed(run, rng)]
    return module.with_changes(body=body).code


def _runs(body: Body) -> Iterator[list[cst.SimpleStatementLine | cst.BaseCompoundStatement]]:
    """Neighbours that may change places; whatever may not is alone."""
    names = [item.name.value for item in body if isinstance(item, cst.FunctionDef)]
    run: list[cst.SimpleStatementLine | cst.BaseCompoundStatement] = []
    for statement in body:
        if isinstance(statement, cst.FunctionDef) and _is_free(statement, names):
            run.append(statement)
            continue
        yield run
        yield [statement]
        run = []
    yield run


def _is_free(function: cst.FunctionDef, names: Sequence[str]) -> bool:
    """True when its definition runs nothing of the file's functions, and no other one has its name."""
    params = [item for item in below(function.params) if isinstance(item, cst.Param)]
    head = [*(item.default for item in params), *(item.annotation for item in params), function.returns]
    run = [node for part in head if part is not None for node in below(part)]
    used = {node.value for node in run if isinstance(node, cst.Name)}
    calls = any(isinstance(node, cst.Call) for node in run)
    plain = not function.decorators and not calls and not used & set(names)
    return plain and names.count(function.name.value) == 1


def _mixed(run: list[cst.SimpleStatementLine | cst.BaseCompoundStatement], rng: random.Random) -> Body:
    if len(run) < 2:
        return run
    mixed = rng.sample(run, len(run))
    if all(one is other for one, other in zip(run, mixed, strict=True)):
        mixed = [*run[1:], run[0]]
    apart = [cst.EmptyLine(indent=False), cst.EmptyLine(indent=False)]
    return [item if item.leading_lines else item.with_changes(leading_lines=apart) for item in mixed]
