"""Prompts have a name, a version, and a digest that changes with them."""

import pytest

from agents import prompts
from incident.errors import BadInput


@pytest.mark.parametrize(("name", "version"), [("rca", 2), ("patch", 3), ("small", 1), ("review", 2)])
def test_the_shipped_prompts_load(name: str, version: int) -> None:
    prompt = prompts.shipped(name)  # type: ignore[arg-type]  # parametrised
    assert (prompt.name, prompt.version) == (name, version)
    assert "written_by_workload" in prompt.text


def test_any_change_of_a_prompt_changes_its_digest() -> None:
    first = prompts.load("---\nname: a\nversion: 1\n---\nText.\n")
    others = [
        prompts.load("---\nname: a\nversion: 2\n---\nText.\n"),
        prompts.load("---\nname: b\nversion: 1\n---\nText.\n"),
        prompts.load("---\nname: a\nversion: 1\n---\nText!\n"),
    ]
    assert first.digest() not in [other.digest() for other in others]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Text.",
        "---\nname: a\n---\nText.",
        "---\nname: a\nversion: x\n---\nText.",
        "---\nname: a\nversion: 1\n---\n \n",
    ],
)
def test_a_prompt_without_a_front_matter_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="front matter"):
        prompts.load(text)
