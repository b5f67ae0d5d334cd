"""Log text as the lines that parsers of stack traces read: decoded, visible, and without what collectors put before."""

import json
import re
from collections.abc import Iterator

from pydantic import JsonValue

from tools import text

MAX_CHARACTERS = 1 << 20
"""Characters that are read of one text, its first: a stack trace is far smaller."""

MAX_LINE = 4000
"""Characters that are read of one line."""

MAX_LINES = 50_000
"""Lines that are read of one text, its first."""

_DEPTH = 3
"""JSON inside of JSON that is opened: a collector wraps a line, and a logger writes its error as text."""

_PREFIX = re.compile(
    r"(?:[\w.-]{1,80} +\| )?"  # docker compose
    r"(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)? "  # an RFC 3339 time (kubectl, CRI)
    r"(?:std(?:out|err) [FP] )?)?"
)
_ESCAPED = re.compile(r"\\n(?:\\t|\t| +(?:at |File |\| )|goroutine \d|Traceback|Caused by|[^\s:\\]{1,200}:\d{1,9}:in )")
"""A line break that was written as two characters, before something that begins a line of a stack trace."""
_QUOTED = re.compile(r'=("(?:[^"\\]|\\.)*")')
"""A value of ``key="value"``."""
_ESCAPE = re.compile(r"\\(.)")
_MEANT = {"n": "\n", "t": "\t", "r": ""}


def texts(whole: str) -> Iterator[list[str]]:
    """The lines of each text that may hold a trace: the plain lines together, and each text of several lines in JSON."""
    plain: list[str] = []
    for whole_line in whole[:MAX_CHARACTERS].replace("\0", "").splitlines()[:MAX_LINES]:
        line, others = whole_line, list[str]()
        for _ in range(_DEPTH):
            wrapped, found = _opened(line)
            others += found
            if wrapped is None:
                break
            line = wrapped
        for other in others:
            yield _lines(other.splitlines())
        if not others:
            plain.append(line)
    yield _lines(plain)


def _opened(line: str) -> tuple[str | None, list[str]]:
    """The line of a container's log that a JSON line wraps, if any, and the texts of several lines that it holds."""
    if line.lstrip()[:1] not in ("{", "[", '"'):
        quoted = _QUOTED.findall(line) if _ESCAPED.search(line) else []
        return None, [said for one in quoted if isinstance(said := _json(one), str) and "\n" in said]
    whole = _json(line)
    wrapped = whole.get("log") if isinstance(whole, dict) else None
    if isinstance(wrapped, str) and len(wrapped.splitlines()) == 1:
        return wrapped.rstrip("\r\n"), []
    return None, list(_strings(whole)) if isinstance(whole, dict | list | str) else []


def _lines(lines: list[str]) -> list[str]:
    return [_bare(part) for line in lines for part in _parts(line)]


def _parts(line: str) -> list[str]:
    if "\\n" not in line or not _ESCAPED.search(line):
        return [line]
    return _ESCAPE.sub(lambda found: _MEANT.get(found[1], found[1]), line).splitlines()


def _bare(line: str) -> str:
    """The line's visible characters, tabs as one space each, without time or name of a container in front."""
    spaced = line[:MAX_LINE].replace("\t", " ")
    seen = spaced if spaced.isascii() and spaced.isprintable() else text.visible(spaced)
    prefix = _PREFIX.match(seen)
    return seen[prefix.end() if prefix else 0 :].rstrip()


def _strings(whole: JsonValue) -> Iterator[str]:
    """Texts of several lines in a JSON value, in the order in which they stand."""
    waiting: list[tuple[JsonValue, int]] = [(whole, 0)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, dict):
            waiting += [(item, depth) for item in reversed(value.values())]
        elif isinstance(value, list):
            joined = all(isinstance(item, str) for item in value)
            if joined and len(value) > 1:
                yield "\n".join(map(str, value))
            else:
                waiting += [(item, depth) for item in reversed(value)]
        elif isinstance(value, str):
            inner = _json(value) if depth < _DEPTH and value.lstrip()[:1] in ("{", "[", '"') else None
            if isinstance(inner, dict | list | str):
                waiting.append((inner, depth + 1))
            elif "\n" in value or "\\n" in value:
                yield value


def _json(line: str) -> JsonValue:
    try:
        found: JsonValue = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found
