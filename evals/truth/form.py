"""Forms of sentences, and the search for a way to read a text as a row of them."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from evals.truth.record import Run

Check = Callable[[Run, re.Match[str]], bool]


class Form(NamedTuple):
    """One form of a sentence, and its check against the record."""

    name: str
    pattern: re.Pattern[str]
    check: Check


def form(name: str, pattern: str, check: Check) -> Form:
    """A form that is matched as a whole."""
    return Form(name, re.compile(pattern, re.DOTALL), check)


CLAIMS = re.compile(
    r"nothing (was|is|were|has been|had been) (changed|deployed|touched|configured)|\bno (change|deploy|release)s?\b"
    r"|shortly before|unchanged since|changed no\b",
    re.IGNORECASE,
)
"""Words by which a change is ruled out or in; only forms of `CLAIMING` may hold them."""

CLAIMING = frozenset({"no change", "changes", "asked changes", "own changes", "reason", "healed", "no remedy", "fate"})

_JOINT = re.compile(r"(\. (?=[A-Z“])|; )")


def unsupported(text: str, forms: Sequence[Form], run: Run) -> list[str]:
    """The pieces of a text that no form reads, of the reading that leaves the fewest; none: it is supported."""
    pieces = _JOINT.split(text.removesuffix("."))
    words, joints = pieces[::2], [*pieces[1::2], ""]
    # The best reading of each end of the text, from its last piece to its first.
    best: list[list[str]] = [[] for _ in range(len(words) + 1)]
    for start in reversed(range(len(words))):
        best[start] = [words[start], *best[start + 1]]
        for end, said in _longer(words, joints, start):
            if len(best[end]) < len(best[start]) and supported(said, forms, run):
                best[start] = best[end]
    return best[0]


def _longer(words: list[str], joints: list[str], start: int) -> Iterator[tuple[int, str]]:
    said = ""
    for index in range(start, len(words)):
        said += words[index]
        yield index + 1, said
        said += joints[index]


def supported(said: str, forms: Sequence[Form], run: Run) -> bool:
    """True when a form reads this piece, and its check holds."""
    claims = CLAIMS.search(said) is not None
    for one in forms:
        found = one.pattern.fullmatch(said)
        if found is not None and not (claims and one.name not in CLAIMING) and one.check(run, found):
            return True
    return False
