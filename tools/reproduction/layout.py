"""Writes the files that a process of the service's own interpreter is to import.  Runs inside the sandbox, isolated."""

from __future__ import annotations

import os
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def place() -> str:
    """A path in the sandbox's temporary folder that nobody knows yet, named as such folders usually are."""
    return f"/tmp/tmp{os.urandom(4).hex()}"  # noqa: S108 (the sandbox's own)


def source(name: str) -> str:
    """The text of one of these files, wherever they lie."""
    text = pkgutil.get_data("tools.reproduction", name)
    if text is None:
        raise FileNotFoundError(name)
    return text.decode()


def lay_out(folder: str, files: Mapping[str, str]) -> None:
    """Write text files by path below a new folder."""
    for name, text in files.items():
        os.makedirs(os.path.dirname(f"{folder}/{name}"), exist_ok=True)  # noqa: PTH103, PTH120 (few imports)
        with open(f"{folder}/{name}", "w", encoding="utf-8") as file:  # noqa: PTH123 (as above)
            file.write(text)


def take_away(folder: str) -> None:
    """Remove a folder with all that is in it."""
    for inner, folders, files in os.walk(folder, topdown=False):
        for name in files:
            os.unlink(f"{inner}/{name}")  # noqa: PTH108 (as above)
        for name in folders:
            os.rmdir(f"{inner}/{name}")  # noqa: PTH106 (as above)
    os.rmdir(folder)  # noqa: PTH106 (as above)
