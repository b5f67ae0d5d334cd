"""Each change of a service's source alone, text to text; that behaviour stays is run in tests/integration/repair."""

import ast
import random
import re
from collections.abc import Callable, Iterator, Mapping

import pytest

from evals.bench.repair import bugs, places
from evals.bench.repair.planted import Bug
from evals.bench.repair.restructured import bland, helpers, order, source
from evals.bench.repair.restructured.bare import bare
from evals.bench.repair.restructured.bug import changed

NOTHING: frozenset[str] = frozenset()
SEEDS = range(8)
FEW = (2, 3)


def _functions(text: str) -> list[str]:
    return [item.name for item in ast.parse(text).body if isinstance(item, ast.FunctionDef)]


def _names(text: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


def _run(text: str) -> dict[str, object]:
    found: dict[str, object] = {}
    exec(compile(text, "<service>", "exec"), found)
    return found


# Comments


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


# Order

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


# Helpers


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


# Names

SHOP: Mapping[str, str] = {
    "__init__.py": "",
    "app.py": """\
from services.shop import prices
from services.shop.prices import total as added


def handler(request):
    body = request.json()
    return {"total": prices.total(body["lines"]), "again": added(lines=body["lines"]), "body": prices.label(body)}


routes = [handler]
""",
    "prices.py": """\
import functools

RATE = 2


def total(lines, start=0):
    found = start
    for line in lines:
        found += line * RATE
    return found


def label(text):
    names = {key: value for key, value in text.items()}
    return ", ".join(f"{name}: {len(names)!r:>{RATE}}" for name in sorted(names, key=lambda name: name.lower()))


@functools.cache
def cached(number):
    return number


class Till:
    cents: int = 0

    def take(self, amount):
        self.cents += amount
        return self.cents
""",
    "tests/test_shop.py": """\
from services.shop import prices


def test_total():
    lines = [1, 2]
    assert prices.total(lines) == 6
    assert prices.Till().take(2) == 2
""",
}


def _shop(seed: int, **more: str) -> source.Restructured:
    files = {**SHOP, **{f"{name}.py": text for name, text in more.items()}}
    return source.restructured("shop", files, seed)


def test_functions_have_a_new_name_wherever_they_are_named() -> None:
    for seed in SEEDS:
        shop = _shop(seed)
        total, label = shop.functions["prices.py"]["total"], shop.functions["prices.py"]["label"]
        handler = shop.functions["app.py"]["handler"]
        assert len({total, label, handler, "total", "label", "handler"}) == 6
        assert f"def {total}(" in shop.files["prices.py"]
        assert f"import {total} as added" in shop.files["app.py"]
        assert f"prices.{total}(" in shop.files["app.py"]
        assert f"[{handler}]" in shop.files["app.py"]
        assert f"prices.{total}(lines) == 6" in shop.files["tests/test_shop.py"]
        assert '"total":' in shop.files["app.py"]


def test_local_names_are_new_and_what_is_known_elsewhere_keeps_its_name() -> None:
    shop = _shop(1)
    words = set(re.findall(r"\w+", shop.files["prices.py"]))
    assert not {"found", "line", "start", "names", "value", "text", "name", "amount"} & words
    assert {"lines", "RATE", "self", "cached", "number", "Till", "take", "cents"} <= words
    assert "lines" in _names(shop.files["tests/test_shop.py"])


def test_a_seed_gives_one_result_and_another_seed_another() -> None:
    assert _shop(1) == _shop(1)
    assert _shop(1).files["prices.py"] != _shop(2).files["prices.py"]


def test_behaviour_stays() -> None:
    before = _run(SHOP["prices.py"])
    for seed in SEEDS:
        shop = _shop(seed)
        after, new = _run(shop.files["prices.py"]), shop.functions["prices.py"]
        for name, argument in (("total", [1, 2]), ("label", {"B": 1, "a": 2})):
            assert _call(after[new[name]], argument) == _call(before[name], argument)


def _call(function: object, argument: object) -> object:
    assert isinstance(function, Callable)  # type: ignore[arg-type]
    return function(argument)


@pytest.mark.parametrize(
    "other",
    [
        "from services.shop import prices\n\nalias = prices\n",
        "from services.shop import prices\n\nprices.total = None\n",
        "import services.shop.prices\n",
        "from services.shop.prices import *\n",
        "from .prices import total\n",
        "from services.shop import prices\n\nprices.totals(1)\n",
        "try:\n    from services.shop.prices import total\nexcept ImportError:\n    total = None\n\n\ndef f():\n    return total\n",
    ],
)
def test_a_function_in_doubt_keeps_its_name(other: str) -> None:
    assert "total" not in _shop(1, other=other).functions["prices.py"]


def test_a_slip_and_what_it_may_mean_keep_their_names() -> None:
    text = "def f(person):\n    lead = person\n    team = person\n    return lead if team else leads\n"
    names = _names(_shop(1, other=text).files["other.py"])
    assert {"lead", "leads"} <= names
    assert not {"person", "team"} & names


@pytest.mark.parametrize(
    "text",
    ["print(locals())\n", "x = getattr(1, 'real')\n", "print(__doc__)\n", "PATH = 'services.shop.prices.total'\n"],
)
def test_a_service_that_looks_at_its_own_names_is_refused(text: str) -> None:
    with pytest.raises(LookupError, match="looked at"):
        _shop(1, other=text)


def test_new_names_are_words_that_nobody_has_and_no_two_are_the_same() -> None:
    drawn = _first(bland.names(frozenset({"alder"}), random.Random(1)), 400)
    assert len(set(drawn)) == 400
    assert "alder" not in drawn
    assert all(name.isidentifier() for name in drawn)


def _first(names: Iterator[str], number: int) -> list[str]:
    return [next(names) for _ in range(number)]


# Bugs


def _bug(name: str) -> Bug:
    return next(bug for bug in bugs.BUGS if bug.name == name)


def _moved(name: str) -> list[frozenset[str]]:
    return [changed(_bug(name), seed).moved for seed in FEW]


def test_a_bug_is_located_under_its_new_name_and_in_the_helper_that_it_was_moved_to() -> None:
    bug = _bug("feeds-renamed-field")
    path = f"services/{bug.service}/{bug.path}"
    for seed in FEW:
        other = changed(bug, seed)
        assert other.function != bug.function
        assert all(places.is_wrong(other, path, name) for name in (other.function, *other.moved))
        assert not places.is_wrong(other, path, bug.function)
        assert (other.failing, other.hidden, other.restructured) == (bug.failing, bug.hidden, seed)
    assert {len(moved) for moved in _moved("feeds-renamed-field")} == {0, 1}


def test_a_method_keeps_its_name() -> None:
    assert changed(_bug("real-bip-luigi-13"), 1).function == "Store.move"


def test_where_lines_were_left_out_what_follows_them_is_wrong() -> None:
    assert {len(moved) for moved in _moved("feeds-empty-digest")} == {0, 1}


def test_a_helper_of_another_line_is_not_where_the_bug_is() -> None:
    """Here the value above the wrong `except` is taken out."""
    assert set(_moved("feeds-unreadable-views")) == {frozenset()}
