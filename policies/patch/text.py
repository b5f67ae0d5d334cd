"""Text of a patch: its lines, its syntax tree, and reasons that the rules or people cannot read it."""

import ast
import re

from incident.decision import Reason, because

LONGEST = 1_000_000
"""Most characters of a source file."""
DEEPEST = 100
"""Most levels of a syntax tree.  A walk by recursion has room for some 300."""
WIDEST = 400
"""Most characters of a line that a patch brings."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_LONE = re.compile(r"\r(?!\n)")
"""Carriage return that ends a line for the language, and overwrites it on a terminal."""
_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.ASCII)
_SAME = frozenset({"ascii", "us-ascii", "utf-8", "utf8"})
_TRIES = 3
_QUOTES = ("'", '"', '"""', "'''")


def lines(text: str) -> list[str]:
    """Return the lines of a source file with their ends, as the language counts them: a form feed ends none."""
    return _LINE.findall(text)


def parse(text: str) -> ast.Module | None:
    """Return the syntax tree; None when it is no Python, or too long or too deep to be judged."""
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
    # Level by level: a walk by recursion would fail on the very trees that are to be refused.
    level, depth = [tree], 0
    while level and depth <= DEEPEST:
        level, depth = [child for node in level for child in ast.iter_child_nodes(node)], depth + 1
    return depth


def cookies(text: str) -> tuple[str, ...]:
    """Encodings that the first two lines name.  With another one than UTF-8 the same text is other code."""
    found = (_COOKIE.match(line) for line in lines(text[:4_000])[:2])
    return tuple(match.group(1).lower().replace("_", "-") for match in found if match)


def unreadable(before: str, after: str) -> tuple[str | Reason, ...]:
    """Reasons that people cannot read a patch: control and format characters, very long lines, other encodings."""
    known = {*before, "\t", "\n"}
    hidden = sorted({char for char in after if char not in known and not char.isprintable()})
    hidden += ["\r"] if _LONE.search(after) and not _LONE.search(before) else []
    old = set(lines(before))
    long = [line for line in lines(after) if len(line) > WIDEST and line not in old]
    cookie = sorted(set(cookies(after)) - set(cookies(before)))
    return (
        *(f"U+{ord(char):04X}" for char in hidden),
        *(because("long_line", characters=len(line)) for line in long[:3]),
        *(because("encoding", name=name) for name in cookie),
    )


def unparse(node: ast.AST) -> str:
    """Return the code of a syntax tree, as the same text on every Python: a record replays on another one, too.

    `ast.unparse` does not write f-strings alike: since 3.12 the quotes around one may stand inside of it as well.
    """
    has = any(isinstance(each, ast.JoinedStr | ast.FormattedValue) for each in ast.walk(node))
    return ast.unparse(_without_f_strings(node) if has else node)


def shown(node: ast.AST) -> str:
    """Return a piece of code on one line, for a sentence."""
    return " ".join(unparse(node).split())[:120]


def last_name(node: ast.AST) -> str:
    """Return the last name of a chain of attributes; empty for anything else."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _without_f_strings(node: ast.AST) -> ast.AST:
    """Return a copy in which each f-string is a name with its text: a name is written as it is."""
    if isinstance(node, ast.JoinedStr):
        return ast.Name(id=_f_string(node))
    if isinstance(node, ast.FormattedValue):
        return ast.Name(id=_part(node))
    parts: dict[str, object] = {}
    for name, value in ast.iter_fields(node):
        items = value if isinstance(value, list) else [value]
        copies = [_without_f_strings(item) if isinstance(item, ast.AST) else item for item in items]
        parts[name] = copies if isinstance(value, list) else copies[0]
    return ast.copy_location(type(node)(**parts), node)


def _f_string(node: ast.JoinedStr) -> str:
    """Return an f-string as Python 3.11 writes it, in quotes that are not inside of it."""
    quotes, body = list(_QUOTES), ""
    for part in node.values:
        piece = _part(part)
        last = piece[-1:]
        fitting = [quote for quote in quotes if quote not in piece and (len(quote) == 3 or "\n" not in piece)]
        fitting.sort(key=lambda quote, last=last: quote[0] == last)  # type: ignore[misc]
        constant = isinstance(part, ast.Constant)
        if constant and not fitting:
            piece = piece.replace(quotes[0][0], f"\\{quotes[0][0]}")
        elif constant and fitting[0][0] == last:
            piece = f"{piece[:-1]}\\{last}"
        quotes, body = fitting or quotes[:1], body + piece
    return f"f{quotes[0]}{body}{quotes[0]}"


def _part(part: ast.expr) -> str:
    if not isinstance(part, ast.FormattedValue):
        text = str(part.value) if isinstance(part, ast.Constant) else unparse(part)
        return "".join(map(_escaped, text)).replace("{", "{{").replace("}", "}}")
    inner = unparse(part.value)
    inner = f"({inner})" if isinstance(part.value, ast.IfExp | ast.Lambda) else inner
    space = " " if inner.startswith("{") else ""
    how = f"!{chr(part.conversion)}" if part.conversion != -1 else ""
    spec = f":{''.join(map(_part, part.format_spec.values))}" if isinstance(part.format_spec, ast.JoinedStr) else ""
    return f"{{{space}{inner}{how}{spec}}}"


def _escaped(char: str) -> str:
    return char if char.isprintable() and char != "\\" else char.encode("unicode_escape").decode("ascii")
