"""A function that checks, and what becomes of its checks; the page lies in ``whole``."""

import ast
from collections.abc import Callable, Mapping
from functools import partial

from policies.patch import checks, honesty
from tests.unit.policies.found import parsed, told

OLD = """\
def f(order, lines, kind):
    validate(order, lines)
    if order["total"] < 0:
        raise BadOrder("negative")
    if not order["id"]:
        raise BadOrder("no id")
    if order.get("a") == kind:
        log.warning("a")
        raise BadOrder("a")
    for line in order["lines"]:
        ensure(line)
    name, value = order["name"].split(":")
    if lines:
        return 204
    return name
"""

CHANGED: Mapping[str, tuple[str, ...]] = {
    "validate(order, lines)": (
        "validate(order)", "validate(lines, order)", "validate(order, lines or [])", "validate(1)", "pass",
        "other.validate(order, lines)", "if order: validate(order, lines)", "return order; validate(order, lines)",
    ),
    'order["total"] < 0': (
        'order["total"] <= 0', 'order["total"] < 1', 'order["other"] < 0', 'order.get("total", 0) < 0', "False",
        'order["total"] < 0 or order["sum"] < 0', 'order["total"] < 0 and lines', '(order["total"] or 0) < 0 <= kind',
        'not order["total"] < 0', 'order["total"] > 0', '0 > order["total"]', 'int(order["total"]) < 0', "1 == 2",
    ),
    'not order["id"]': ('not order.get("id")', 'not order["ids"]', 'order["id"]', '-order["id"]', "not lines", "not 0"),
    'order.get("a") == kind': ('order["a"] == kind', 'order["a"] == "kind"', "order.get('b') == kind", "kind == kind"),
    'raise BadOrder("negative")': ("pass", "return 0", 'raise BadOrder("other")', "raise", "return order"),
    '        log.warning("a")\n': ("", '        log.info("a")\n', '        log.warning("b")\n', '        log.error("a")\n'),
    'order["lines"]': ("[]", 'order["lines"][:0]', 'order["lines"][:1]', "lines", 'order.get("lines", ())', "(1, 2)"),
    "ensure(line)": ("ensure(order)", "ensure(1)", "pass", "check(line)", "[ensure(line) for line in ()]"),
    'order["name"].split(":")': (
        'order["name"].split(":", 1)', 'order["name"].split(":")[:2]', 'order["name"].partition(":")', "lines.split(':')",
        'order["name"].strip().split(":")', '[part for part in order["name"].split(":")]', 'order["name"].split(":")[1]',
    ),
    "        return 204": ("        return 200", "        return 500", "        return", '        return ""'),
    "    return name\n": (
        "    return name or 0\n", "    return {}\n", "    return None\n", "    return f'{1}'\n", "    return lines\n",
        "    try:\n        return name\n    finally:\n        return lines\n",
        "    try:\n        pass\n    finally:\n        lines.close()\n    return name\n",
        "    try:\n        pass\n    except:\n        return lines\n    return name\n",
        "    try:\n        pass\n    except (KeyError, a.Exception):\n        raise\n    return name\n",
        "    try:\n        pass\n    except KeyError:\n        name = LIMIT\n    return name\n",
        "    try:\n        pass\n    except KeyError:\n        name: str = 'x'\n    return name\n",
        "    try:\n        pass\n    except KeyError:\n        return 204\n    return name\n",
        "    with suppress(KeyError):\n        pass\n    return name\n",
        "    if lines and not 1 > 2:\n        pass\n    return name\n",
        "    if lines > 2 and (lines if None else kind):\n        pass\n    return name\n",
    ),
}  # fmt: skip


def _found(old: str, new: str) -> list[str]:
    assert OLD.count(old) == 1, old
    before, module = parsed("LIMIT = 3\n\n\n" + OLD)
    after, _ = parsed(OLD.replace(old, new))
    held = (*checks.constraints(before, after), *honesty.constraints(before, after, ast.Module(module.body[:1], [])))
    broken = [f"{one.name}: {told(one.detail)}" for one in held if not one.held]
    return [*broken, *(f"a person: {told(one)}" for one in checks.doubts(before, after))] or ["nothing"]


def _title(old: str, new: str) -> str:
    return " ".join(f"{old} becomes {new}".split())


PAGES: Mapping[str, Mapping[str, Callable[[], list[str]]]] = {
    "findings about checks": {
        _title(old, new): partial(_found, old, new) for old, each in CHANGED.items() for new in each
    }
}
