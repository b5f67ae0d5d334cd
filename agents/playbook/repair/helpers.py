"""Private functions that only return an expression, read in the place of their calls.

Such a helper is its caller's code under a name: what the caller tests before the call, and what it does with the value,
belongs to the expression.  So templates may read a function with the expressions in place; what they write has the calls
again, or is not written at all.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import libcst as cst

from agents.playbook.repair import surroundings
from agents.playbook.repair.syntax import Code, parse

_NEVER = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)
"""An expression with one of these does something else in another function."""
_TOO_LITTLE = (ast.Name, ast.Constant)
"""Expressions that would be found everywhere."""


@dataclass(frozen=True)
class Helper:
    """A private function of a file's top level whose body is one ``return``."""

    name: str
    params: tuple[str, ...]
    source: str
    value: ast.expr

    @property
    def own(self) -> frozenset[str]:
        """Names that its expression binds: those of comprehensions and lambdas."""
        return _bound(self.value)

    @property
    def free(self) -> frozenset[str]:
        """Names that its expression takes from the file."""
        return _names(self.value) - {*self.params} - self.own


@dataclass(frozen=True)
class Reading:
    """A function as templates read it."""

    written: str
    """The function as it stands in the file."""
    source: str
    """With expressions in the place of calls; line by line the same."""
    helpers: tuple[Helper, ...]
    """Those whose calls were replaced."""

    def back(self, source: str) -> str | None:
        """A changed reading with the calls again; None where a helper's expression itself was changed, or nothing was."""
        for helper in self.helpers:
            code = parse(source)
            if code is None:
                return None
            calls = _calls(code, helper)
            if len(calls) != _count(self.source, helper):
                return None
            source = code.swapped(calls) or source
        return None if source == self.written else source


@lru_cache(maxsize=16)
def of(module: str) -> Mapping[str, Helper]:
    """The helpers of a file by name; one that is defined twice is none."""
    functions = [node for node in surroundings.parsed(module).body if isinstance(node, ast.FunctionDef)]
    names = [function.name for function in functions]
    found = (_helper(module, function) for function in functions if names.count(function.name) == 1)
    return {helper.name: helper for helper in found if helper is not None}


def read(source: str, module: str) -> Reading | None:
    """The function with its calls of helpers replaced by their expressions; None where there are none."""
    code = parse(source)
    if code is None:
        return None
    calls = {call: helper for call in code.every(cst.Call) for helper in _called(code, call, module)}
    outer = {call: helper for call, helper in calls.items() if not any(above in calls for above in code.above(call))}
    texts = {call: _expression(code, call, helper) for call, helper in outer.items()}
    inside = code.swapped(texts)
    helpers = tuple({helper.name: helper for helper in outer.values()}.values())
    if inside is None or inside.count("\n") != source.count("\n"):
        return None
    # What stands there by chance in the same words would become a call.
    alike = any(_count(inside, helper) != [*outer.values()].count(helper) for helper in helpers)
    return None if alike else Reading(source, inside, helpers)


def _helper(module: str, function: ast.FunctionDef) -> Helper | None:
    body = [item for item in function.body if not (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))]
    given = function.args
    plain = not (given.vararg or given.kwarg or given.kwonlyargs or given.posonlyargs or given.defaults)
    private = function.name.startswith("_") and not function.name.endswith("__")
    match body:
        case [ast.Return(value=ast.expr() as value)] if plain and private and not function.decorator_list:
            if isinstance(value, _TOO_LITTLE) or any(isinstance(node, _NEVER) for node in ast.walk(value)):
                return None
            text = ast.get_source_segment(module, function) or ""
            return Helper(function.name, tuple(item.arg for item in given.args), text, value)
        case _:
            return None


def _called(code: Code, call: cst.Call, module: str) -> Iterator[Helper]:
    """The helper of a call, where its expression means the same in the call's place."""
    name = call.func.value if isinstance(call.func, cst.Name) else ""
    helper = of(module).get(name)
    first, last = code.lines(call)
    plain = all(arg.keyword is None and not arg.star for arg in call.args)
    if helper is None or not plain or len(call.args) != len(helper.params) or first != last:
        return
    tree = ast.parse(code.module.code)
    locals_ = _bound(tree) | {item.name.value for item in code.every(cst.Param)}
    given = frozenset[str]().union(*(_names(ast.parse(code.text(arg.value), mode="eval")) for arg in call.args))
    if name != code.function.name.value and not given & helper.own and not locals_ & helper.free:
        yield helper


def _expression(code: Code, call: cst.Call, helper: Helper) -> str:
    """The helper's expression with the call's arguments in the place of its parameters, on one line."""
    given = dict(zip(helper.params, (code.operand(arg.value) for arg in call.args), strict=True))
    inner = parse(helper.source)
    if inner is None:
        return code.text(call)
    body = next(inner.every(cst.Return))
    reads = [node for node in inner.every(cst.Name) if node.value in given and _in(inner, node, body)]
    changed = parse(inner.swapped({node: given[node.value] for node in reads}) or helper.source) or inner
    value = next(changed.every(cst.Return)).value
    text = changed.text(value) if value is not None else code.text(call)
    return f"({text})" if "\n" not in text else f"({ast.unparse(ast.parse(f'({text})', mode='eval'))})"


def _in(code: Code, node: cst.Name, body: cst.Return) -> bool:
    """True for a name in the body that is read there: no attribute and no name of an argument."""
    above = code.parent(node)
    named = (isinstance(above, cst.Attribute) and above.attr is node) or (
        isinstance(above, cst.Arg) and above.keyword is node
    )
    return not named and body in tuple(code.above(node))


def _calls(code: Code, helper: Helper) -> dict[cst.BaseExpression, str]:
    """The helper's call for each expression that is the helper's with some arguments."""
    found: dict[cst.BaseExpression, str] = {}
    for node in code.nodes:
        if not isinstance(node, cst.BaseExpression) or any(above in found for above in code.above(node)):
            continue
        text = f"({code.text(node)})"
        try:
            tree = ast.parse(text, mode="eval").body
        except SyntaxError:
            continue
        given: dict[str, ast.AST] = {}
        if not _fits(helper.value, tree, frozenset(helper.params), given) or given.keys() != {*helper.params}:
            continue
        if not any(_names(value) & helper.own for value in given.values()):
            texts = (ast.get_source_segment(text, given[name]) or "" for name in helper.params)
            found[node] = f"{helper.name}({', '.join(texts)})"
    return found


def _count(source: str, helper: Helper) -> int:
    code = parse(source)
    return 0 if code is None else len(_calls(code, helper))


def _fits(pattern: object, node: object, params: frozenset[str], given: dict[str, ast.AST]) -> bool:
    """True when a tree is the pattern with some expression for each parameter; `given` gets these."""
    if isinstance(pattern, ast.Name) and pattern.id in params and isinstance(node, ast.expr):
        known = given.setdefault(pattern.id, node)
        return ast.dump(known) == ast.dump(node)
    if isinstance(pattern, list) and isinstance(node, list):
        return len(pattern) == len(node) and all(
            _fits(*pair, params, given) for pair in zip(pattern, node, strict=True)
        )
    if isinstance(pattern, ast.AST):
        return type(pattern) is type(node) and all(
            _fits(getattr(pattern, field, None), getattr(node, field, None), params, given) for field in pattern._fields
        )
    return type(pattern) is type(node) and pattern == node


def _names(tree: ast.AST) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def _bound(tree: ast.AST) -> frozenset[str]:
    """Names that a tree binds."""
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    return frozenset({*stored, *(node.arg for node in ast.walk(tree) if isinstance(node, ast.arg))})
