"""Test modules stand alone: what several of them need lies in plain modules beside them."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
IMPORT = re.compile(r"^(?:import tests\S*|from tests\S* import (?:\([^)]*\)|.*))", re.MULTILINE)
"""At the beginning of a line, also of a program that a test gives to a child."""
POLICIES = ROOT / "tests" / "unit" / "policies"
"""Its golden cases are still taken from the test modules themselves."""


def borrowed(text: str) -> list[str]:
    """The imports that name a test module."""
    return [found for found in IMPORT.findall(text) if re.search(r"\btest_", found)]


def test_no_module_imports_a_test_module() -> None:
    sources = (path for folder in ("tests", "evals", "notebooks") for path in (ROOT / folder).rglob("*.py"))
    found = {
        str(path.relative_to(ROOT)): borrowed(path.read_text(encoding="utf-8"))
        for path in sources
        if not path.is_relative_to(POLICIES)
    }
    assert len(found) > 300
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_control_each_way_of_importing_one_is_found() -> None:
    for line in (
        "import tests.unit.test_a",
        "from tests.unit.test_a import row",
        "from tests.unit import (\n    given,\n    test_a,\n)",
        "x = 1\nfrom tests.unit import rows, test_a as other\n",
    ):
        assert len(borrowed(line)) == 1, line
    assert borrowed("from tests.unit.rows import row\nfrom tests.unit import rows") == []
