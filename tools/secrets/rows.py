"""Finds secrets in SQL statements: the names stand in the statement, and the values in another list.  Pure."""

import re
from collections.abc import Iterator

from tools.secrets import names as secret_names

Span = tuple[int, int]

_STATEMENT = re.compile(
    r"\b(?:insert|replace)\s+into\s+[^\s(]{1,200}\s*\((?P<columns>[^()]{1,1000})\)\s*values?\b"
    r"|\bkey \((?P<key>[^()]{1,300})\)=(?=\()"
    r"|\bupdate\s+\S{1,200}\s+set\s(?P<set>[^;\n]{1,1000}?(?:\?|%s|\$\d|:\w))"
    r"|\b(?:select|delete)\s[^;\n]{1,1000}?\bwhere\s(?P<where>[^;\n]{1,600}?(?:\?|%s|\$\d|:\w))",
    re.IGNORECASE,
)
_STRING = re.compile(r"'((?:[^'\\]|\\.|''){1,400})'|\"((?:[^\"\\]|\\.){1,400})\"")
_ROW = re.compile(r"\(([^()]{1,1000})\)")
_NAME = re.compile(r"[A-Za-z_][\w.]{1,60}")
_DUPLICATE = re.compile(r"\bduplicate entry '([^'\n]{1,400})' for key '([\w.-]{1,100})'", re.IGNORECASE)
_INSIDE = 1_000
"""Characters behind a statement in which its values stand."""


class Rows:
    """Statements that name a secret, each with the texts that are written to it or looked up by it."""

    needles = ("insert into", "replace into", "key (", "update ", "where ", "duplicate entry")
    prose = True

    def spans(self, text: str) -> Iterator[Span]:
        """Spans of the values of such statements."""
        for found in _DUPLICATE.finditer(text):
            if secret_names.kind(found[2]):
                yield found.span(1)
        for found in _STATEMENT.finditer(text):
            names = found["columns"] or found["key"] or found["set"] or found["where"]
            if any(map(secret_names.kind, _NAME.findall(names))):
                end = found.end()
                yield from _row(text, end) if found["key"] else _strings(text, end)


def _row(text: str, start: int) -> Iterator[Span]:
    """The values of a key, which have no quotes."""
    found = _ROW.match(text, start)
    for value in re.finditer(r"[^,\s][^,]*", found[1]) if found else ():
        if secret_names.looks_secret(value.group()):
            yield start + 1 + value.start(), start + 1 + value.end()


def _strings(text: str, start: int) -> Iterator[Span]:
    """The texts behind a statement, in it or in its parameters."""
    for found in _STRING.finditer(text, start, min(len(text), start + _INSIDE)):
        group = 1 if found[1] else 2
        if secret_names.looks_secret(found[group]):
            yield found.span(group)
