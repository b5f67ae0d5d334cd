"""Product code knows nothing of the lab: no service, no kind of user, no fault, no scenario is named in it."""

import re
import tomllib
from pathlib import Path

import pytest

from evals.lab import faults, repository
from evals.lab.traffic import users
from evals.scenarios import spec

ROOT = Path(__file__).parents[3]
PRODUCT = ("incident", "tools", "policies", "agents", "graph")
OUR_OWN = frozenset({"ledger", "notify", "checkout"})
"""Services of the shop that are called like two ports of ours, and like what git writes into a folder."""
SIMULATED = ROOT / "tools" / "scripted"
"""A world of its own with a bug of its own, for tests and notebooks: no agent, policy or node reads it."""


def services() -> frozenset[str]:
    with (repository.SHOP / "suture.toml").open("rb") as file:
        return frozenset(tomllib.load(file)["services"])


def planted() -> frozenset[str]:
    """Keys that a fault plants, wakes or reads wrongly, and the shared library of the shop."""
    return frozenset({"membership", "minimum_cents", "voucher", "vouchers", "warehouse", "shopkit", "terms_by_tier"})


def forbidden() -> frozenset[str]:
    kinds = {kind for kind in users.kinds() if "_" in kind}  # the others are plain words, like stock
    folders = {path.parent.name[3:] for path in spec.FOLDER.glob("*/scenario.yaml")}
    return (services() - OUR_OWN) | planted() | frozenset({*kinds, *faults.names()}) | folders


def found(text: str, words: frozenset[str]) -> list[str]:
    """Which of the words stand in a text, whole, in any case, also as part of a snake_case name."""
    lowered = text.lower()
    return sorted(word for word in words if re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", lowered))


def sources() -> list[Path]:
    found = (path for package in PRODUCT for path in (ROOT / package).rglob("*") if path.suffix in (".py", ".md"))
    return sorted(path for path in found if not path.is_relative_to(SIMULATED))


@pytest.mark.parametrize("package", PRODUCT)
def test_product_code_names_nothing_of_the_lab(package: str) -> None:
    words = forbidden()
    told = {
        str(path.relative_to(ROOT)): named
        for path in sources()
        if path.is_relative_to(ROOT / package) and (named := found(path.read_text(encoding="utf-8"), words))
    }
    assert told == {}


def test_control_the_lab_itself_names_them() -> None:
    text = (repository.SHOP / "services" / "payment" / "app.py").read_text(encoding="utf-8")
    assert "payment" in found(text, forbidden())
    assert found("def payment_of(x): ...", forbidden()) == ["payment"]
    assert found("repayments of inventories", forbidden()) == []


def test_there_is_something_to_look_through_and_to_look_for() -> None:
    assert len(sources()) > 50
    assert services() >= OUR_OWN
    assert len(forbidden()) > 15


def test_the_simulated_world_is_used_by_nobody_but_its_own_command() -> None:
    inside = re.compile(r"^\s*(from|import) tools(\.| import )scripted\b", re.MULTILINE)
    assert [path for path in sources() if inside.search(path.read_text(encoding="utf-8"))] == []
