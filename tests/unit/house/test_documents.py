"""Documents that people read: lines that fit beside code, and links that lead somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
WIDTH = 110
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def prose(text: str) -> Iterator[str]:
    """Its lines without blocks of code and rows of tables, which cannot be wrapped."""
    fenced = False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and not line.lstrip().startswith("|"):
            yield line


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_line_is_at_most_as_wide_as_two_windows_allow(document: Path) -> None:
    assert [line for line in prose(document.read_text()) if len(line) > WIDTH] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    found = (
        link for link in LINK.findall(document.read_text()) if "://" not in link and not link.startswith("mailto:")
    )
    assert [link for link in found if not (document.parent / link).exists()] == []


def test_control_a_long_line_and_a_code_block_are_told_apart() -> None:
    long = "x" * (WIDTH + 1)
    assert list(prose(f"{long}\n```\n{long}\n```\n| {long} |\n")) == [long]


PATHS = re.compile(
    r"`((?:agents|docs|evals|graph|incident|notebooks|policies|suture|tests|tools)/[a-zA-Z_./-]*[a-z_/])`"
)


@pytest.mark.parametrize(
    "document",
    [path for path in DOCUMENTS if path.name != "CHANGELOG.md"],  # which tells of what was
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_a_path_that_is_named_exists(document: Path) -> None:
    named = {
        path for path in PATHS.findall(document.read_text()) if not re.search(r"NAME|/ID$", path)
    }  # places to fill in
    assert {path for path in named if not (ROOT / path).exists()} == set()
