"""A docstring begins with what a thing is: a noun, a verb or "True when", and no question word."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
QUESTIONS = frozenset({"how", "that", "what", "when", "where", "whether", "which", "who", "whom", "whose", "why"})
DONE = ("agents", "evals", "graph", "incident", "policies", "tools")
"""Folders that hold to it; a folder that was gone through is added here."""
APART = (
    "evals/bench/repair/services",  # services that are repaired: their text is data of the bench and the lab
    "evals/lab/faults",
    "evals/lab/shop",
)


def docstrings(text: str) -> list[str]:
    """Docstrings of a module, of its classes and functions, and the texts below its constants and fields."""
    texts = (node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Expr))
    return [text.value for text in texts if isinstance(text, ast.Constant) and isinstance(text.value, str)]


def questions(text: str) -> list[str]:
    words = ((told.split() or [""])[0].strip("`*.,:").lower() for told in docstrings(text))
    return [word for word in words if word in QUESTIONS]


def _is_apart(path: Path) -> bool:
    return any(path.is_relative_to(ROOT / folder) for folder in APART)


@pytest.mark.parametrize("folder", DONE)
def test_no_docstring_begins_with_a_question_word(folder: str) -> None:
    paths = (path for path in (ROOT / folder).rglob("*.py") if not _is_apart(path))
    texts = {path: path.read_text(encoding="utf-8") for path in paths}
    assert texts
    assert {str(path.relative_to(ROOT)): found for path, text in texts.items() if (found := questions(text))} == {}


def test_control_a_question_is_seen_in_each_place() -> None:
    text = '''"""What it is."""
WAIT = 1
"""Whether."""
class Box:
    """`Which` one."""
    size: int
    """Where."""
    def open(self):
        """How."""
        return """who"""
'''
    assert questions(text) == ["what", "whether", "which", "where", "how"]
