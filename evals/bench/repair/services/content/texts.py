"""Texts."""

import re
import string
from typing import Any

UNTITLED = "untitled"
"""The slug of a title without a letter or digit."""

MISSING = "…"
"""Stands for a placeholder that has no value."""


def slug(title: str) -> str:
    """A title as part of a path: plain letters and digits with hyphens between; other letters are left out."""
    plain = title.encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain)) or UNTITLED


def fill(template: str, values: dict[str, Any]) -> str:
    """A template with its ``$names`` replaced; MISSING stands where a name has no value."""
    names = string.Template(template).get_identifiers()
    return string.Template(template).substitute({name: values.get(name, MISSING) for name in names})


def excerpt(text: str, words: int) -> str:
    """The first words of a text; an ellipsis says that there were more."""
    found = text.split()
    if len(found) <= words:
        return " ".join(found)
    return " ".join(found[:words]) + " …"


def first_heading(lines: list[str]) -> str:
    """The first line that begins with ``#``, without it; UNTITLED when there is none."""
    headings = [line for line in lines if line.startswith("#")]
    if not headings:
        return UNTITLED
    return headings[0].lstrip("# ")


def byline(page: dict[str, Any]) -> str:
    """Who wrote a page: the editors, or the site when a page names none."""
    editors = page.get("editors") or ["the site"]
    return "by " + " and ".join(editors)
