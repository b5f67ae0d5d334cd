"""A patch as text: whether it can be read at all, by the rules and by people."""

import ast
import re

LONGEST = 1_000_000
"""Characters of a source file."""
DEEPEST = 100
"""Levels of a syntax tree.  Whoever walks a tree by recursion has room for some 300."""
WIDEST = 400
"""Characters of a line that a patch brings."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_LONE = re.compile(r"\r(?!\n)")
"""Ends a line for the language, and overwrites it on a terminal."""
_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.ASCII)
_SAME = frozenset({"ascii", "us-ascii", "utf-8", "utf8"})
_TRIES = 3


def lines(text: str) -> list[str]:
    """The lines of a source file with their ends, as the language counts them: a form feed ends none."""
    return _LINE.findall(text)


def parse(text: str) -> ast.Module | None:
    """The syntax tree; None for what is no Python, or too long or too deep to be judged."""
    if len(text) > LONGEST or any(cookie not in _SAME for cookie in cookies(text)):
        return None
    for _ in range(_TRIES):
        try:
            tree = ast.parse(text)
        except SystemError:
            continue  # python 3.11 counts the depth for all threads in one place (cpython issue 106905)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        return tree if _depth(tree) <= DEEPEST else None
    return None


def _depth(tree: ast.AST) -> int:
    level, depth = [tree], 0
    while level and depth <= DEEPEST:
        level, depth = [child for node in level for child in ast.iter_child_nodes(node)], depth + 1
    return depth


def cookies(text: str) -> tuple[str, ...]:
    """Encodings that the first two lines name.  Another one than UTF-8 makes other code of the same text."""
    found = (_COOKIE.match(line) for line in lines(text[:4_000])[:2])
    return tuple(match.group(1).lower().replace("_", "-") for match in found if match)


def unreadable(before: str, after: str) -> tuple[str, ...]:
    """What a patch brings that nobody sees or reads to its end: control and format characters, and very long lines."""
    known = {*before, "\t", "\n"}
    hidden = sorted({char for char in after if char not in known and not char.isprintable()})
    hidden += ["\r"] if _LONE.search(after) and not _LONE.search(before) else []
    old = set(lines(before))
    long = [line for line in lines(after) if len(line) > WIDEST and line not in old]
    cookie = sorted(set(cookies(after)) - set(cookies(before)))
    return (
        *(f"U+{ord(char):04X}" for char in hidden),
        *(f"a line of {len(line)} characters" for line in long[:3]),
        *(f"encoding {name}" for name in cookie),
    )
