"""A whole service restructured: new names, and bugs under them.  Text to text; tests/integration/repair runs the services."""

import ast
import random
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from evals.bench.repair import bugs, layout, places
from evals.bench.repair.planted import Bug
from evals.bench.repair.restructured import bland, source
from evals.bench.repair.restructured.bug import changed

SEEDS = range(8)
FEW = (2, 3)


def _names(text: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


def _run(text: str) -> dict[str, object]:
    found: dict[str, object] = {}
    exec(compile(text, "<service>", "exec"), found)
    return found


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
    assert callable(function)
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
    [
        "print(locals())\n",
        "x = getattr(1, 'real')\n",
        "print(__doc__)\n",
        "x = 1\nprint(f'{x=}')\n",
        "PATH = 'services.shop.prices.total'\n",
    ],
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


@pytest.mark.parametrize("documented", [True, False])
def test_docstrings_stay_where_they_are_kept(tmp_path: Path, documented: bool) -> None:
    bug = changed(_bug("billing-no-days"), 1, documented=documented)
    layout.write(tmp_path, bug.service, bug)
    text = (tmp_path / "services" / bug.service / bug.path).read_text(encoding="utf-8")
    assert ('"""A price by the day' in text) == documented
    assert f"def {bug.function}(" in text


def test_a_method_keeps_its_name() -> None:
    assert changed(_bug("real-bip-luigi-13"), 1).function == "Store.move"


def test_where_lines_were_left_out_what_follows_them_is_wrong() -> None:
    assert {len(moved) for moved in _moved("feeds-empty-digest")} == {0, 1}


def test_a_helper_of_another_line_is_not_where_the_bug_is() -> None:
    """Here the value above the wrong `except` is taken out."""
    assert set(_moved("feeds-unreadable-views")) == {frozenset()}
