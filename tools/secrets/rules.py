"""Loads gitleaks' rules as Python patterns.  Pure but for reading the file beside it.

``gitleaks/gitleaks.toml`` is upstream's file as it is; ``gitleaks/README.md`` says which version, and how to renew it.
Its expressions are Go's (RE2); what Python spells otherwise is translated here, and nothing is left out silently.
"""

import functools
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tools.secrets import names

Span = tuple[int, int]

_FILE = Path(__file__).parent / "gitleaks" / "gitleaks.toml"

LEFT_OUT = {
    "generic-api-key": "any word beside a key; pairs finds it by name",
    "hashicorp-tf-password": "pairs finds it",
    "curl-auth-header": "takes more than linear time; shapes finds it",
    "curl-auth-user": "takes more than linear time; shapes finds it",
    "kubernetes-secret-yaml": "takes more than linear time; shapes finds it",
    "private-key": "takes more than linear time; shapes finds it, unfinished ones too",
    "jwt": "shapes finds it, without a signature too",
    "pkcs12-file": "a rule about file names",
    "sourcegraph-access-token": "every commit id is one",
}
"""Rules that are not used, and why."""

_PREFIX = r"[\w.-]{0,50}?"
"""Before the name that a rule looks for.  Only the secret is wanted, and this makes the search quadratic."""
_TRAILER = "(?:[\\x60'\"\\s;]|\\\\[nr]|$)"
"""The end that gitleaks wants behind a secret; in a log a bracket or a comma may stand there as well."""
_QUOTES = ("[\\s'\"]{0,3}", "[\\x60'\"\\s=]{0,5}")
"""Around the sign between name and secret; JSON inside of JSON has backslashes there."""


class Rule:
    """One shape of secrets.  The pattern is compiled when a text first holds one of the keywords."""

    prose = False

    def __init__(self, name: str, expression: str, needles: tuple[str, ...], least: float) -> None:
        self.name, self.expression, self.needles, self.least = name, expression, needles, least

    @functools.cached_property
    def pattern(self) -> re.Pattern[str]:
        """The translated expression."""
        return re.compile(translated(self.expression), re.ASCII)

    def spans(self, text: str) -> Iterator[Span]:
        """Spans of its secrets: the first group that matched, or the whole match."""
        for found in self.pattern.finditer(text):
            group = next((number for number in range(1, self.pattern.groups + 1) if found[number]), 0)
            if not self.least or names.entropy(found[group]) >= self.least:
                yield found.span(group)


@functools.cache
def rules() -> tuple[Rule, ...]:
    """All rules that are used."""
    with _FILE.open("rb") as file:
        listed = tomllib.load(file)["rules"]
    return tuple(
        Rule(rule["id"], rule["regex"], tuple(rule["keywords"]), float(rule.get("entropy", 0)))
        for rule in listed
        if rule["id"] not in LEFT_OUT
    )


def translated(expression: str) -> str:
    r"""An expression of Go in Python's spelling, to be compiled with `re.ASCII`.

    ``(?i)`` in the middle holds to the end of its group, ``$`` and ``\z`` are the end of the text, and classes have
    POSIX names.
    """
    for quotes in _QUOTES:
        expression = expression.replace(quotes, quotes.replace("[", "[\\\\", 1))
    expression = expression.replace(_PREFIX, "").replace(_TRAILER, r"(?!\w)")
    out: list[str] = []
    flagged = [0]
    at = 0
    while at < len(expression):
        token = _TOKEN.match(expression, at)
        if token is None:
            raise ValueError(f"cannot read {expression[at:]!r}")
        piece, at = token.group(), token.end()
        if piece == "(?i)":
            flagged[-1] += 1
            # Python takes `(?i)` only at the very beginning (an error since 3.11), so it becomes a group.
            piece = "(?i:"
        elif piece == "(":
            flagged.append(0)
        elif piece == ")":
            piece += ")" * flagged.pop()
        out.append(_SPELLED.get(piece, piece) if piece[0] != "[" else piece.replace("[:alnum:]", "a-zA-Z0-9"))
    return "".join(out) + ")" * flagged.pop()


_TOKEN = re.compile(r"\(\?i\)|\\.|\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]|.", re.DOTALL)
_SPELLED = {"$": r"\Z", r"\z": r"\Z"}
