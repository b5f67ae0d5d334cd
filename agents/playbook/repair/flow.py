"""Data flow of a value, and the places that have an answer to None already."""

import ast
from collections.abc import Iterator

import libcst as cst

from agents.playbook.repair import surroundings
from agents.playbook.repair.fault import Fault, Grounds
from agents.playbook.repair.syntax import Code, index_of

READING = frozenset(
    {"get", "keys", "values", "items", "split", "rsplit", "splitlines", "strip", "lower", "upper", "title", "casefold"}
)
"""Methods of mappings and texts that change nothing."""

KINDS = {
    "str": "text",
    "int": "number",
    "float": "number",
    "Decimal": "number",
    "dict": "mapping",
    "list": "sequence",
    "tuple": "sequence",
}
"""Kinds of the values that an annotation names (see `surroundings.kind`)."""

SAME = (cst.Equal, cst.NotEqual, cst.Is, cst.IsNot)


def top(code: Code, node: cst.BaseExpression) -> cst.BaseExpression:
    """The whole access chain that starts at a node: ``x`` in ``x["a"].b()`` leads to ``x["a"].b()``."""
    above = code.parent(node)
    match above:
        case cst.Attribute() | cst.Subscript() if above.value is node:
            return top(code, above)
        case cst.Call() if above.func is node:
            return top(code, above)
        case cst.Await():
            return top(code, above)
        case _:
            return node


def target(code: Code, node: cst.BaseExpression) -> str | None:
    """The variable that a whole expression is assigned to, or None."""
    above = code.parent(node)
    if isinstance(above, cst.AnnAssign) and above.value is node and isinstance(above.target, cst.Name):
        return above.target.value
    if isinstance(above, cst.Assign) and len(above.targets) == 1:
        name = above.targets[0].target
        return name.value if isinstance(name, cst.Name) else None
    return None


def uses(code: Code, node: cst.BaseExpression) -> tuple[cst.BaseExpression, ...]:
    """Uses of the value: the later reads of the variable it is assigned to, or the expression itself."""
    name = target(code, node)
    if name is None:
        return (node,)
    last = code.lines(node)[1]
    return tuple(
        item for item in code.every(cst.Name) if item.value == name and code.lines(item)[0] > last and _read(code, item)
    )


def _read(code: Code, node: cst.Name) -> bool:
    above = code.parent(node)
    stored = isinstance(above, cst.AssignTarget | cst.AugAssign | cst.Param) and node in above.children
    named = isinstance(above, cst.Attribute) and above.attr is node
    keyword = isinstance(above, cst.Arg) and above.keyword is node
    return not stored and not named and not keyword


def grade(code: Code, node: cst.BaseExpression, fault: Fault) -> Grounds:
    """FALLBACK when every use of the value has an answer to None, else NONE."""
    found = uses(code, node)
    return Grounds.FALLBACK if found and all(tolerates(code, use, fault) for use in found) else Grounds.NONE


def tolerates(code: Code, node: cst.CSTNode, fault: Fault) -> bool:  # noqa: PLR0911 (one case a place)
    """True when None at this place goes into a branch, a default or a type that was made for it."""
    above = code.parent(node)
    match above:
        case cst.BooleanOperation():
            return (isinstance(above.operator, cst.Or) and above.left is node) or tolerates(code, above, fault)
        case cst.Comparison():
            return all(isinstance(item.operator, (*SAME, cst.In, cst.NotIn)) for item in above.comparisons)
        case cst.ComparisonTarget():
            return isinstance(above.operator, SAME)
        case cst.UnaryOperation():
            return isinstance(above.operator, cst.Not)
        case cst.If() | cst.While() | cst.IfExp() if above.test is node:
            return True
        case cst.IfExp():
            return tolerates(code, above, fault)
        case cst.Arg():
            return _argument(code, above, fault)
        case cst.Return():
            return _optional(code.function.returns, code)
        case _:
            return False


def _optional(annotation: cst.Annotation | None, code: Code) -> bool:
    text = code.text(annotation.annotation) if annotation else ""
    return "None" in text or "Optional[" in text


def _argument(code: Code, arg: cst.Arg, fault: Fault) -> bool:
    call = code.parent(arg)
    if not isinstance(call, cst.Call):
        return False
    place = list(call.args).index(arg)
    if isinstance(call.func, cst.Attribute) and call.func.attr.value == "get" and place == 0:
        # `.get(None)` finds nothing and gives the default, or None, which then has to be tolerated in turn.
        return len(call.args) > 1 or tolerates(code, call, fault)
    name = call.func.value if isinstance(call.func, cst.Name) else ""
    return any(_takes_none(function, place, arg.keyword) for function in _functions(fault, name))


def _functions(fault: Fault, name: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in surroundings.parsed(fault.module).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            yield node


def _takes_none(function: ast.FunctionDef | ast.AsyncFunctionDef, place: int, keyword: cst.Name | None) -> bool:
    given = [*function.args.posonlyargs, *function.args.args]
    named = {item.arg: item for item in [*given, *function.args.kwonlyargs]}
    found = named.get(keyword.value) if keyword else (given[place] if place < len(given) else None)
    text = ast.unparse(found.annotation) if found and found.annotation else ""
    return "None" in text or "Optional[" in text


def kind(code: Code, node: cst.BaseExpression) -> str:
    """Kind of a value that is returned, as the function's annotation says; empty when that cannot be told."""
    returned = isinstance(code.parent(node), cst.Return) and code.function.returns
    text = code.text(returned.annotation) if returned else ""
    return KINDS.get(text.partition("[")[0], "")


def entry_of(node: cst.BaseExpression, fault: Fault) -> str:
    """The module table whose entry an expression reads; empty when it reads none."""
    table = node.value.value if isinstance(node, cst.Subscript) and isinstance(node.value, cst.Name) else ""
    return table if table in surroundings.tables(fault.module) else ""


def picked(call: cst.Call, fault: Fault) -> str:
    """The module table whose keys ``min`` or ``max`` choose from, as their key function looks them up in it; or empty."""
    keys = (arg.value for arg in call.args if arg.keyword is not None and arg.keyword.value == "key")
    for function in (key for key in keys if isinstance(key, cst.Lambda)):
        params = {param.name.value for param in function.params.params}
        for node in inside(function.body):
            if isinstance(node, cst.Subscript) and isinstance(node.value, cst.Name):
                index, name = index_of(node), node.value.value
                if isinstance(index, cst.Name) and index.value in params and name in surroundings.tables(fault.module):
                    return name
    return ""


def table_reads(code: Code, node: cst.BaseExpression, fault: Fault) -> tuple[tuple[cst.Subscript, str], ...]:
    """Subscripts ``TABLE[value]`` of module tables among the uses of a value, with the table's name."""
    known = surroundings.tables(fault.module)
    found: list[tuple[cst.Subscript, str]] = []
    for use in uses(code, node):
        around = next((item for item in code.above(use) if isinstance(item, cst.Subscript)), None)
        if around is not None and index_of(around) is use and isinstance(around.value, cst.Name):
            name = around.value.value
            if name in known:
                found.append((around, name))
    return tuple(found)


def pure(node: cst.CSTNode) -> bool:
    """True when an expression may stand twice: no calls but of methods that only read, nothing awaited."""
    if isinstance(node, cst.Await | cst.Yield | cst.NamedExpr):
        return False
    # A call that stands twice is made twice, and would be seen in the service's outgoing calls.
    if isinstance(node, cst.Call) and not (isinstance(node.func, cst.Attribute) and node.func.attr.value in READING):
        return False
    return all(pure(child) for child in node.children)


def scoped(code: Code, node: cst.CSTNode) -> bool:
    """True when an expression stands inside a comprehension or lambda of its statement, with variables of its own."""
    for item in code.above(node):
        if isinstance(item, cst.BaseStatement):
            return False
        if isinstance(item, cst.GeneratorExp | cst.ListComp | cst.SetComp | cst.DictComp | cst.Lambda):
            return True
    return False


def condition(code: Code, node: cst.BaseExpression) -> cst.BaseExpression | None:
    """The smallest part of an ``if`` or ``while`` test that holds the expression; None outside of one.

    Parts are joined by ``and`` and ``or`` only: behind a ``not``, "not met" would mean the opposite.
    """
    atom: cst.BaseExpression = node
    above = code.parent(atom)
    if isinstance(above, cst.ComparisonTarget):
        above = code.parent(above)
    if isinstance(above, cst.Comparison):
        atom = above
    outer: cst.CSTNode = atom
    while isinstance(code.parent(outer), cst.BooleanOperation):
        outer = code.parent(outer)
    test = code.parent(outer)
    return atom if isinstance(test, cst.If | cst.IfExp | cst.While) and test.test is outer else None


def inside(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A node and everything in it."""
    yield node
    for child in node.children:
        yield from inside(child)
