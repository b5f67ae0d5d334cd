"""What is imported is declared, and what is declared is imported."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[3]
OURS = ("agents", "evals", "graph", "incident", "policies", "suture", "tools")
ELSEWHERE = ("evals/lab/shop", "evals/lab/faults", "evals/bench", "evals/traces")
"""Services, with requirements of their own; benches and what notebooks draw with, which have groups of dependencies."""

PROGRAMS = frozenset({"uv"})
"""Declared because their program is run."""

TYPES = frozenset({"_typeshed"})


def imported() -> dict[str, str]:
    """Top-level packages that the product imports, each with a file that does."""
    found: dict[str, str] = {}
    for folder in OURS:
        for path in (ROOT / folder).rglob("*.py"):
            name = str(path.relative_to(ROOT))
            if not name.startswith(ELSEWHERE):
                found.update(dict.fromkeys(_packages(path.read_text()), name))
    known = {*OURS, *sys.stdlib_module_names, *TYPES}
    return {package: name for package, name in found.items() if package not in known}


def _packages(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (item.name.partition(".")[0] for item in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def declared() -> set[str]:
    """Names of the declared distributions."""
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    return {re.split(r"[<>=!~\[ ;]", item)[0].lower() for item in listed}


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    by_package = metadata.packages_distributions()
    used: dict[str, set[str]] = {
        package: {name.lower().replace("_", "-") for name in by_package.get(package, ())} for package in imported()
    }
    assert {package: imported()[package] for package, names in used.items() if not names & declared()} == {}
    assert declared() - PROGRAMS - set[str]().union(*used.values()) == set()


def test_every_dependency_has_bounds() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert [item for item in listed if ">=" not in item] == []
    assert [item for item in listed if "<" not in item and item.partition(">")[0] not in PROGRAMS] == []
