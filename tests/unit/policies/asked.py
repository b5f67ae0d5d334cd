"""What parts of the rules of patches say of a piece of code, asked of them one by one; the pages lie in ``whole``."""

import ast
from collections.abc import Callable, Mapping
from functools import partial

from policies.patch import powers, scopes, text, uses, values
from tests.unit.policies.found import PATH, parsed

PLACED = """\
raise a.b(c.d)
raise a.b from c
isinstance(a, (b, c | d))
issubclass(a, b.c)
isinstance(a)
other(a, b)
type(a) == b
type(a) is not b.c
a == b
a.b.c(d=e)[f]
(a or b)(c)
x = a, b
@a.b
def g(c=d, *, e: f = h) -> i: return c
lambda a, b=c: a + b
[a for b in c if d]
{a: b for c in d for e in c}
async def k(c): return [a async for b in c]
try: a()
except (b, c.d) as e: f(e)
"""

DEFAULTS = """\
a.get(b, 1)
a.get(b)
a.pop(b, 2)
a.setdefault(b, 3)
a.other(b, 4)
getattr(a, b, 5)
getattr(a)
next(a, 6)
next(a)
other(a, 7)
a or 8 or 9
a and 10
11 if a else 12
(13, 14)[a]
[15, 16][a]
{a: 17}[b]
a[18]
lambda a, b=19, *, c=20, d: a
"""

NOWHERE = """\
1
-1
None
f"{1}"
f"{a}"
a
b
c
d
unknown
[b, 1]
[b, a]
str(b)
str(a)
len
other(1)
e
g
h
i
[j for j in (1, 2)]
[j for j in a]
(lambda k: k)(1)
(m := 1)
"""
"""Of a function with an argument ``a``."""

_AROUND = """\
def f(a):
    b = 1
    c = b
    d = a
    e: int = 2
    for g in (1, 2):
        pass
    for h in a:
        pass
    with a as i:
        pass
    return
"""

COMPUTING = {
    "one that computes": "def f(a):\n    return a + 1\n",
    "one that prints": "def f(a):\n    print(a)\n",
    "one of two": "import os\ndef f(a):\n    return os.listdir(a)\ndef g(a):\n    return a\n",
    "one that calls it": "import os\ndef f(a):\n    return os.listdir(a)\ndef g(a):\n    return f(a)\n",
    "two that call each other": "def f(a):\n    return g(a)\ndef g(a):\n    return f(a)\n",
    "one with a decorator": "@kept\ndef f(a):\n    return a\n",
    "one that waits": "async def f(a):\n    return a\n",
    "a method": "class A:\n    def f(self):\n        return 1\n",
    "none": "a = 1\n",
    "no Python": "def f(:\n",
    "one that changes what it is given": "def f(a):\n    a.append(1)\n",
    "one that changes what it made": "def f(a):\n    b = []\n    b.append(a)\n    return b\n",
    "one that changes the module's": "KEPT = []\ndef f(a):\n    KEPT.append(a)\n",
    "one that enters what it makes": "def f(a):\n    with a.lock():\n        return 1\n",
    "one that gives": "def f(a):\n    yield a\n",
    "one that imports": "def f(a):\n    import json\n    return json.dumps(a)\n",
    "one that imports what reaches out": "def f(a):\n    import os\n    return a\n",
    "one that calls its argument": "def f(a):\n    return a()\n",
}

REBOUND = {
    "the same": ("b = a", "b = a"),
    "another value": ("b = a", "b = c"),
    "one more": ("b = a", "b = a; c = a"),
    "by way of another": ("b = c; c = a", "b = c; c = d"),
    "by a loop": ("b = a", "for b in a: pass"),
    "another source of a loop": ("for b in a: c()", "for b in d: c()"),
    "another body of a loop": ("for b in a: c()", "for b in a: d()"),
    "a comprehension": ("b = a", "b = a; [b for b in c]"),
    "a deletion": ("b = a", "b = a; del b"),
    "a sum": ("b = a", "b = a; b += 1"),
    "a walrus": ("b = a", "b = a; (c := a)"),
    "an import": ("b = a", "b = a; import os.path; from c import d as e"),
    "a lambda": ("b = a", "b = a; (lambda b: b)"),
    "a type": ("b: int = a", "b: str = a"),
}


def _placed(code: str) -> list[str]:
    """Purpose of each name and attribute, and the names that are local there."""
    return [
        f"{text.shown(place.node)}: {place.position}{_local(place)}"
        for place in scopes.places(ast.parse(code))
        if isinstance(place.node, ast.Name | ast.Attribute)
    ]


def _local(place: scopes.Place) -> str:
    found = uses.chain(place.node)
    return ", local" if found and place.local(found[0]) is not None else ""


def _nowhere(code: str) -> list[str]:
    function, _ = parsed(_AROUND)
    return [str(values.from_nowhere(ast.parse(code, mode="eval").body, function))]


def _defaults(code: str) -> list[str]:
    return sorted(text.shown(value) for value in values.fallbacks(ast.parse(code))) or ["nothing"]


def _computing(code: str) -> list[str]:
    return list(powers.computing(code, PATH)) or ["nothing"]


def _rebound(old: str, new: str) -> list[str]:
    before, after = (parsed(f"def f(a, d):\n    {body}\n")[0] for body in (old, new))
    return sorted(uses.rebound(before, after)) or ["nothing"]


def _statements(code: str) -> list[str]:
    """One statement a line, with the lines that belong to it."""
    return [text.unparse(statement) for statement in ast.parse(code).body]


def _page(codes: list[str], told: Callable[[str], list[str]]) -> Mapping[str, Callable[[], list[str]]]:
    return {" ".join(code.split()).replace(" | ", "|"): partial(told, code) for code in codes}


PAGES: Mapping[str, Mapping[str, Callable[[], list[str]]]] = {
    "purposes of names": _page(_statements(PLACED), _placed),
    "values in the place of a default": _page(DEFAULTS.splitlines(), _defaults),
    "values from nowhere": _page(NOWHERE.splitlines(), _nowhere),
    "functions that only compute": {name: partial(_computing, code) for name, code in COMPUTING.items()},
    "names bound anew": {name: partial(_rebound, *texts) for name, texts in REBOUND.items()},
}
