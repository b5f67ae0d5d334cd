"""Documents of blocks, rendered as Markdown or as plain text for a terminal.  Pure.

Text from a workload may be in any block but code, so each line is flattened and stripped of markup here.
"""

import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from graph.reports.prose import shown

WIDTH = 100
"""Columns of plain text."""

_LONGEST, _WHOLE = 600, 10_000
"""Most characters of one item, and of a paragraph."""


class Heading(NamedTuple):
    """A title; level 1 is the document's."""

    level: int
    text: str


class Items(NamedTuple):
    """A list under a label, which may be empty."""

    label: str
    lines: tuple[str, ...]


class Table(NamedTuple):
    """Rows under the names of their columns; the first cell names the row."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Code(NamedTuple):
    """Text that is shown as it is, in a language."""

    language: str
    text: str


Block = Heading | Items | Table | Code | str
"""A string is a paragraph."""


def markdown(blocks: Iterable[Block]) -> str:
    """Return the document as Markdown; lists and tables without content are left out."""
    return "\n\n".join(filter(None, map(_marked, blocks))) + "\n"


def _marked(block: Block) -> str:
    match block:
        case Heading(level, title):
            return f"{'#' * level} {shown(title)}"
        case Items(label, lines):
            head = f"{shown(label, _LONGEST)}:\n\n" if label and lines else ""
            return head + "\n".join(f"- {shown(line, _LONGEST)}" for line in lines)
        case Table(columns, rows):
            ruled = (columns, ("---",) * len(columns), *rows) if rows else ()
            return "\n".join(f"| {' | '.join(shown(cell) for cell in row)} |" for row in ruled)
        case Code(language, content):
            # Longer than any run of backticks inside, which would close the block (CommonMark, 4.5).
            fence = "`" * max(3, 1 + max(map(len, re.findall("`+", content)), default=0))
            return f"{fence}{language}\n{content}\n{fence}"
        case str():
            return shown(block, _WHOLE)


def text(blocks: Iterable[Block]) -> str:
    """Return the document as wrapped text for a terminal, each row of a table as a sentence."""
    return "\n\n".join(filter(None, ("\n".join(_plain(block)) for block in blocks))) + "\n"


def _plain(block: Block) -> Iterator[str]:
    match block:
        case Heading(_, title):
            yield shown(title)
        case Items(label, lines):
            for index, line in enumerate(lines):
                yield from _wrapped(f"{'' if index else label:<10} {shown(line, _LONGEST)}", "     ", hang=11)
        case Table(columns, rows):
            # Columns do not fit a terminal: their texts are sentences.
            for name, *cells in rows:
                told = (f"{column} {shown(cell)}" for column, cell in zip(columns[1:], cells, strict=True) if cell)
                yield from _wrapped(f"{shown(name)}: {'; '.join(told)}", "     ", hang=9)
        case Code(_, content):
            yield content
        case str():
            yield from _wrapped(shown(block, _WHOLE))


def _wrapped(words: str, indent: str = "", hang: int = 0) -> list[str]:
    """Return wrapped lines, indented below the text in front; no word is cut."""
    return textwrap.wrap(
        words,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + " " * hang,
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
    )
