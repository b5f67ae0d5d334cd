"""Check ``guarded``: where some input is turned away, the failing one is not let in."""

import ast
import re
from collections.abc import Iterator

from incident.proof import Check
from incident.remedy import Patch
from tools.proof.checks import words
from tools.proof.checks.trial import Batch

NAMED = re.compile(
    r"valid|check|verif|ensure|require|author|authent|permi|allow|den(?:y|ied)|forbid|refus|reject|filter|sign(?:ed|ature)?$"
    r"|hmac|digest|secret|password|token|csrf",
    re.IGNORECASE,
)
"""Names of functions that turn something away, or handle what proves who somebody is."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def check(patched: Batch, patch: Patch) -> Check:
    """``guarded``: unknown where a function that turns some input away lets the failing one in.

    Whether the input may pass is what such a function decides, and one failing request does not tell it.
    """
    name, found = "guarded", turns_away(patch)
    if not found:
        return words.passed(name, f"{patch.function} turns nothing away")
    if patched.broken or not patched.replies or patched.replies[0].status is None:
        return words.unknown(name, "there is no answer")
    status = patched.replies[0].status
    if 400 <= status < 500:
        return words.passed(name, f"{patch.function} turns input away ({found}), and the failing request with it")
    return words.unknown(name, f"{patch.function} turns input away ({found}), and now lets the failing request in")


def turns_away(patch: Patch) -> str:
    """The way in which the function turns input away, in words; empty when it does not.  One that cannot be read may.

    A private function of one ``return`` is a part of those that call it, and they are read together.
    """
    edit = next((item for item in patch.edits if item.path == patch.path), None)
    function = None if edit is None or edit.before is None else _function(edit.before, patch.function)
    if edit is None or edit.before is None or function is None:
        return "its source cannot be read"
    near = _near(ast.parse(edit.before), function)
    told = ((one, _told(one)) for one in (function, *near))
    return next((said if one is function else f"{said}, in {one.name}" for one, said in told if said), "")


def _told(function: _Function) -> str:
    if NAMED.search(function.name):
        return f"it is called {function.name}"
    return next(filter(None, map(_sign, ast.walk(function))), "")


def _near(tree: ast.Module, function: _Function) -> Iterator[_Function]:
    """The file's functions that are one with this one: private ones of one ``return`` that it calls, or its callers if it is such a one."""
    top = [one for one in tree.body if isinstance(one, _Function) and one.name != function.name]
    yield from (one for one in top if _is_part(one) and one.name in _called(function))
    yield from (one for one in top if _is_part(function) and function.name in _called(one))


def _is_part(function: _Function) -> bool:
    body = [item for item in function.body if not (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))]
    return function.name.startswith("_") and len(body) == 1 and isinstance(body[0], ast.Return)


def _called(function: _Function) -> frozenset[str]:
    calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return frozenset(called.id for called in calls if isinstance(called, ast.Name))


def _sign(node: ast.AST) -> str:
    match node:
        case ast.Raise(exc=ast.expr() as exc):
            return f"raise {ast.unparse(exc)[:60]}"
        case ast.Assert():
            return "assert"
        case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called)) if NAMED.search(called):
            return f"{called}()"
        case ast.comprehension(ifs=[first, *_]):
            return f"if {ast.unparse(first)[:60]}"
        case _:
            return ""


def _function(text: str, dotted: str) -> _Function | None:
    try:
        scope: list[ast.stmt] = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError):
        return None
    *outer, last = dotted.split(".")
    for part in outer:
        inner = next((item for item in scope if isinstance(item, ast.ClassDef | _Function) and item.name == part), None)
        if inner is None:
            return None
        scope = inner.body
    found = [item for item in ast.walk(ast.Module(body=scope, type_ignores=[])) if isinstance(item, _Function)]
    return next((item for item in found if item.name == last), None)
