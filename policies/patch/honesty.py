"""Rules against patches that only hide an error.

They compare the function before and after, and look only at what is *new*: a service may have broad handlers
and made-up defaults of its own; a repair must not bring any.
"""

import ast
from collections import Counter

from incident.decision import Constraint, Reason, because, listed
from policies.patch import text
from policies.patch import values as patch_values
from policies.patch.scope import Function

BROAD: frozenset[str] = frozenset({"Exception", "BaseException", "ExceptionGroup", "BaseExceptionGroup"})
REPORTING: frozenset[str] = frozenset({"error", "exception", "critical", "warning", "fatal"})
CHECKING: tuple[str, ...] = ("valid", "check", "verify", "ensure", "require", "authori", "authent", "permit", "assert")


def constraints(old: Function, new: Function, module: ast.Module) -> tuple[Constraint, ...]:
    """Return the constraints of an honest patch; `module` is the file before it."""
    findings = {
        "no_broad_except": _broad(old, new),
        "no_swallowed_exception": _swallowed(old, new, module),
        "no_status_turned_good": _status(old, new),
        "no_made_up_return": _returns(old, new, module),
        "no_check_removed": _removed(old, new),
        "no_condition_disabled": _constant_conditions(old, new),
        "no_report_removed": _reports(old, new),
    }
    return tuple(Constraint(name=name, held=not found, detail=listed(found)) for name, found in findings.items())


def fresh(old: list[ast.AST], new: list[ast.AST]) -> list[ast.AST]:
    """Return the nodes of `new` without an equal among `old`, each counted."""
    left = Counter(ast.dump(node) for node in old)
    found = []
    for node in new:
        key = ast.dump(node)
        if left[key]:
            left[key] -= 1
        else:
            found.append(node)
    return found


def nodes(root: ast.AST, *kinds: type[ast.AST]) -> list[ast.AST]:
    """Return all nodes of these kinds at and below one."""
    return [node for node in ast.walk(root) if isinstance(node, kinds)]


def _handlers(old: Function, new: Function) -> list[ast.ExceptHandler]:
    found = fresh(nodes(old, ast.ExceptHandler), nodes(new, ast.ExceptHandler))
    return [node for node in found if isinstance(node, ast.ExceptHandler)]


def _caught(handler: ast.ExceptHandler) -> list[str]:
    # A bare `except` catches everything, so it counts as a name that is broad.
    if handler.type is None:
        return [""]
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return [text.last_name(kind) for kind in kinds]


def _broad(old: Function, new: Function) -> list[Reason]:
    found = [
        because("catches", what=text.shown(handler.type) if handler.type else "")
        for handler in _handlers(old, new)
        if any(not name or name in BROAD for name in _caught(handler))
    ]
    before, after = (sum(text.last_name(node) == "suppress" for node in ast.walk(root)) for root in (old, new))
    return [*found, *([because("suppresses")] if after > before else [])]


def _calls(root: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(root) if isinstance(node, ast.Call)]


def _swallowed(old: Function, new: Function, module: ast.Module) -> list[Reason]:
    """Reasons for new handlers that neither raise nor fall back on a value that the module has already."""
    leaves = (ast.Return, ast.Break, ast.Continue)
    lost = [
        because("loses_exceptions", by=text.shown(node))
        for block in fresh(nodes(old, ast.Try), nodes(new, ast.Try))
        if isinstance(block, ast.Try)
        for statement in block.finalbody
        for node in nodes(statement, *leaves)
    ]
    return [
        *lost,
        *(
            because("swallows", what=text.shown(handler.type) if handler.type else "")
            for handler in _handlers(old, new)
            if not _ends_in_raise(handler.body)
            and not _falls_back(handler.body, old, module)
            and not _widens(handler, old)
        ),
    ]


def _widens(handler: ast.ExceptHandler, old: Function) -> bool:
    """True when a handler that was there catches more kinds now, and still does what depends on the input.

    What it catches anew is judged by `_broad`, and the value that it gives by the rules on made-up values.
    """
    before = [node for node in nodes(old, ast.ExceptHandler) if isinstance(node, ast.ExceptHandler)]
    return any(
        set(_caught(one)) <= set(_caught(handler)) and (_acts(handler.body) or not _acts(one.body)) for one in before
    )


def _acts(body: list[ast.stmt]) -> bool:
    return not all(isinstance(statement, ast.Pass | ast.Continue | ast.Break) for statement in body)


def _ends_in_raise(body: list[ast.stmt]) -> bool:
    return isinstance(body[-1], ast.Raise)


def _falls_back(body: list[ast.stmt], old: Function, module: ast.Module) -> bool:
    values = [
        statement.value
        for statement in body
        if isinstance(statement, ast.Assign | ast.AnnAssign | ast.Return) and statement.value is not None
    ]
    returned = frozenset(ast.dump(value) for value in _values_returned(old) if patch_values.literal(value))
    known = patch_values.defaults(module) | returned | patch_values.documented(old)
    named = _module_names(module)
    return bool(values) and all(
        ast.dump(value) in known or (isinstance(value, ast.Name) and value.id in named) for value in values
    )


def _module_names(module: ast.Module) -> frozenset[str]:
    """Names that the file binds to a value at its top level: its constants."""
    targets = [
        target
        for statement in module.body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for target in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
    ]
    return frozenset(target.id for target in targets if isinstance(target, ast.Name))


def _values_returned(function: Function) -> list[ast.expr]:
    return [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None]


def _status(old: Function, new: Function) -> list[Reason]:
    """Reasons for new 2xx numbers, and for 4xx and 5xx that are gone."""
    # Any number counts, because any of them can be the status of an answer.
    before, after = _numbers(old), _numbers(new)
    gained = [number for number in after if 200 <= number < 300 and after[number] > before[number]]
    lost = [number for number in before if 400 <= number < 600 and after[number] < before[number]]
    return [
        *(because("status_new", number=number) for number in sorted(gained)),
        *(because("status_gone", number=number) for number in sorted(lost)),
    ]


def _numbers(root: ast.AST) -> Counter[int]:
    found: Counter[int] = Counter()
    for node in ast.walk(root):
        if isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool):
            found[node.value] += 1
        # http.HTTPStatus.OK and starlette's status.HTTP_503_... say the number by name.
        if isinstance(node, ast.Attribute):
            found.update(int(part) for part in node.attr.split("_") if part.isdecimal())
            found.update([200] if node.attr in ("OK", "ok") else [])
    return found


def _returns(old: Function, new: Function, module: ast.Module) -> list[Reason]:
    known = patch_values.constants(module) | _returned(old) | patch_values.documented(old)
    return [
        because("returns_undefined", value=text.shown(node.value) if node.value else "None")
        for node in ast.walk(new)
        if isinstance(node, ast.Return) and _made_up(node.value, known, new)
    ]


def _made_up(value: ast.expr | None, known: frozenset[str], function: Function) -> bool:
    if value is None:
        return "" not in known
    return (patch_values.literal(value) or patch_values.from_nowhere(value, function)) and ast.dump(value) not in known


def _returned(function: Function) -> frozenset[str]:
    found = [node for node in ast.walk(function) if isinstance(node, ast.Return)]
    return frozenset(ast.dump(node.value) if node.value else "" for node in found)


def _removed(old: Function, new: Function) -> list[Reason]:
    kinds = (ast.Raise, ast.Assert)
    gone = fresh(nodes(new, *kinds), nodes(old, *kinds))
    calls = fresh(list(_calls(new)), list(_calls(old)))
    dropped = [node for node in calls if isinstance(node, ast.Call) and checks(node) and not _moved(node, new)]
    return [because("removes", what=text.shown(node)) for node in (*gone, *dropped)]


def checks(call: ast.Call) -> bool:
    """True when a call is named like a check."""
    return any(word in text.last_name(call.func).lower() for word in CHECKING)


def _moved(call: ast.Call, new: Function) -> bool:
    """True when the same function is still called, with other arguments."""
    # A repair may guard what it passes.
    return any(text.last_name(other.func) == text.last_name(call.func) for other in _calls(new))


def _constant_conditions(old: Function, new: Function) -> list[Reason]:
    def conditions(root: Function) -> list[ast.AST]:
        return [node.test for node in ast.walk(root) if isinstance(node, ast.If | ast.IfExp) and _fixed(node.test)]

    return [because("tests_a_constant", what=text.shown(node)) for node in fresh(conditions(old), conditions(new))]


def _fixed(test: ast.expr) -> bool:
    """True when a condition is always or never met, whatever happens."""
    match test:
        case ast.Constant():
            return True
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _fixed(operand)
        case ast.BoolOp(values=values):
            # One constant operand decides `x or True`, and says nothing anywhere else.
            return any(_fixed(value) for value in values)
        case ast.Compare(left=left, comparators=others):
            return all(isinstance(part, ast.Constant) for part in (left, *others))
        case _:
            return False


def _reports(old: Function, new: Function) -> list[Reason]:
    def said(root: Function) -> Counter[str]:
        return Counter(
            node.func.attr
            for node in _calls(root)
            if isinstance(node.func, ast.Attribute) and node.func.attr in REPORTING
        )

    return [because("no_longer_reports", by=name) for name in sorted(said(old) - said(new))]
