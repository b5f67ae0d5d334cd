"""Rivals of a patch: the other standard ways in which a function could deal with what makes one of its statements fail.

Each is a way of answering, to be shown beside the patch; none of them says that it is right.  Refuse by an exception that
the function or its file raises already; take a way out that the function has; leave the item out; a value that the
docstring names; what the repair templates would fall back on; and each value in scope.
"""

import ast
import re
from collections.abc import Iterable, Iterator

import libcst as cst

from agents.playbook.repair import catalogue, flow, keys, surroundings
from agents.playbook.repair.fault import Candidate, Fault, Grounds
from agents.playbook.repair.syntax import Code, index_of, literal, parse
from incident import docstrings

RIVAL = "rival"
"""First word of a rival's template."""

MOST = 12
"""Rivals of one fault."""


def candidates(fault: Fault, most: int = MOST) -> tuple[Candidate, ...]:
    """At most `most` rivals, each source once: refusals, ways out, omissions and documented values, then the templates'.

    Last come the values in scope, each in the place of what fails.
    """
    code = parse(fault.source)
    statement = None if code is None else _failing(code, fault.line)
    if code is None or statement is None:
        return ()
    found = [
        *_refusals(code, statement, fault),
        *_ways_out(code, statement, fault),
        *_omissions(code, statement, fault),
        *_in_its_place(code, statement, fault, _documented(code, fault)),
    ]
    scope = _in_its_place(code, statement, fault, _in_scope(code, fault))
    distinct = {item.source: item for item in (*found, *catalogue.candidates(fault), *scope)}
    return tuple(item.model_copy(update={"template": f"{RIVAL} {item.template}"}) for item in distinct.values())[:most]


def instead(fault: Fault, values: Iterable[str]) -> tuple[Candidate, ...]:
    """Values, as Python source, in the place of what the failing statement binds or returns."""
    code = parse(fault.source)
    statement = None if code is None else _failing(code, fault.line)
    return () if code is None or statement is None else tuple(_in_its_place(code, statement, fault, values))


def _failing(code: Code, line: int) -> cst.SimpleStatementLine | None:
    """The simple statement of a line; a compound one is left alone."""
    return next(iter(code.on(line, cst.SimpleStatementLine)), None)


def _refusals(code: Code, statement: cst.SimpleStatementLine, fault: Fault) -> Iterator[Candidate]:
    for raised in _raised(fault)[:2]:
        yield from _caught(code, statement, fault, f"{raised} from None", "refuse", f"it is refused: {raised}")


def _raised(fault: Fault) -> tuple[str, ...]:
    """Raise statements of the function, then of its file, whose text needs no variable."""
    found = [
        ast.unparse(node)
        for text in (fault.source, fault.module)
        for node in ast.walk(surroundings.parsed(text))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.cause is None and _constant(node.exc)
    ]
    return tuple(dict.fromkeys(found))


def _constant(call: ast.Call) -> bool:
    values = (*call.args, *(keyword.value for keyword in call.keywords))
    return all(isinstance(value, ast.Constant) for value in values)


def _ways_out(code: Code, statement: cst.SimpleStatementLine, fault: Fault) -> Iterator[Candidate]:
    """Returns of the function that name no variable which may not be there yet."""
    known = {parameter.name.value for parameter in code.every(cst.Param)}
    for node in code.every(cst.Return):
        text = code.text(node)
        names = {item.id for item in ast.walk(surroundings.parsed(text)) if isinstance(item, ast.Name)}
        if code.statement(node) is statement or any(not name.isupper() and name not in known for name in names):
            continue
        why = f"the function answers as it does elsewhere: {text}"
        for test in _tests(code, fault):
            yield from _before(code, statement, f"if {test}:\n    {text}\n", "way out", why)
        yield from _caught(code, statement, fault, text, "way out", why)


def _omissions(code: Code, statement: cst.SimpleStatementLine, fault: Fault) -> Iterator[Candidate]:
    loops = [above for above in code.above(statement) if isinstance(above, cst.For | cst.While)]
    for test in _tests(code, fault) if loops else ():
        yield from _before(code, statement, f"if {test}:\n    continue\n", "omission", "the item is left out")


def _in_its_place(
    code: Code, statement: cst.SimpleStatementLine, fault: Fault, values: Iterable[str]
) -> Iterator[Candidate]:
    """Values in the place of what a name is bound to or what is returned."""
    match statement.body:
        case [cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))])] | [
            cst.AnnAssign(target=cst.Name(value=name))
        ]:
            start = f"{name} ="
        case [cst.Return()]:
            start = "return"
        case _:
            return
    text, tests = code.text(statement), tuple(_tests(code, fault))
    for value in values:
        why, instead = f"{value} takes its place", f"{start} {value}"
        for test in tests:
            source = code.instead(statement, f"if {test}:\n    {instead}\nelse:\n    {text}\n")
            if source is not None:
                yield Candidate(template="value", rationale=why, source=source, grounds=Grounds.NONE)
        if not tests:
            yield from _caught(code, statement, fault, instead, "value", why)


def _in_scope(code: Code, fault: Fault) -> tuple[str, ...]:
    """Parameters, and the file's constants."""
    parameters = [item.name.value for item in code.every(cst.Param) if item.name.value not in ("self", "cls")]
    return (*parameters, *(constant.name for constant in surroundings.constants(fault.module)))


def _documented(code: Code, fault: Fault) -> Iterator[str]:
    """Constants of the file and literal texts that the function's docstring names, and the values that it gives for a case."""
    said = code.function.get_docstring() or ""
    known = {constant.name for constant in surroundings.constants(fault.module)}
    yield from (name for name in re.findall(r"\b[A-Z][A-Z0-9_]+\b", said) if name in known)
    yield from (repr(text) for text in re.findall(r"``([^`]+)``", said))
    yield from (repr(value.value) for value in docstrings.cases(said) if value.value not in known)


def _tests(code: Code, fault: Fault) -> Iterator[str]:
    """Conditions under which the line fails, as far as the exception names them."""
    missing = keys.missing(fault) if fault.exception == "KeyError" else None
    for node in code.on(fault.line, cst.Subscript):
        index = index_of(node)
        if missing is not None and index is not None and literal(index) == missing and flow.pure(node.value):
            yield f"{code.text(index)} not in {code.operand(node.value)}"
    if "NoneType" not in fault.message:
        return
    accesses: list[cst.Subscript | cst.Attribute] = [
        *code.on(fault.line, cst.Subscript),
        *code.on(fault.line, cst.Attribute),
    ]
    values = (node.value for node in accesses if flow.pure(node.value) and not flow.scoped(code, node))
    yield from dict.fromkeys(f"{code.operand(value)} is None" for value in values if not isinstance(value, cst.Dict))


def _before(code: Code, statement: cst.SimpleStatementLine, added: str, template: str, why: str) -> Iterator[Candidate]:
    source = code.before(statement, added)
    if source is not None:
        yield Candidate(template=template, rationale=why, source=source, grounds=Grounds.NONE)


def _caught(
    code: Code, statement: cst.SimpleStatementLine, fault: Fault, instead: str, template: str, why: str
) -> Iterator[Candidate]:
    """The statement in a ``try`` for the very exception that it raised."""
    if not fault.exception.isidentifier():
        return
    text = f"try:\n    {code.text(statement)}\nexcept {fault.exception}:\n    {instead}\n"
    source = code.instead(statement, text)
    if source is not None:
        yield Candidate(template=template, rationale=why, source=source, grounds=Grounds.NONE)
