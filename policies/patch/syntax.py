"""Rules of syntax: a patch may bring only the kinds of statements and expressions that repairs are made of."""

import ast
from collections.abc import Iterator

from incident.decision import because
from policies.patch import lists
from policies.patch.case import CODE, POWER, STATE, Case, Finding
from policies.patch.scope import Function
from policies.patch.scopes import Place
from policies.patch.text import shown

_USUAL = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.Return, ast.Delete, ast.Assign, ast.AugAssign, ast.AnnAssign),
    *(ast.For, ast.While, ast.If, ast.Match, ast.Raise, ast.Try, ast.Assert, ast.Import, ast.ImportFrom, ast.Expr),
    *(ast.Pass, ast.Break, ast.Continue, ast.BoolOp, ast.NamedExpr, ast.BinOp, ast.UnaryOp, ast.Lambda, ast.IfExp),
    *(ast.Dict, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Compare, ast.Call, ast.Await),
    *(ast.FormattedValue, ast.JoinedStr, ast.Constant, ast.Attribute, ast.Subscript, ast.Starred, ast.Name, ast.List),
    *(ast.Tuple, ast.Slice, ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop, ast.comprehension),
    *(ast.ExceptHandler, ast.arguments, ast.arg, ast.keyword, ast.alias, ast.match_case, ast.pattern),
)


def findings(case: Case, place: Place) -> Iterator[Finding]:
    """Findings about the kind of a node."""
    node = place.node
    match node:
        case ast.Import() | ast.ImportFrom() if not case.same(node):
            yield from _imports(node)
        case ast.FunctionDef() | ast.AsyncFunctionDef() if node is not case.function and not case.same(node):
            if _dressed(node) or isinstance(node, ast.AsyncFunctionDef):
                yield Finding(CODE, because("no_plain_function", name=node.name))
        case ast.Global(names=names) | ast.Nonlocal(names=names) if not case.same(node):
            yield from (Finding(STATE, name) for name in names)
        case ast.With() | ast.AsyncWith():
            yield from (
                Finding(POWER, because("enters", what=shown(item)))
                for item in node.items
                if not _entered(case, place, item)
            )
        case ast.Yield() | ast.YieldFrom() if _gives(case):
            pass
        # Under -O an assertion does not run, and what it binds is then not there.
        case ast.Assert(test=test) if not case.same(node) and any(isinstance(n, ast.NamedExpr) for n in ast.walk(test)):
            yield Finding(CODE, because("binds_in_assertion", what=shown(node)))
        case ast.Global() | ast.Nonlocal() | ast.withitem():
            pass
        case _ if not case.same(node) and (not isinstance(node, _USUAL) or getattr(node, "is_async", False)):
            yield Finding(CODE, because("unusual_code", kind=type(node).__name__, what=shown(node)))
        case _:
            pass


def _entered(case: Case, place: Place, item: ast.withitem) -> bool:
    """True when the old function entered the result of the same call, whatever its arguments."""
    if case.same(item):
        return True
    call = item.context_expr
    return isinstance(call, ast.Call) and case.known.key(place.at(call.func)) in case.entered


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[Finding]:
    for alias in node.names:
        module = alias.name if isinstance(node, ast.Import) else "." * node.level + (node.module or "")
        listed = lists.MODULES.get(module, frozenset())
        if not listed or (isinstance(node, ast.ImportFrom) and alias.name not in listed):
            yield Finding(POWER, module if isinstance(node, ast.Import) else f"{module}.{alias.name}".lstrip("."))


def _dressed(node: Function) -> bool:
    return bool(node.decorator_list or getattr(node, "type_params", ()))


def _gives(case: Case) -> bool:
    """True when the old function is a generator already."""
    # A function that becomes a generator runs nothing when it is called.
    return any(text.startswith(("Yield(", "YieldFrom(")) for text in case.dumps)
