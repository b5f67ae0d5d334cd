"""Functions of the service's other modules: a patch may call those that only compute, and their source says which do."""

from graph.evidence import siblings

UNITS = """
import os
from decimal import Decimal

from services.shop import raw

FACTORS = {"g": 1, "kg": 1000}
SEEN = []


def grams(text):
    number, _, unit = text.partition(" ")
    return Decimal(number) * factor(unit)


def factor(unit):
    return FACTORS.get(unit.lower(), 1)


def where():
    return os.environ["HOME"]


def kept(text):
    SEEN.append(text)
    return text


def through(text):
    return kept(text)


def sent(text):
    return raw.send(text)


@cached
def dressed(text):
    return text
"""

FILES = {
    "services/shop/units.py": UNITS,
    "services/shop/deep/__init__.py": "def plain(text):\n    return text.strip()\n",
}


def computing(text: str, path: str = "services/shop/orders.py") -> tuple[str, ...]:
    return siblings.computing(FILES.get, path, text)


def test_a_module_tells_which_of_its_functions_only_compute() -> None:
    found = computing("from services.shop import units\n")
    assert found == ("services.shop.units.factor", "services.shop.units.grams")


def test_however_it_is_imported() -> None:
    assert computing("from services.shop.units import grams, where\n") == ("services.shop.units.grams",)
    assert computing("from .units import grams, where\n") == (".units.grams",)
    assert computing("from . import units\n") == ("..units.factor", "..units.grams")
    assert computing("import services.shop.units\n") == ("services.shop.units.factor", "services.shop.units.grams")
    assert computing("from services.shop.deep import plain\n") == ("services.shop.deep.plain",)
    assert computing("from ..units import grams\n", "services/shop/deep/a.py") == ("..units.grams",)


def test_what_is_not_the_services_own_or_cannot_be_read_tells_nothing() -> None:
    assert computing("import json, os\nfrom other import units\nfrom services.shop import missing\n") == ()
    assert computing("def (\n") == ()
    assert (
        siblings.computing({"services/shop/units.py": "def (\n"}.get, "services/shop/a.py", "from . import units\n")
        == ()
    )
