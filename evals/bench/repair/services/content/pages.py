"""Pages and menus."""

from typing import Any

TITLES = {"": "Home", "garden": "Garden", "garden/roses": "Roses", "shop": "Shop"}
"""By path."""

STANDARD_WIDTH = 800
"""Pixels of a page that says nothing."""

DEFAULT_LANGUAGE = "en"


def parent(path: str) -> str:
    """The path above one; the home page, whose path is empty, for a page without one above."""
    above, _, _ = path.rpartition("/")
    return above


def trail(path: str) -> list[str]:
    """Titles from the home page to a page; a page without a title is called by the last part of its path."""
    titles = [TITLES.get(path, path.split("/")[-1])]
    while path:
        path = parent(path)
        titles.append(TITLES.get(path, path.split("/")[-1]))
    return titles[::-1]


def width(page: dict[str, Any]) -> int:
    """Pixels, a fraction rounded down; STANDARD_WIDTH when the page says nothing."""
    return int(float(page.get("width", STANDARD_WIDTH)))


def language(page: dict[str, Any]) -> str:
    """The language of a page; DEFAULT_LANGUAGE when it says nothing."""
    return page.get("language", DEFAULT_LANGUAGE)


def menu(titles: list[str], paths: list[str]) -> list[str]:
    """Lines of a menu; titles without a path, and paths without a title, are left out."""
    return [f"{title} -> {path}" for title, path in zip(titles, paths, strict=False)]


def section(path: str) -> str:
    """The first part of a path, or with a language before it (``de:``) the first part after that."""
    if ":" in path:
        path = path.split(":")[1]
    return path.split("/")[0]


def depth(node: dict[str, Any]) -> int:
    """Levels of a tree of pages, its root included."""
    return 1 + max((depth(child) for child in node.get("children") or []), default=0)
