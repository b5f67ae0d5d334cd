"""The page of the ports: a section per port of a world, and a row per question that it has."""

import re
import typing
from collections.abc import Mapping
from pathlib import Path

import pytest

from tools import ports

PAGE = Path(__file__).parents[3] / "docs" / "ports.md"
ROW = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)
PORTS: Mapping[str, type] = {
    "world": ports.World,
    **{name: kind for name, kind in typing.get_type_hints(ports.World).items() if typing.Protocol in kind.__mro__},
}
"""Ports that a world carries, by the heading of their section, and the world itself."""


def asked(page: str) -> dict[str, list[str]]:
    """The questions of each section, by its heading in lower case."""
    sections = (section.partition("\n") for section in re.split(r"^### ", page, flags=re.MULTILINE)[1:])
    return {heading.lower(): ROW.findall(body.partition("\n## ")[0]) for heading, _, body in sections}


def questions(port: type) -> set[str]:
    """The methods of a port."""
    return {name for name, value in vars(port).items() if callable(value) and not name.startswith("_")}


@pytest.mark.parametrize("name", PORTS)
def test_every_question_of_a_port_has_one_row_and_no_row_asks_anything_else(name: str) -> None:
    assert sorted(asked(PAGE.read_text()).get(name, [])) == sorted(questions(PORTS[name]))


def test_every_section_is_of_a_port() -> None:
    assert set(asked(PAGE.read_text())) == set(PORTS)


def test_control_a_page_without_a_row_is_told() -> None:
    page = PAGE.read_text()
    cut = re.sub(r"^\| `settled` .*\n", "", page, flags=re.MULTILINE)
    assert cut != page
    assert set(asked(cut)["platform"]) == questions(ports.Platform) - {"settled"}
