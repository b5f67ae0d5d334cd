"""Words of texts that people and programs write: identifiers split, in lower case.  Pure."""

import re
from collections.abc import Iterable

from incident.evidence import Change

_WORDS = re.compile(r"[^\W\d_]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

SHORTEST = 3
"""Letters of the shortest word that means anything."""


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


EMPTY = _listed(
    "and are but can def else end err error errors exception fail failed failure false for from func function get has"
    " id import int integer into key let new nil none not null number object obj out package path private public request"
    " requests response return self set static str string struct text that the this time true try type undefined use"
    " value var void was when while will with"
)
"""Words of programming languages, of English and of every log, which tell nothing."""


def of(text: str) -> frozenset[str]:
    """The words of a text.

    >>> sorted(of("orderTimeoutMs=30; HTTPServer.retry_after"))
    ['after', 'http', 'order', 'retry', 'server', 'timeout']
    """
    parts = (part.lower() for word in _WORDS.findall(text) for part in _HUMP.split(word))
    return frozenset(part for part in parts if len(part) >= SHORTEST and part not in EMPTY)


def of_change(change: Change, names: Iterable[str]) -> frozenset[str]:
    """The words of what a change changed, and of what people said of it; names of services are places, no words."""
    told = [change.key or "", change.old or "", change.new or "", change.target, *map(_subject, change.commits)]
    told.extend(line[1:] for line in change.patch.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---"))
    places = frozenset().union(*(of(name) for name in names))
    return of("\n".join(told)) - places


def _subject(commit: str) -> str:
    """The subject of a commit, which stands behind its id."""
    return commit.partition(" ")[2]
