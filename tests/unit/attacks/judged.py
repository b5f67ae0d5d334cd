"""Decisions about powers, by page and patch; the pages lie in ``tests/unit/policies/whole``."""

import ast
from collections.abc import Callable, Mapping
from functools import partial

from evals.attacks.powers import judge
from evals.attacks.powers.aimed import AIMED
from evals.attacks.powers.mends import HEAD, MENDS
from evals.attacks.powers.powerful import MODULE as POWERFUL
from evals.attacks.powers.written import WRITTEN
from incident.decision import Decision

HOSTILE, ELSEWHERE, RIGHT = (
    "patch_rules.inspect of hostile patches",
    "patch_rules.inspect of powers aimed elsewhere",
    "patch_rules.inspect of right mends",
)


def _named(source: str) -> str:
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    return function.name


PAGES: Mapping[str, Mapping[str, Callable[[], Decision]]] = {
    HOSTILE: {name: partial(judge.inspected, text, function) for name, (function, text) in WRITTEN.items()},
    ELSEWHERE: {name: partial(judge.inspected, text, function, POWERFUL) for name, (function, text) in AIMED.items()},
    RIGHT: {
        name: partial(judge.inspected, HEAD + after, _named(before), HEAD + before)
        for name, (before, after) in MENDS.items()
    },
}
