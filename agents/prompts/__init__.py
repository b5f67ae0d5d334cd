"""Prompts: Markdown beside this file, each with its own name and version in a front matter.

Wiring calls `shipped` (or reads its own folder and calls `load`) and hands the prompts to the agents.
"""

from importlib import resources
from typing import Literal

from incident.errors import BadInput
from incident.value import Value


class Prompt(Value):
    """One prompt.  `digest()` covers name, version and text, and goes into the record."""

    name: str
    version: int
    text: str


def load(text: str) -> Prompt:
    """Read a prompt: ``---``, lines of ``key: value`` (name, version), ``---``, Markdown.  Raises BadInput."""
    head, found, body = text.removeprefix("---\n").partition("\n---\n")
    fields = dict(line.split(":", 1) for line in head.splitlines() if ":" in line)
    name, version = fields.get("name", "").strip(), fields.get("version", "").strip()
    if not text.startswith("---\n") or not found or not name or not version.isdecimal() or not body.strip():
        raise BadInput("prompt", text[:40], "start with a front matter that has a name and a whole number as version")
    return Prompt(name=name, version=int(version), text=body.strip())


def shipped(name: Literal["rca", "patch", "small", "review"]) -> Prompt:
    """The prompt of this name that comes with the package."""
    return load(resources.files(__package__).joinpath(f"{name}.md").read_text(encoding="utf-8"))
