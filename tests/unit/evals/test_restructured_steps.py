"""Changes inside one file of a service: comments away, another order, helpers.  Text to text."""

import ast
import random

import pytest

from evals.bench.repair.restructured import helpers, order
from evals.bench.repair.restructured.bare import bare

NOTHING: frozenset[str] = frozenset()
SEEDS = range(8)


def _functions(text: str) -> list[str]:
    return [item.name for item in ast.parse(text).body if isinstance(item, ast.FunctionDef)]


def test_comments_and_docstrings_go_and_code_stays() -> None:
    text = bare(
        '''\
"""A file."""
# Of the file.
LIMIT = 3  # Items.
"""Says what the limit is."""


def f(a):  # noqa: ANN001
    """Says what it is."""
    # Why.
    return (
        a  # The first.
        + "# no comment"
    )


class Empty(Exception):
    """Nothing but words."""


def g(): "one line"
'''
    )
    assert ast.unparse(ast.parse(text)) == (
        "LIMIT = 3\n\ndef f(a):\n    return a + '# no comment'\n\nclass Empty(Exception):\n    pass\n\ndef g():\n    pass"
    )
    assert text.count("#") == 1


def test_docstrings_stay_where_they_are_kept_and_comments_go() -> None:
    text = bare('"""A file."""\n# Of the file.\nLIMIT = 3  # Items.\n"""Of items."""\n', documented=True)
    assert text == '"""A file."""\nLIMIT = 3\n"""Of items."""\n'


THREE = """\
def a():
    return b()


def b():
    return 1


def c(value: int = 2) -> int:
    return value


TABLE = {1: a}
"""


def test_functions_change_places_and_what_needs_them_at_import_stays_behind_them() -> None:
    for seed in SEEDS:
        text = order.shuffled(THREE, random.Random(seed))
        assert sorted(_functions(text)) == ["a", "b", "c"]
        assert _functions(text) != ["a", "b", "c"]
        assert text.rstrip().endswith("TABLE = {1: a}")
        assert ast.dump(ast.parse(order.shuffled(THREE, random.Random(seed)))) == ast.dump(ast.parse(text))


@pytest.mark.parametrize(
    "second",
    [
        "@a\ndef b(x):\n    return x",
        "def b(x=a):\n    return x",
        "def b(x: a):\n    return x",
        "def b(x=print()):\n    return x",
        "def a(x):\n    return x",
        "class B:\n    x = a",
    ],
)
def test_what_runs_when_it_is_defined_stays_between_its_neighbours(second: str) -> None:
    text = f"def a(x):\n    return x\n\n\n{second}\n\n\ndef c(x):\n    return x\n"
    for seed in SEEDS:
        assert order.shuffled(text, random.Random(seed)) == text


def _all_out(body: str) -> helpers.Extracted:
    """Every value that may be taken out of a function with this body."""
    chance = random.Random()
    chance.random = lambda: 0.0  # type: ignore[method-assign]  # always below the share
    return helpers.extracted(f"import re\nLIMIT = 3\n\n\ndef f(a, b):\n{body}", NOTHING, chance)


def test_a_value_becomes_a_function_of_the_names_that_it_reads() -> None:
    out = _all_out("    found = [x for x in a if x > LIMIT]\n    return sum(found) + b\n")
    assert ast.unparse(ast.parse(out.text)).split("\n\n", 1)[1] == (
        "def _part1(a):\n    return [x for x in a if x > LIMIT]\n\n"
        "def _part2(found, b):\n    return sum(found) + b\n\n"
        "def f(a, b):\n    found = _part1(a)\n    return _part2(found, b)"
    )
    assert [(one.name, one.first, one.last) for one in out.helpers] == [("_part1", 6, 6), ("_part2", 7, 7)]


@pytest.mark.parametrize(
    "body",
    [
        "    return re.sub(a, lambda found: found.group(), b)\n",
        "    for at, item in enumerate(a):\n        found = item * b\n    return at\n",
        "    with open(a) as file:\n        found = file.read(b)\n    return a\n",
        "    if a:\n        b = 1\n        return a + b\n    return b\n",
        "    try:\n        return int(a)\n    except ValueError:\n        return b\n",
        "    return(a + b)\n",
    ],
)
def test_values_of_every_block_can_be_taken_out(body: str) -> None:
    out = _all_out(body)
    assert len(out.helpers) == 1
    ast.parse(out.text)


@pytest.mark.parametrize(
    "body",
    [
        "    return a\n",
        "    return LIMIT + 1\n",
        "    return (c := a + 1)\n",
        "    return (yield a + 1)\n",
        "    if a:\n        c = 1\n    return b if b else c + 1\n",
        "    for c in a:\n        pass\n    return c + 1\n",
        "    return a if a else missing + 1\n",
        "    del a\n    return a + 1\n",
        "    try:\n        pass\n    except ValueError as c:\n        return str(c)\n",
        "    global LIMIT\n    LIMIT = a\n",
        "    c = lambda: b + 1\n    b = 2\n    return c\n",
        "    for c in a:\n        d = lambda: c + 1\n    return d\n",
        "    def inner(c):\n        return c + 1\n    return inner\n",
        "    match a:\n        case c:\n            return c + 1\n",
        "    a, b = b[0], a[0]\n",
    ],
)
def test_a_value_that_may_be_another_one_elsewhere_stays(body: str) -> None:
    assert _all_out(body).helpers == ()


@pytest.mark.parametrize("awaited", ["await a.json()", "[x async for x in a]"])
def test_a_value_that_waits_stays(awaited: str) -> None:
    text = f"async def f(a):\n    return {awaited}\n"
    assert all(not helpers.extracted(text, NOTHING, random.Random(seed)).helpers for seed in SEEDS)


def test_methods_stay_whole_and_no_helper_takes_a_name_that_is_there() -> None:
    text = "class A:\n    def f(self):\n        return self.x.pop()\n"
    assert all(helpers.extracted(text, NOTHING, random.Random(seed)).helpers == () for seed in SEEDS)
    taken = frozenset({"_part1"})
    outs = [helpers.extracted("def f(a):\n    return a + 1\n", taken, random.Random(seed)) for seed in SEEDS]
    assert {one.name for out in outs for one in out.helpers} == {"_part2"}
